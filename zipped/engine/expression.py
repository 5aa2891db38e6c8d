"""The language of expressions: a path and filters with literal arguments, and nothing else.

    template   = text, with any number of "{{" expression "}}" in it
    expression = path { "|" filter }
    path       = name { "." name | "[" index "]" | "[" string "]" }
    filter     = name [ "(" literal { "," literal } ")" ]
    literal    = string | number | "true" | "false" | "null"

    name       = a letter or "_", then letters, digits, "_" and "-"        content-type, größe
    index      = digits                                                    items[0]
    string     = "…" or '…' with the escapes \\\\ \\" \\' \\n \\r \\t
    number     = as in JSON, within 64 bits

There are no operators, calls, loops or attributes: a path steps through JSON and can reach nothing else. A backslash
before "{{" makes it plain text: `\\{{` gives `{{`, and `\\\\{{` a backslash and then an expression. Everything else
outside of "{{" and "}}" is text as it stands: "${", "{%" and a lone "}}" too.

Parsing reads each character a bounded number of times.
"""

import re
from dataclasses import dataclass
from typing import TypeAlias

from zipped.engine.document import number_fits

MAX_EXPRESSION = 2_000  # characters between the braces
MAX_PARTS = 64  # of a path
MAX_FILTERS = 32  # of an expression
MAX_EXPRESSIONS = 1_000  # of a template
SHOWN_NAME = 100  # characters of a name in a path that is told

Literal: TypeAlias = str | int | float | bool | None
Part: TypeAlias = str | int


class ExpressionError(Exception):
    """What is written between the braces is no expression. `position` counts characters from the template's start."""

    def __init__(self, message: str, position: int) -> None:
        super().__init__(message)
        self.message = message
        self.position = position


@dataclass(frozen=True, slots=True)
class FilterCall:
    """One filter with its arguments."""

    name: str
    arguments: tuple[Literal, ...]
    position: int


@dataclass(frozen=True, slots=True)
class Expression:
    """What stands between "{{" and "}}"."""

    path: tuple[Part, ...]
    filters: tuple[FilterCall, ...]
    #: Of its first brace, in characters from the template's start.
    position: int


#: Texts and expressions in their order; neighbouring texts are one, empty ones left out.
Template: TypeAlias = tuple[str | Expression, ...]


def parse(text: str) -> Template:
    """The parts of a template. Raises ExpressionError with the position of the first thing that can't be read."""
    parts: list[str | Expression] = []
    plain: list[str] = []
    at = count = 0
    while (opening := text.find("{{", at)) >= 0:
        slashes = opening - at - len(text[at:opening].rstrip("\\"))
        plain.append(text[at : opening - (slashes + 1) // 2])  # of each pair one stays, an odd one escapes the braces
        if slashes % 2:
            plain.append("{{")
            at = opening + 2
            continue
        count += 1
        if count > MAX_EXPRESSIONS:
            raise ExpressionError(f"there are more than {MAX_EXPRESSIONS} expressions", opening)
        if before := "".join(plain):
            parts.append(before)
        plain.clear()
        expression, at = _Parser(text, opening).expression()
        parts.append(expression)
    if rest := "".join(plain) + text[at:]:
        parts.append(rest)
    return tuple(parts)


def path_text(path: tuple[Part, ...]) -> str:
    """A path as an author would write it, its names cut: those of data may have any length."""
    told = ""
    for part in path:
        if isinstance(part, int):
            told += f"[{part}]"
        elif _NAME.fullmatch(part) and len(part) <= SHOWN_NAME:
            told += f".{part}" if told else part
        else:
            told += '["' + part[:SHOWN_NAME].replace("\\", "\\\\").replace('"', '\\"') + '"]'
    return told


_SPACE = re.compile(r"[ \t\r\n]*")
_NAME = re.compile(r"[^\W\d][\w-]*")
_INDEX = re.compile(r"[0-9]{1,9}(?![0-9])")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"|' + r"'(?:[^'\\]|\\.)*'", re.DOTALL)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ESCAPES = {"\\": "\\", '"': '"', "'": "'", "n": "\n", "r": "\r", "t": "\t"}
_CONSTANTS: dict[str, Literal] = {"true": True, "false": False, "null": None}
_MAX_NUMBER = 40  # characters
_OPERATORS = frozenset("+-*/%<>=!&?:")


