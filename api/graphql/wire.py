"""JSON as it comes in and goes out: strict on the way in, so that nothing odd is ever echoed or stored."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import orjson

from api.graphql.scalars import unstorable

MAX_BODY = 256 * 1024  # bytes of a request, and of a message on a socket
MAX_DEPTH = 100  # objects and lists in each other, in variables


class BadRequest(Exception):
    """The request is none of GraphQL's; its text says what is wrong and what to do."""


@dataclass(frozen=True, slots=True)
class Request:
    """The parameters of one operation."""

    query: str
    operation_name: str | None
    variables: dict[str, Any] | None


def decode(data: bytes | str) -> object:
    """A JSON value. Raises BadRequest with the position of the mistake."""
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise BadRequest(f"That is not JSON: {error}.") from error


def encode(value: object) -> bytes:
    """JSON; what is stored as JSON is in it as an `orjson.Fragment`, byte for byte."""
    return orjson.dumps(value)


def read_request(value: object) -> Request:
    """The parameters of an operation from decoded JSON. Raises BadRequest naming the parameter."""
    if not isinstance(value, dict):
        kind = "a list: send one operation at a time" if isinstance(value, list) else "not an object"
        raise BadRequest(f'The request is {kind}. It takes {{"query": "…", "variables": {{…}}}}.')
    query = value.get("query")
    if not isinstance(query, str) or not query:
        raise BadRequest("The parameter query is missing or not a text: put the GraphQL document there.")
    operation_name = value.get("operationName")
    if operation_name is not None and not isinstance(operation_name, str):
        raise BadRequest("The parameter operationName is not a text: name an operation of the document, or leave it.")
    variables = value.get("variables")
    if variables is not None and not isinstance(variables, dict):
        raise BadRequest("The parameter variables is not an object: it takes each variable's value by its name.")
    if not isinstance(value.get("extensions"), dict | None):
        raise BadRequest("The parameter extensions is not an object.")
    refuse_unstorable(variables, "variables")
    return Request(query, operation_name, variables)


def refuse_unstorable(value: object, name: str) -> None:
    """Raises BadRequest, naming the place, for texts the database can't hold and for nesting beyond measure."""
    stack = [(value, _Place(name))]
    while stack:
        item, place = stack.pop()
        if place.depth > MAX_DEPTH:
            raise BadRequest(f"{name} is nested more than {MAX_DEPTH} deep: make it flatter.")
        inside: Iterable[tuple[str | int, object]] = ()
        if isinstance(item, dict):
            for key in item:
                if found := unstorable(key):
                    raise BadRequest(f"A name in {place} holds {found}: remove it.")
            inside = item.items()
        elif isinstance(item, list):
            inside = enumerate(item)
        for key, inner in inside:
            if isinstance(inner, dict | list):
                stack.append((inner, _Place(key, place)))
            elif isinstance(inner, str) and (found := unstorable(inner)):
                raise BadRequest(f"{_Place(key, place)} holds {found}: remove it.")


class _Place:
    """Where a value stands. It knows its parent and no more: the paths of 127,000 values took 120 MB."""

    __slots__ = ("_name", "_parent", "depth")

    def __init__(self, name: str | int, parent: "_Place | None" = None) -> None:
        self._name = name
        self._parent = parent
        self.depth: int = parent.depth + 1 if parent else 1

    def __str__(self) -> str:
        return f"{self._parent}.{self._name}" if self._parent else str(self._name)
