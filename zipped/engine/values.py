"""JSON values as expressions see them: their names in plain words, their text, their size, and the absent one."""

import json
from dataclasses import dataclass

from zipped.engine.document import has_surrogate, number_fits, utf8_length
from zipped.engine.outcome import Json

MAX_SIZE = 1_048_576  # bytes of compact JSON, of any value an expression touches
MAX_DEPTH = 100  # levels of lists and objects

_COMPACT = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False)
_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"))


class ValueRefused(Exception):
    """A value is too large, nested too deeply, or no JSON; the message says which."""


@dataclass(frozen=True, slots=True)
class Missing:
    """What a path leads to when a part of it is not there; `message` names that part."""

    message: str


def kind_of(value: object) -> str:
    """What a value is, in plain words."""
    match value:
        case None:
            return "null"
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case str():
            return "text"
        case list():
            return "a list"
        case dict():
            return "an object"
        case _:
            return f"no JSON value ({type(value).__name__})"


def text_of(value: Json) -> str:
    """A measured value within text: null is nothing, text is itself, everything else is compact JSON."""
    if isinstance(value, str):
        return value
    return "" if value is None else compact(value)


def compact(value: Json) -> str:
    """A measured value as compact JSON."""
    return _COMPACT.encode(value)


def canonical(value: Json) -> str:
    """A measured value as JSON that is equal for equal values: 1.0 is 1, and the order of keys does not count."""
    return _CANONICAL.encode(_whole_where_whole(value))


def same(one: Json, other: Json) -> bool:
    """Whether two measured values are equal as JSON: true is not 1, but 1.0 is.

    It stops at the first difference and costs no more than the smaller of the two, so that looking for a large value
    among many small ones stays linear.
    """
    if isinstance(one, dict) and isinstance(other, dict):
        return len(one) == len(other) and all(key in other and same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return isinstance(one, bool) is isinstance(other, bool) and bool(one == other)


def _whole_where_whole(value: Json) -> Json:
    match value:
        case float():
            return int(value) if value.is_integer() else value
        case list():
            return [_whole_where_whole(item) for item in value]
        case dict():
            return {key: _whole_where_whole(item) for key, item in value.items()}
        case _:
            return value


@dataclass(slots=True)
class Meter:
    """Counts what values cost and raises ValueRefused beyond the limit, before more than the limit was looked at."""

    limit: int
    #: Bytes of compact JSON so far.
    size: int = 0
    #: Single values and containers so far.
    nodes: int = 0

    def copy(self, value: Json, depth: int = 0) -> Json:
        """The value once more, with new lists and objects, counted and checked."""
        self.nodes += 1
        if isinstance(value, str):
            if has_surrogate(value):
                raise ValueRefused("a text holds half a character (a lone surrogate)")
            self.add(2 + utf8_length(value))
            return value
        if value is None or isinstance(value, bool):
            self.add(4)
            return value
        if isinstance(value, int | float):
            if not number_fits(value):
                raise ValueRefused("a number is not finite, or beyond 64 bits")
            self.add(1 if isinstance(value, int) and -10 < value < 10 else 4)
            return value
        if depth >= MAX_DEPTH:
            raise ValueRefused(f"a value is nested deeper than {MAX_DEPTH} levels")
        if isinstance(value, list):
            self.add(2 + len(value))
            return [self.copy(item, depth + 1) for item in value]
        if isinstance(value, dict):
            self.add(2 + 2 * len(value))
            return {self._key(key): self.copy(item, depth + 1) for key, item in value.items()}
        raise ValueRefused(f"a value is {kind_of(value)}")

    def add(self, size: int) -> None:
        """Count `size` more bytes."""
        self.size += size
        if self.size > self.limit:
            raise ValueRefused(f"it is larger than {self.limit // 1024} KiB")

    def _key(self, key: object) -> str:
        if not isinstance(key, str):
            raise ValueRefused(f"a key of an object is {kind_of(key)}")
        copied: str = self.copy(key)
        return copied
