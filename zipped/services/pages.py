"""Keyset pages: newest first by id, cut where the reader stopped, so that what is inserted meanwhile moves nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Row = TypeVar("Row")

MAX_FIRST = 100  # rows of one page


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """One page of a list."""

    nodes: list[Row]
    has_next: bool


def cut(rows: Sequence[Row], first: int) -> Page[Row]:
    """The page of a query that asked for one row more than `first`."""
    return Page(list(rows[:first]), len(rows) > first)
