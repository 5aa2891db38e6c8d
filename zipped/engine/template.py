"""Rendering: a template is any JSON whose texts may hold expressions; what they stand for is looked up in a scope.

A text that is one expression and nothing else takes on the value with its type; in any other text, null is nothing and
lists and objects are compact JSON. The template and the scope are never changed, and the result shares no list or
object with them. What was looked up is data: it is never read as a template again.

Bounds, each an error that says so: MAX_SIZE for a value and for the result, MAX_DEPTH levels, and MAX_WORK in all, so
that a thousand expressions over a large event cost no more than a few. That much takes up to a second: who has others
to serve allows less at first, and renders what is Heavy in a thread.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from zipped.engine import expression, filters
from zipped.engine.expression import Expression, ExpressionError, Part, Template, path_text
from zipped.engine.filters import FilterError
from zipped.engine.outcome import Json
from zipped.engine.values import MAX_DEPTH, MAX_SIZE, Meter, Missing, ValueRefused, kind_of, text_of

#: What expressions may begin with, and what is known to lie there; "steps" holds one entry per step that is done.
SCOPE: Mapping[str, frozenset[str]] = {
    "trigger": frozenset({"body", "headers", "query", "method", "raw"}),
    "steps": frozenset(),
    "run": frozenset({"id"}),
    "zip": frozenset({"id", "name"}),
}

MAX_WORK = 16 * MAX_SIZE  # bytes that the expressions of one template look at
NODE_WORK = 24  # bytes that a single value counts besides its own: it takes that much longer
CACHED_LENGTH = 4_096  # characters; longer texts are parsed each time
CACHED_TEXTS = 2_048


class Heavy(Exception):
    """Rendering takes more work than the caller allows here; elsewhere it may well be rendered."""


class TemplateError(Exception):
    """A template can't be rendered, or can't be read at all.

    `path` leads to the text at fault within the template; `position` is the character in it, from 0.
    """

    def __init__(self, message: str, path: tuple[str, ...] = (), position: int = 0) -> None:
        super().__init__(f"{'.'.join(path)}: {message}" if path else message)
        self.message = message
        self.path = path
        self.position = position


@dataclass(frozen=True, slots=True)
class Reference:
    """One expression of a template: where it is written, and what it looks up."""

    #: Of the text within the template.
    location: tuple[str, ...]
    position: int
    #: What is looked up: ("steps", "call", "body", "items", 0).
    path: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Rendered:
    """One text of a template, and what became of it."""

    #: Of the text within the template.
    location: tuple[str, ...]
    value: Json | TemplateError


def render(value: Json, scope: Mapping[str, Json], *, within: int = MAX_WORK) -> Json:
    """The template with everything looked up. Raises TemplateError, and nothing else, whatever it is given.

    With less work allowed than MAX_WORK it raises Heavy as soon as it takes more than that.
    """
    return _Rendering(scope, within).value(value, (), 0)


def render_each(value: Json, scope: Mapping[str, Json]) -> list[Rendered]:
    """Every text of a template that holds an expression, rendered for itself: one that fails leaves the others alone.

    In the order of the template. The limits hold for all of them together, as in `render`.
    """
    rendering = _Rendering(scope)
    return [Rendered(path, rendering.attempt(text, path)) for path, text in _texts(value) if is_expression(text)]


def is_expression(value: object) -> bool:
    """Whether a text holds an expression, readable or not. Only then may rendering change it into something else."""
    if not isinstance(value, str) or "{{" not in value:
        return False
    try:
        return any(isinstance(part, Expression) for part in _compiled(value))
    except ExpressionError:
        return True


def references(value: Json) -> list[Reference]:
    """Every expression of a template that can be read; `problems` has the others."""
    return [one for one in _inspect(value) if isinstance(one, Reference)]


def problems(value: Json) -> list[TemplateError]:
    """Every text of a template that can't be read, with the position of its first fault."""
    return [one for one in _inspect(value) if isinstance(one, TemplateError)]


def _inspect(value: Json) -> Iterator[Reference | TemplateError]:
    for path, text in _texts(value):
        try:
            for part in _compiled(text):
                if isinstance(part, Expression):
                    yield Reference(path, part.position, part.path)
        except ExpressionError as error:
            yield TemplateError(error.message, path, error.position)


def _texts(value: Json) -> Iterator[tuple[tuple[str, ...], str]]:
    """Every text of a template, with the path to it."""
    left: list[tuple[Json, tuple[str, ...]]] = [(value, ())]
    while left:
        node, path = left.pop()
        if isinstance(node, dict) and len(path) <= MAX_DEPTH:
            left.extend((child, (*path, str(key)[:100])) for key, child in reversed(node.items()))
        elif isinstance(node, list) and len(path) <= MAX_DEPTH:
            left.extend((child, (*path, str(index))) for index, child in reversed(list(enumerate(node))))
        elif isinstance(node, str):
            yield path, node