class _Parser:
    """Reads one expression in a window of the template; `at` is the next character to read in it."""

    def __init__(self, text: str, opening: int) -> None:
        self.start = opening
        self.text = text[opening : opening + MAX_EXPRESSION + 4]
        self.cut = opening + len(self.text) < len(text)
        self.at = 2

    def expression(self) -> tuple[Expression, int]:
        """The expression, and where the template goes on after its "}}"."""
        path = self._path()
        filters: list[FilterCall] = []
        while self._takes("|"):
            if len(filters) == MAX_FILTERS:
                raise self._error(f"there are more than {MAX_FILTERS} filters")
            filters.append(self._filter())
        if not self._takes("}}"):
            raise self._unexpected('"|" or "}}"')
        return Expression(path, tuple(filters), self.start), self.start + self.at

    def _path(self) -> tuple[Part, ...]:
        parts: list[Part] = [self._name('a path such as "trigger.body.email"')]
        while True:
            if len(parts) > MAX_PARTS:
                raise self._error(f"the path has more than {MAX_PARTS} parts")
            if self._takes("."):
                parts.append(self._name('a name after the dot (a position is written [0], any other key ["a key"])'))
            elif self._takes("["):
                self._space()
                if index := _INDEX.match(self.text, self.at):
                    self.at = index.end()
                    parts.append(int(index[0]))
                elif (key := self._string()) is not None:
                    parts.append(key)
                else:
                    raise self._unexpected('a position from 0, or a key in quotes: [0], ["a key"]')
                if not self._takes("]"):
                    raise self._unexpected('"]"')
            else:
                return tuple(parts)

    def _filter(self) -> FilterCall:
        self._space()
        position = self.start + self.at
        name = self._name("the name of a filter")
        arguments: list[Literal] = []
        if self._takes("(") and not self._takes(")"):
            arguments.append(self._literal())
            while self._takes(","):
                arguments.append(self._literal())
            if not self._takes(")"):
                raise self._unexpected('"," or ")"')
        return FilterCall(name, tuple(arguments), position)

    def _literal(self) -> Literal:
        self._space()
        if (told := self._string()) is not None:
            return told
        if number := _NUMBER.match(self.text, self.at):
            return self._number(number)
        name = _NAME.match(self.text, self.at)
        if name and name[0] in _CONSTANTS:
            self.at = name.end()
            return _CONSTANTS[name[0]]
        raise self._unexpected("a text in quotes, a number, true, false or null")

    def _number(self, found: re.Match[str]) -> int | float:
        """Refused before it is converted: neither a long run of digits nor a huge exponent costs anything."""
        if len(found[0]) > _MAX_NUMBER:
            raise self._error(f"a number has at most {_MAX_NUMBER} characters")
        value = int(found[0]) if found[1] is None and found[2] is None else float(found[0])
        if not number_fits(value):
            raise self._error("this number is too large")
        self.at = found.end()
        return value

    def _string(self) -> str | None:
        found = _STRING.match(self.text, self.at)
        if found is None:
            if self.text.startswith(('"', "'"), self.at):
                raise self._error("this text has no closing quote")
            return None

        def plain(escape: re.Match[str]) -> str:
            if escape[1] not in _ESCAPES:
                raise self._error(f'"\\{escape[1]}" is not an escape; a backslash itself is written "\\\\"')
            return _ESCAPES[escape[1]]

        told = _ESCAPE.sub(plain, found[0][1:-1])
        self.at = found.end()
        return told

    def _name(self, wanted: str) -> str:
        self._space()
        found = _NAME.match(self.text, self.at)
        if found is None:
            raise self._unexpected(wanted)
        self.at = found.end()
        return found[0]

    def _takes(self, sign: str) -> bool:
        """Whether `sign` comes next, blanks aside; it is read over then. Blanks are read over in any case."""
        self._space()
        if not self.text.startswith(sign, self.at):
            return False
        self.at += len(sign)
        return True

    def _space(self) -> None:
        found = _SPACE.match(self.text, self.at)
        assert found is not None  # it matches nothing too
        self.at = found.end()

    def _unexpected(self, wanted: str) -> ExpressionError:
        if self.at < len(self.text):
            found = self.text[self.at]
            hint = "; there are no operators, only filters such as plus(1)" if found in _OPERATORS else ""
            return self._error(f"expected {wanted}, found {found!r}{hint}")
        if self.cut:
            return self._error(f"the expression is longer than {MAX_EXPRESSION} characters")
        self.at = 0
        return self._error('this "{{" is never closed by "}}"; two plain braces are written "\\{{"')

    def _error(self, message: str) -> ExpressionError:
        return ExpressionError(message, self.start + self.at)
