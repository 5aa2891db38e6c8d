"""What a filter is: a function of a value and literal arguments, with a stated bound on what it returns."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias
from typing import Literal as OneOf

from zipped.engine.outcome import Json
from zipped.engine.values import MAX_SIZE, Missing, ValueRefused, kind_of, text_of

Argument: TypeAlias = str | int | float | bool | None
Kind = OneOf["text", "integer", "number", "key", "any"]

_KINDS: dict[Kind, tuple[tuple[type, ...], str]] = {
    "text": ((str,), "a text in quotes"),
    "integer": ((int,), "a whole number"),
    "number": ((int, float), "a number"),
    "key": ((str, int), "a key in quotes or a position"),
    "any": ((str, int, float, bool, type(None)), "a literal"),
}


class FilterError(Exception):
    """The filter can't take this value or this argument; the message says what it takes."""


def _any_value(_: Any) -> str | None:
    return None


@dataclass(frozen=True, slots=True)
class Parameter:
    """One literal argument."""

    name: str
    kind: Kind
    optional: bool = False
    #: What is wrong with an argument of the right kind, or None; asked when a zip is saved, not when it runs.
    check: Callable[[Any], str | None] = _any_value

    def problem(self, argument: Argument) -> str | None:
        """What is wrong with the argument, or None."""
        types, wanted = _KINDS[self.kind]
        if not isinstance(argument, types) or (isinstance(argument, bool) and self.kind != "any"):
            return f"{self.name} must be {wanted}"
        return self.check(argument)


@dataclass(frozen=True, slots=True)
class Filter:
    """One filter: what it is called, what it does, and how large its result can get."""

    name: str
    #: Takes the value and the arguments; raises FilterError or ValueRefused. May return Missing.
    apply: Callable[..., Json | Missing]
    #: One sentence for the documentation.
    does: str
    #: How large the result can be; MAX_SIZE holds besides, always.
    bound: str
    parameters: tuple[Parameter, ...] = ()

    @property
    def signature(self) -> str:
        """How it is written: `replace(old, new)`, optional arguments in brackets."""
        told = ", ".join(f"[{one.name}]" if one.optional else one.name for one in self.parameters)
        return f"{self.name}({told})" if told else self.name

    def problem(self, arguments: Sequence[Argument]) -> str | None:
        """What is wrong with the arguments, or None."""
        needed = sum(not parameter.optional for parameter in self.parameters)
        if not needed <= len(arguments) <= len(self.parameters):
            return f"{self.name} is written {self.signature}"
        for parameter, argument in zip(self.parameters, arguments, strict=False):
            if problem := parameter.problem(argument):
                return f"{self.name}: {problem}"
        return None


def as_text(value: Json) -> str:
    """A text, number or boolean as text; raises FilterError for the rest."""
    if isinstance(value, str | bool | int | float):
        return text_of(value)
    raise FilterError(f"takes text, not {kind_of(value)}")


def as_number(value: Json) -> int | float:
    """A number as it is; raises FilterError for the rest."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        hint = '; put "number" before it' if isinstance(value, str) else ""
        raise FilterError(f"takes a number, not {kind_of(value)}{hint}")
    return value


def as_list(value: Json) -> list[Json]:
    """A list as it is; raises FilterError for the rest."""
    if not isinstance(value, list):
        raise FilterError(f"takes a list, not {kind_of(value)}")
    return value


def as_object(value: Json) -> dict[str, Json]:
    """An object as it is; raises FilterError for the rest."""
    if not isinstance(value, dict):
        raise FilterError(f"takes an object, not {kind_of(value)}")
    return value


def reserve(size: int) -> None:
    """Raises ValueRefused when a result of that many characters would be too large; asked before it is made."""
    if size > MAX_SIZE:
        raise ValueRefused(f"the result would be larger than {MAX_SIZE // 1024} KiB")
