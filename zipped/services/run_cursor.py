"""Where a watcher of runs stands, as a value and as the opaque text that clients keep.

A cursor is a snapshot of PostgreSQL: the set of transactions whose writes the watcher has been told of. That is
exact where a counter is not: transactions commit in another order than they begin, and one that took its number
early may commit late. A cursor in the middle of a reading names two snapshots and a place: told is what the first
one saw, and of what the second one saw besides whatever comes up to the place, in the order of (`changed_xid`, id).

It belongs to one database, whose transaction ids mean nothing in another: see `Now.database`.
"""

import base64
import binascii
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final, NamedTuple
from uuid import UUID

from zipped.errors import ValidationFailed

VERSION: Final = 1
MAX_TEXT: Final = 64 << 10  # characters; a hundred open transactions make about 300
DATABASE_BYTES: Final = 8
MAX_NUMBER: Final = (1 << 63) - 1

WHOLE, PARTIAL = 0, 1


class Malformed(Exception):
    """The bytes are no cursor."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Which transactions had committed at one moment, as `pg_snapshot` says it."""

    #: All below have ended.
    xmin: int
    #: None from here on has.
    xmax: int
    #: Those between that had not.
    running: frozenset[int] = frozenset()

    def sees(self, xid: int) -> bool:
        """Whether the writes of a transaction that has committed are in it."""
        return xid < self.xmin or (xid < self.xmax and xid not in self.running)

    def __str__(self) -> str:
        """PostgreSQL's own form."""
        return f"{self.xmin}:{self.xmax}:{','.join(map(str, sorted(self.running)))}"


#: Sees no write at all: who stands there is told everything.
NOTHING: Final = Snapshot(1, 1)


class Place(NamedTuple):
    """A row's place in a reading."""

    xid: int
    run_id: UUID


@dataclass(frozen=True, kw_only=True)  # no slots: the text is remembered beside the fields
class Cursor:
    """What a watcher has been told: all that `since` sees and, of what `until` sees besides, up to `place`."""

    #: Which database: 8 bytes.
    database: bytes
    #: When it was made, by the database's clock, in milliseconds since 1970.
    at: int
    since: Snapshot
    until: Snapshot | None = None
    place: Place | None = None

    def encode(self) -> str:
        """As a client keeps it."""
        return self._text

    @cached_property
    def _text(self) -> str:
        # All who watch a list are given the same cursor: it is written down once.
        body = bytearray([VERSION])
        body += self.database
        _put(body, self.at)
        _put_snapshot(body, self.since)
        if self.until is None or self.place is None:
            body.append(WHOLE)
        else:
            body.append(PARTIAL)
            _put_snapshot(body, self.until)
            _put(body, self.place.xid)
            body += self.place.run_id.bytes
        body += zlib.crc32(body).to_bytes(4, "big")
        return base64.urlsafe_b64encode(body).decode().rstrip("=")


def decode(text: str) -> Cursor:
    """The cursor behind what a client sent as `after`. Raises ValidationFailed."""
    try:
        return _decode(text)
    except (Malformed, binascii.Error, ValueError) as error:
        raise ValidationFailed.of(
            "after is not a cursor of runUpdates.",
            path=("after",),
            code="invalid_cursor",
            fix="Send the cursor of the last update as it came, or leave after out.",
        ) from error


def _decode(text: str) -> Cursor:
    if not text.isascii() or len(text) > MAX_TEXT:
        raise Malformed
    raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    body, check = raw[:-4], raw[-4:]
    if len(body) <= DATABASE_BYTES or body[0] != VERSION or zlib.crc32(body).to_bytes(4, "big") != check:
        raise Malformed
    rest = iter(body[1:])
    database = _take(rest, DATABASE_BYTES)
    at, since = _number(rest), _snapshot(rest)
    until = place = None
    if _take(rest, 1)[0] == PARTIAL:
        until = _snapshot(rest)
        place = Place(_number(rest), UUID(bytes=_take(rest, 16)))
    if next(rest, None) is not None:
        raise Malformed
    return Cursor(database=database, at=at, since=since, until=until, place=place)


def _put(body: bytearray, number: int) -> None:
    while number > 0x7F:
        body.append(number & 0x7F | 0x80)
        number >>= 7
    body.append(number)


def _put_snapshot(body: bytearray, snapshot: Snapshot) -> None:
    _put(body, snapshot.xmin)
    _put(body, snapshot.xmax - snapshot.xmin)
    _put(body, len(snapshot.running))
    previous = snapshot.xmin
    for xid in sorted(snapshot.running):
        _put(body, xid - previous)
        previous = xid


def _take(rest: Iterator[int], count: int) -> bytes:
    taken = bytes(byte for _, byte in zip(range(count), rest, strict=False))
    if len(taken) < count:
        raise Malformed
    return taken


def _number(rest: Iterable[int]) -> int:
    number = shift = 0
    for byte in rest:
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            if number > MAX_NUMBER:
                break
            return number
        shift += 7
        if shift > 63:
            break
    raise Malformed


def _snapshot(rest: Iterator[int]) -> Snapshot:
    xmin = _number(rest)
    xmax = xmin + _number(rest)
    running, previous = set(), xmin
    for _ in range(_number(rest)):
        previous += _number(rest)
        running.add(previous)
    if not 1 <= xmin <= xmax <= MAX_NUMBER or (running and previous >= xmax):
        raise Malformed
    return Snapshot(xmin, xmax, frozenset(running))
