"""Keyset pages: a cursor names the last row seen, so that rows inserted meanwhile move nothing.

A cursor is opaque: base64 of a version, the list it belongs to and the row's key. One from another list or another
order, or no cursor at all, is refused in plain words.
"""

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Generic, TypeVar
from uuid import UUID

import orjson
import strawberry

from zipped.errors import ValidationFailed
from zipped.services.pages import Page, Place

DEFAULT_FIRST = 25  # rows
MAX_FIRST = 100  # rows
VERSION = 1
MAX_CURSOR = 512  # characters

#: The arguments of every list; `first: First = DEFAULT_FIRST, after: After = None, before: Before = None`.
First = Annotated[int, strawberry.argument(description=f"How many, 1 to {MAX_FIRST}.")]
After = Annotated[str | None, strawberry.argument(description="The cursor after which the page begins.")]
Before = Annotated[str | None, strawberry.argument(description="The cursor before which the page ends.")]

NodeT = TypeVar("NodeT")
RowT = TypeVar("RowT")


@strawberry.type(description="Where a page lies in its list.")
class PageInfo:
    """Relay's page info."""

    has_next_page: bool = strawberry.field(description="Whether rows follow this page.")
    has_previous_page: bool = strawberry.field(description="Whether the page began after a cursor.")
    start_cursor: str | None = strawberry.field(description="The cursor of the first row; null on an empty page.")
    end_cursor: str | None = strawberry.field(description="The cursor of the last row; pass it as `after`.")


@strawberry.type(description="A row of a list and its cursor.")
class Edge(Generic[NodeT]):
    """Relay's edge."""

    cursor: str = strawberry.field(description="Where this row stands in the list.")
    node: NodeT = strawberry.field(description="The row.")


@strawberry.type(description="A page of a list.")
class Connection(Generic[NodeT]):
    """Relay's connection, with `nodes` for who needs no cursors."""

    nodes: list[NodeT] = strawberry.field(description="The rows.")
    edges: list[Edge[NodeT]] = strawberry.field(description="The rows with their cursors.")
    page_info: PageInfo = strawberry.field(description="Where the page lies in the list.")


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRequest(Place):
    """What was asked for, checked; services take it for the place it is."""

    #: The list's name and order, for its cursors.
    kind: str


def page(kind: str, first: int = DEFAULT_FIRST, after: str | None = None, before: str | None = None) -> PageRequest:
    """The checked arguments of a list ordered by id. Raises ValidationFailed naming the argument."""
    if not 1 <= first <= MAX_FIRST:
        raise ValidationFailed.of(
            f"first is {first}; a page has 1 to {MAX_FIRST} rows.",
            path=("first",),
            code="out_of_range",
            fix=f"Ask for at most {MAX_FIRST} and follow pageInfo.endCursor.",
        )
    return PageRequest(
        kind=kind, first=first, after=_decode(kind, after, "after"), before=_decode(kind, before, "before")
    )


def connection(
    request: PageRequest, cut: Page[RowT], to_node: Callable[[RowT], NodeT], *, key: Callable[[RowT], UUID]
) -> Connection[NodeT]:
    """The page as the schema shows it; `key` is the id by which the list is ordered."""
    edges = [Edge(cursor=encode_cursor(request.kind, key(row)), node=to_node(row)) for row in cut.nodes]
    return Connection(
        nodes=[edge.node for edge in edges],
        edges=edges,
        page_info=PageInfo(
            has_next_page=cut.has_next,
            has_previous_page=request.after is not None,
            start_cursor=edges[0].cursor if edges else None,
            end_cursor=edges[-1].cursor if edges else None,
        ),
    )


def encode_cursor(kind: str, key: UUID) -> str:
    """The cursor of a row."""
    return base64.urlsafe_b64encode(orjson.dumps([VERSION, kind, str(key)])).decode().rstrip("=")


def _decode(kind: str, cursor: str | None, argument: str) -> UUID | None:
    if cursor is None:
        return None
    try:
        if len(cursor) > MAX_CURSOR:
            raise ValueError(cursor)
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        version, found, key = orjson.loads(raw)
        value = UUID(key)
        if version != VERSION or not isinstance(found, str) or encode_cursor(found, value) != cursor:
            raise ValueError(cursor)
    except (ValueError, TypeError, AttributeError, binascii.Error) as error:
        raise ValidationFailed.of(
            f"{argument} is no cursor.",
            path=(argument,),
            code="invalid_cursor",
            fix="Pass a cursor of this list as it came, or none to begin at the start.",
        ) from error
    if found != kind:
        raise ValidationFailed.of(
            f"{argument} is a cursor of another list or order ({found}, not {kind}).",
            path=(argument,),
            code="foreign_cursor",
            fix="Begin this list without a cursor.",
        )
    return value
