"""The scalars of our own: what they accept, what they answer, and what they refuse in plain words.

GraphQL's own String goes on as it is; what no text of PostgreSQL can hold is refused for whole requests by
`wire.refuse_unstorable`.
"""

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NewType

import strawberry
from graphql import GraphQLError
from graphql.language import ValueNode
from graphql.utilities import value_from_ast_untyped
from strawberry.types.scalar import ScalarDefinition

from zipped.engine.document import has_surrogate

MAX_JSON_DEPTH = 64  # objects and lists in each other
MAX_JSON_VALUES = 50_000  # values in one JSON scalar
MAX_BIG_INT = 2**63 - 1

#: Any JSON value: null, boolean, number, text, list or object.
JSON = NewType("JSON", object)
#: A whole number of up to 64 bits.
BigInt = NewType("BigInt", int)

RFC3339 = re.compile(
    r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])[Tt]([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?([Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)",
    re.ASCII,
)


def parse_datetime(value: object) -> datetime:
    """A moment from RFC 3339 with an offset, in UTC. Raises GraphQLError."""
    if isinstance(value, str) and RFC3339.fullmatch(value):
        try:
            # Python takes six digits of a second; more would be refused.
            return datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", value.upper())).astimezone(UTC)
        except (ValueError, OverflowError):
            pass
    raise GraphQLError(
        f"DateTime takes a moment with an offset, like 2026-11-22T18:30:00Z or 2026-11-22T19:30:00+01:00; "
        f"{_shown(value)} is none."
    )


def serialize_datetime(value: object) -> str:
    """UTC, milliseconds, Z."""
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise TypeError(f"a DateTime field got {value!r}")
    return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parse_big_int(value: object) -> int:
    """A whole number of up to 64 bits, from a text or a number. Raises GraphQLError."""
    number: int | None = None
    if isinstance(value, int) and not isinstance(value, bool):
        number = value
    elif isinstance(value, str) and re.fullmatch(r"-?\d{1,19}", value, re.ASCII):
        number = int(value)
    if number is None or abs(number) > MAX_BIG_INT:
        raise GraphQLError(f"BigInt takes a whole number of up to 64 bits, best as text; {_shown(value)} is none.")
    return number


def parse_json(value: object) -> object:
    """A JSON value that can be stored. Raises GraphQLError naming the place."""
    refuse_bad_json(value)
    return value


def parse_json_literal(node: ValueNode, variables: Mapping[str, Any] | None = None) -> object:
    """A JSON value written into the document itself."""
    return parse_json(value_from_ast_untyped(node, dict(variables or {})))


def refuse_bad_json(value: object) -> None:
    """Raises GraphQLError, naming the place, for what is too deep, too large or cannot be stored."""
    seen = 0
    stack: list[tuple[object, tuple[str, ...]]] = [(value, ())]
    while stack:
        item, path = stack.pop()
        seen += 1
        if seen > MAX_JSON_VALUES:
            raise GraphQLError(f"The JSON value holds more than {MAX_JSON_VALUES} values: send less at once.")
        if len(path) > MAX_JSON_DEPTH:
            raise GraphQLError(f"The JSON value is nested more than {MAX_JSON_DEPTH} deep: make it flatter.")
        if isinstance(item, str):
            _refuse_text(item, path)
        elif isinstance(item, float) and not math.isfinite(item):
            raise GraphQLError(f"The JSON value holds {item} at {_place(path)}: JSON knows only finite numbers.")
        elif isinstance(item, dict):
            for key, inner in item.items():
                _refuse_text(key, path)
                stack.append((inner, (*path, key)))
        elif isinstance(item, list):
            stack.extend((inner, (*path, str(index))) for index, inner in enumerate(item))


def unstorable(text: str) -> str | None:
    """What in a text PostgreSQL cannot hold, by its name; None when nothing."""
    if "\0" in text:
        return "a NUL character (U+0000)"
    return "half of a surrogate pair (U+D800 to U+DFFF)" if has_surrogate(text) else None


def _refuse_text(text: str, path: tuple[str, ...]) -> None:
    if found := unstorable(text):
        raise GraphQLError(f"The JSON value holds {found} at {_place(path)}: remove it.")


def _place(path: tuple[str, ...]) -> str:
    return ".".join(path) or "its top"


def _shown(value: object) -> str:
    text = repr(value) if not isinstance(value, str) else f"“{value}”"
    return text if len(text) <= 60 else text[:60] + "…"


def definitions() -> dict[object, ScalarDefinition]:
    """What `StrawberryConfig.scalar_map` takes."""
    return {
        datetime: strawberry.scalar(
            name="DateTime",
            description="A moment: RFC 3339 with an offset on the way in; UTC with milliseconds and Z on the way out.",
            specified_by_url="https://scalars.graphql.org/andimarek/date-time.html",
            serialize=serialize_datetime,
            parse_value=parse_datetime,
        ),
        JSON: strawberry.scalar(
            name="JSON",
            description=(
                f"Any JSON value, at most {MAX_JSON_DEPTH} levels deep and {MAX_JSON_VALUES:,} values; "
                "texts hold no NUL and no half surrogate pairs, numbers are finite."
            ),
            serialize=lambda value: value,
            parse_value=parse_json,
            parse_literal=parse_json_literal,
        ),
        BigInt: strawberry.scalar(
            name="BigInt",
            description="A whole number of up to 64 bits, as text on the way out; text or number on the way in.",
            serialize=str,
            parse_value=parse_big_int,
        ),
    }
