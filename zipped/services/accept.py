"""The group commit of the door: many deliveries, one statement, and every one its own decision.

Whether an event makes a run is decided here, from trigger and zip as they are in this moment: a pause or a rotation
that has been answered holds for everything that comes after. A key is used up only by an accepted event that made a
run, in the same statement that makes it.

Order of things in one batch:

1. Deliveries of one trigger and key are folded: the first leads, the others follow.
2. One statement looks up trigger and zip, takes the keys in the order of trigger and key, and writes event, body, run
   and outbox row of every leader that made it. Unsorted, two apis that took the same keys in different order
   deadlocked in 60 of 60 rounds.
3. Who found its key taken reads the winner in a statement of its own, which sees what was committed meanwhile.
4. Followers and losers get their rows: duplicates with the same body, conflicts with another.

Each statement is a transaction of its own: all that a run needs is written by one, and what is written for who makes
no run may fail without it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal
from uuid import UUID

from sqlalchemy import TextClause

from zipped.db import DATABASE_ERRORS, reason
from zipped.errors import Unavailable
from zipped.lines import Lines, Row
from zipped.logs import get_logger
from zipped.services.accept_statements import ACCEPT, REPEATS, WINNERS

Outcome = Literal["accepted", "duplicate", "conflict", "draft", "zip_off", "unknown"]

MAX_ROUNDS: Final = 3  # tries to take a key whose holder vanished between two statements
KEPT_BYTES: Final = 4096  # of the body of what was refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One request that has passed the door's checks; every text in it is free of NUL."""

    trigger_id: UUID
    #: Of the token that was used: a rotation since then makes it unknown.
    token_hash: bytes
    method: str
    query: bytes
    #: JSON list of [name, value], credentials masked.
    headers: bytes
    body: bytes
    body_sha256: bytes
    source_ip: str
    #: Prefixed with its source; None where the sender gave none.
    dedupe_key: str | None
    #: Seconds for which the key is used up.
    dedupe_window: int
    #: How many zips called each other to get here.
    depth: int = 0
    traceparent: str | None = None

    @property
    def size(self) -> int:
        """Bytes it weighs in a batch."""
        return len(self.body) + len(self.headers) + len(self.query)


@dataclass(frozen=True, slots=True)
class Decision:
    """What became of a delivery; for a duplicate or a conflict the ids are those of the first."""

    outcome: Outcome
    event_id: UUID | None = None
    run_id: UUID | None = None


UNKNOWN: Final = Decision("unknown")
UNSETTLED: Final = "This key is in use or the database went away; nothing was stored; try again."

log = get_logger(__name__)


async def accept(lines: Lines, deliveries: Sequence[Delivery]) -> list[Decision | Unavailable]:
    """Store deliveries and start their runs; the decisions stand in the order of `deliveries`.

    A decision "unknown" stored nothing: the trigger is gone, or its token was changed. Raises, when nothing was stored,
    what the database said. What makes no run may fail by itself, and only those who sent it are told Unavailable: the
    database went away in between, or a key changes hands faster than it can be read.
    """
    batch = _Batch(deliveries)
    await batch.lead(lines)
    try:
        for _ in range(MAX_ROUNDS):
            if not batch.leaders:
                break
            await batch.lead(lines)
        await batch.follow(lines)
    except DATABASE_ERRORS as error:
        log.warning("accept.repeats_failed", reason=reason(error), deliveries=batch.undecided)
    return batch.answers()


@dataclass(frozen=True, slots=True)
class _First:
    """Who holds a key."""

    event_id: UUID
    run_id: UUID
    body_sha256: bytes


@dataclass(frozen=True, slots=True)
class _Repeat:
    """A delivery that makes no run: its place, its row, and what it is told; None: that it is an event of its own."""

    index: int
    row: dict[str, Any]
    decision: Decision | None