class _Rendering:
    """One call of `render`: what it looks things up in, and what it has used of its limits."""

    def __init__(self, scope: Mapping[str, Json], within: int = MAX_WORK) -> None:
        self.scope = scope
        self.within = within
        self.output = Meter(MAX_SIZE)
        self.work = 0

    def value(self, template: Json, path: tuple[str, ...], depth: int) -> Json:
        if depth > MAX_DEPTH:
            raise TemplateError(f"it is nested deeper than {MAX_DEPTH} levels", path[:3])
        if isinstance(template, dict):
            return {
                self._key(key, path): self.value(child, (*path, str(key)[:100]), depth + 1)
                for key, child in template.items()
            }
        if isinstance(template, list):
            return [self.value(child, (*path, str(index)), depth + 1) for index, child in enumerate(template)]
        if isinstance(template, str) and "{{" in template:
            return self._text(template, path)
        return self._checked(template, path)

    def attempt(self, text: str, path: tuple[str, ...]) -> Json | TemplateError:
        try:
            return self._text(text, path)
        except TemplateError as error:
            return error

    def _text(self, text: str, path: tuple[str, ...]) -> Json:
        try:
            parts = _compiled(text)
        except ExpressionError as error:
            raise TemplateError(error.message, path, error.position) from None
        if len(parts) == 1 and isinstance(parts[0], Expression):
            return self._checked(self._evaluated(parts[0], path), path, parts[0])
        told: list[str] = []
        for part in parts:
            if isinstance(part, str):
                told.append(self._checked(part, path))
            else:
                told.append(self._checked(text_of(self._evaluated(part, path)), path, part))
        return "".join(told)

    def _evaluated(self, one: Expression, path: tuple[str, ...]) -> Json:
        try:
            value = self._measured(_look_up(one.path, self.scope))
            for call in one.filters:
                result = filters.apply(call.name, value, call.arguments)
                if isinstance(result, Missing) and not isinstance(value, Missing):
                    result = Missing(f"{path_text(one.path)} | {call.name}: {result.message}")
                value = self._measured(result)
        except (FilterError, ValueRefused) as error:
            raise TemplateError(f"{path_text(one.path)}: {error}", path, one.position) from None
        if isinstance(value, Missing):
            raise TemplateError(value.message, path, one.position)
        return value

    def _measured(self, value: Json | Missing) -> Json | Missing:
        if isinstance(value, Missing):
            return value
        partly = self.within < MAX_WORK
        meter = Meter(min(MAX_SIZE, self.within - self.work) if partly else MAX_SIZE)
        try:
            copied = meter.copy(value)
            self.work += meter.size + NODE_WORK * meter.nodes
            if self.work > self.within:
                raise ValueRefused(f"the expressions of this step look at more than {MAX_WORK // 2**20} MiB in all")
        except ValueRefused as error:
            if partly:
                raise Heavy from error
            raise
        return copied

    def _key(self, key: object, path: tuple[str, ...]) -> str:
        if not isinstance(key, str):
            raise TemplateError(f"a key is {kind_of(key)}", path)
        checked: str = self._checked(key, path)
        return checked

    def _checked(self, value: Json, path: tuple[str, ...], one: Expression | None = None) -> Json:
        """Counted towards the size of the result."""
        try:
            return self.output.copy(value)
        except ValueRefused as error:
            raise TemplateError(str(error), path, one.position if one else 0) from None


def _look_up(path: tuple[Part, ...], scope: Mapping[str, Json]) -> Json | Missing:
    """Follows the path; where it ends early, says which part is not there."""
    value: Json = scope if isinstance(scope, dict) else dict(scope)
    for index, part in enumerate(path):
        if isinstance(value, dict) and isinstance(part, str):
            if part not in value:
                return _missing_key(value, path, index)
            value = value[part]
        elif isinstance(value, list) and isinstance(part, int):
            if part >= len(value):
                return Missing(f"{path_text(path[:index])} has only {len(value)} items, there is no [{part}]")
            value = value[part]
        elif isinstance(value, list):
            return Missing(f"{path_text(path[:index])} is a list: say which item, as in {path_text(path[:index])}[0]")
        else:
            return Missing(f"{path_text(path[:index])} is {kind_of(value)} and has no {path_text((part,))}")
    return value


def _missing_key(value: dict[str, Json], path: tuple[Part, ...], index: int) -> Missing:
    part = path_text((path[index],))
    if index == 0:
        return Missing(f'there is no "{part}"; paths begin with {", ".join(SCOPE)}')
    if path[0] == "steps" and index == 1:
        return Missing(f'no step "{part}" is done by now: it comes later, was skipped, or does not exist')
    known = ", ".join(path_text((key,)) for key in islice(value, 8) if isinstance(key, str))
    more = ", …" if len(value) > 8 else ""
    return Missing(f"{path_text(path[:index])} has no {part}" + (f" (it has: {known}{more})" if known else ""))


def _compile(text: str) -> Template:
    """The parts of a text, with its filters checked. Raises ExpressionError."""
    parts = expression.parse(text)
    for part in parts:
        for call in part.filters if isinstance(part, Expression) else ():
            if problem := filters.problem(call.name, call.arguments):
                raise ExpressionError(problem, call.position)
    return parts


_compile_cached = lru_cache(CACHED_TEXTS)(_compile)


def _compiled(text: str) -> Template:
    if len(text) > CACHED_LENGTH:
        return _compile(text)
    return _compile_cached(text) if "{{" in text else (text,)
