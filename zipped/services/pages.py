"""Keyset pages: newest first by id, cut where the reader stopped, so that what is inserted meanwhile moves nothing."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import Select, Uuid, func, select, union_all
from sqlalchemy.orm import aliased

from zipped.errors import ValidationFailed

Row = TypeVar("Row")
Query = TypeVar("Query", bound=Select[Any])

MAX_ROWS = 3_000  # of lists within lists in one answer, written in one go: 10,000 steps held the api for up to 1 s
MAX_PAYLOAD = 32 << 20  # bytes fetched in one statement

# An id is drawn from the same clock as its row's time, a moment apart: the range of ids that an index can find is
# wider than the range of times by this much, which is then looked at exactly.
ID_SLACK = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Place:
    """Which part of a list: the first rows after one and before another, both named by their ids."""

    first: int = 25
    after: UUID | None = None
    before: UUID | None = None

    def of(self, query: Query, id: Any) -> Query:
        """The query for this part of it, newest first, with one row more to see whether the list goes on."""
        if self.after is not None:
            query = query.where(id < self.after)
        if self.before is not None:
            query = query.where(id > self.before)
        return query.order_by(id.desc()).limit(self.first + 1)

    def of_each(self, query: Select[Any], table: Any, column: Any, values: Collection[str]) -> Select[Any]:
        """The same for rows whose column holds one of these values.

        One index scan for each value, each already in order: a plain IN would fetch and sort all that match.
        """
        part = self.of(query, table.id)
        parts = [part.where(column == value).subquery() for value in sorted(set(values))]
        row = aliased(table, union_all(*(select(part) for part in parts)).subquery())
        return select(row).order_by(row.id.desc()).limit(self.first + 1)

    def values(self) -> dict[str, object]:
        """What `of` does, for a statement that is written out: its parameters `after`, `before` and `limit`."""
        return {"after": self.after, "before": self.before, "limit": self.first + 1}


FIRST = Place()


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """One page of a list."""

    nodes: list[Row]
    has_next: bool


def cut(rows: Sequence[Row], place: Place) -> Page[Row]:
    """The page of a query for one row more than was asked for."""
    return Page(list(rows[: place.first]), len(rows) > place.first)


def between(query: Query, id: Any, at: Any, *, since: datetime | None, before: datetime | None) -> Query:
    """Only rows whose time `at` is not before `since` and before `before`, found by the times in their ids."""
    if since is not None:
        query = query.where(at >= since, id >= func.zipped_uuid_floor(since - ID_SLACK, type_=Uuid))
    if before is not None:
        query = query.where(at < before, id < func.zipped_uuid_floor(before + ID_SLACK, type_=Uuid))
    return query


def refuse_too_many(rows: int) -> None:
    """Raises ValidationFailed when so many rows can't be fetched, or shown, at once."""
    if rows > MAX_ROWS:
        raise ValidationFailed.of(
            f"What was asked for has more than {MAX_ROWS:,} rows in lists within lists.",
            path=(),
            code="too_large",
            fix="Ask for fewer rows at once.",
        )


def refuse_too_much(size: int | None) -> None:
    """Raises ValidationFailed when so many bytes can't be fetched at once."""
    if size and size > MAX_PAYLOAD:
        raise ValidationFailed.of(
            f"What was asked for has {size >> 20} MiB; at most {MAX_PAYLOAD >> 20} MiB are answered at once.",
            path=(),
            code="too_large",
            fix="Ask for fewer rows, or without their contents.",
        )