class _Batch:
    """Deliveries on their way to a decision, by their place in the batch."""

    def __init__(self, deliveries: Sequence[Delivery]) -> None:
        self.deliveries = deliveries
        self.decisions: dict[int, Decision] = {}
        #: Who has no decision yet and leads.
        self.leaders: list[int] = []
        self._followers: dict[int, list[int]] = {}
        #: Those that make no run and are still to be written.
        self._repeats: list[_Repeat] = []
        first: dict[tuple[UUID, bytes, str], int] = {}
        for index, delivery in enumerate(deliveries):
            if delivery.dedupe_key is not None:
                # The token belongs to the name: an old one must not lead those that came by the new one.
                leader = first.setdefault((delivery.trigger_id, delivery.token_hash, delivery.dedupe_key), index)
                if leader != index:
                    self._followers.setdefault(leader, []).append(index)
                    continue
            self.leaders.append(index)

    @property
    def undecided(self) -> int:
        """How many have no decision yet."""
        return len(self.deliveries) - len(self.decisions)

    def answers(self) -> list[Decision | Unavailable]:
        """One for each delivery."""
        return [self.decisions.get(index) or Unavailable(UNSETTLED) for index in range(len(self.deliveries))]

    async def lead(self, lines: Lines) -> None:
        """Write what the leaders can; left among them are those whose key's holder vanished meanwhile."""
        leading = [self.deliveries[index] for index in self.leaders]
        values = {name: [getattr(delivery, name) for delivery in leading] for name in DELIVERY_COLUMNS}
        rows = {self.leaders[row.n - 1]: row for row in await _execute(lines, ACCEPT, values)}
        for index in self.leaders:
            following = self._followers.get(index, ())
            row = rows.get(index)
            if row is None:
                self.decisions.update(dict.fromkeys((index, *following), UNKNOWN))
            elif row.decided:
                self._decided(index, following, row)
        lost = {index: row for index, row in rows.items() if not row.decided}
        self.leaders = []
        winners = await self._winners(lines, list(lost)) if lost else {}
        for index, row in lost.items():
            if winner := winners.get(index):
                for repeat in (index, *self._followers.get(index, ())):
                    self._repeat(repeat, row, winner)
            else:
                self.leaders.append(index)

    async def follow(self, lines: Lines) -> None:
        """Write the rows of those that make no run."""
        if not self._repeats:
            return
        columns = self._repeats[0].row.keys()
        values = {name: [repeat.row[name] for repeat in self._repeats] for name in columns}
        for written in await _execute(lines, REPEATS, values):
            repeat = self._repeats[written.n - 1]
            self.decisions[repeat.index] = repeat.decision or Decision(repeat.row["outcome"], written.event_id)

    async def _winners(self, lines: Lines, losers: Sequence[int]) -> dict[int, _First]:
        lost = [self.deliveries[index] for index in losers]
        values = {name: [getattr(delivery, name) for delivery in lost] for name in ("trigger_id", "dedupe_key")}
        rows = await _execute(lines, WINNERS, values)
        return {losers[row.n - 1]: _First(row.event_id, row.run_id, bytes(row.body_sha256)) for row in rows}

    def _decided(self, index: int, following: Sequence[int], row: Row) -> None:
        self.decisions[index] = Decision(row.outcome, row.event_id, row.run_id)
        for repeat in following:
            if row.outcome == "accepted":
                self._repeat(repeat, row, _First(row.event_id, row.run_id, self.deliveries[index].body_sha256))
            else:
                # It made no run, so the key is as free as before: each is an event of its own, told by its own id.
                self._add(repeat, row, outcome=row.outcome, kept=self.deliveries[repeat].body)

    def _repeat(self, index: int, row: Row, first: _First) -> None:
        delivery = self.deliveries[index]
        same = delivery.body_sha256 == first.body_sha256
        outcome: Outcome = "duplicate" if same else "conflict"
        # A duplicate's bytes are those of the first; of what is refused a part is enough.
        self._add(index, row, outcome=outcome, kept=None if same else delivery.body[:KEPT_BYTES], first=first)

    def _add(self, index: int, row: Row, *, outcome: Outcome, kept: bytes | None, first: _First | None = None) -> None:
        delivery = self.deliveries[index]
        values = {
            "trigger_id": delivery.trigger_id,
            "workspace_id": row.workspace_id,
            "zip_id": row.zip_id,
            "outcome": outcome,
            "method": delivery.method,
            "query": delivery.query,
            "headers": delivery.headers,
            "body_size": len(delivery.body),
            "body_sha256": delivery.body_sha256,
            "kept": kept,
            "source_ip": delivery.source_ip,
            "dedupe_key": delivery.dedupe_key,
            "run_id": first.run_id if first else None,
            "first_event_id": first.event_id if first else None,
        }
        decision = Decision(outcome, first.event_id, first.run_id) if first else None
        self._repeats.append(_Repeat(index, values, decision))


async def _execute(lines: Lines, statement: TextClause, values: dict[str, list[Any]]) -> list[Row]:
    async with lines.begin() as line:
        return await line.execute(statement, values)


DELIVERY_COLUMNS: Final = (
    "trigger_id",
    "token_hash",
    "method",
    "query",
    "headers",
    "body",
    "body_sha256",
    "source_ip",
    "dedupe_key",
    "dedupe_window",
    "depth",
    "traceparent",
)
