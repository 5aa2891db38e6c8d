"""Keyset pages: newest first by id, cut where the reader stopped, so that what is inserted meanwhile moves nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Select

Row = TypeVar("Row")
Query = TypeVar("Query", bound=Select[Any])

MAX_FIRST = 100  # rows of one page


@dataclass(frozen=True, slots=True)
class Place:
    """Which part of a list: the first rows after one and before another, both named by their ids."""

    first: int = 25
    after: UUID | None = None
    before: UUID | None = None

    def of(self, query: Query, id: Any) -> Query:
        """The query for this part of it, newest first, with one row more to see whether the list goes on."""
        return self.within(query, id).order_by(id.desc()).limit(self.first + 1)

    def within(self, query: Query, id: ColumnElement[UUID]) -> Query:
        """The query between both ends, in no order."""
        if self.after is not None:
            query = query.where(id < self.after)
        if self.before is not None:
            query = query.where(id > self.before)
        return query


FIRST = Place()


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """One page of a list."""

    nodes: list[Row]
    has_next: bool


class Asked(Protocol):
    """How many rows were asked for."""

    @property
    def first(self) -> int: ...


def cut(rows: Sequence[Row], place: Asked) -> Page[Row]:
    """The page of a query for one row more than was asked for."""
    return Page(list(rows[: place.first]), len(rows) > place.first)
