"""The group commit of the door: many deliveries, one transaction, and every one its own decision.

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
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncSession

from zipped.errors import Unavailable
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


async def accept(session: AsyncSession, deliveries: Sequence[Delivery]) -> list[Decision]:
    """Store deliveries and start their runs; the decisions stand in the order of `deliveries`.

    A decision "unknown" stored nothing: the trigger is gone, or its token was changed. Raises Unavailable when a key
    changes hands faster than it can be read.
    """
    batch = _Batch(deliveries)
    for _ in range(MAX_ROUNDS):
        await batch.lead(session)
        if not batch.leaders:
            break
    else:
        raise Unavailable("This key is being used by others right now; nothing was stored; try again.")
    await batch.follow(session)
    return [batch.decisions[index] for index in range(len(deliveries))]


@dataclass(frozen=True, slots=True)
class _First:
    """Who holds a key."""

    event_id: UUID
    run_id: UUID
    body_sha256: bytes


class _Batch:
    """Deliveries on their way to a decision, by their place in the batch."""

    def __init__(self, deliveries: Sequence[Delivery]) -> None:
        self.deliveries = deliveries
        self.decisions: dict[int, Decision] = {}
        #: Who has no decision yet and leads.
        self.leaders: list[int] = []
        self._followers: dict[int, list[int]] = {}
        #: Rows of those that make no run, with the place of each.
        self._repeats: list[tuple[int, dict[str, Any]]] = []
        first: dict[tuple[UUID, bytes, str], int] = {}
        for index, delivery in enumerate(deliveries):
            if delivery.dedupe_key is not None:
                # The token belongs to the name: an old one must not lead those that came by the new one.
                leader = first.setdefault((delivery.trigger_id, delivery.token_hash, delivery.dedupe_key), index)
                if leader != index:
                    self._followers.setdefault(leader, []).append(index)
                    continue
            self.leaders.append(index)

    async def lead(self, session: AsyncSession) -> None:
        """Write what the leaders can; left among them are those whose key's holder vanished meanwhile."""
        leading = [self.deliveries[index] for index in self.leaders]
        values = {name: [getattr(delivery, name) for delivery in leading] for name in DELIVERY_COLUMNS}
        rows = {self.leaders[row.n - 1]: row for row in await session.execute(ACCEPT, values)}
        losers = [index for index in self.leaders if index in rows and not rows[index].decided]
        winners = await self._winners(session, losers) if losers else {}
        left = []
        for index in self.leaders:
            following = [index, *self._followers.get(index, ())]
            row = rows.get(index)
            if row is None:
                self.decisions.update(dict.fromkeys(following, UNKNOWN))
            elif row.decided:
                self._decided(index, following[1:], row)
            elif winner := winners.get(index):
                for repeat in following:
                    self._repeat(repeat, row, winner)
            else:
                left.append(index)
        self.leaders = left

    async def follow(self, session: AsyncSession) -> None:
        """Write the rows of those that make no run."""
        if not self._repeats:
            return
        columns = self._repeats[0][1].keys()
        values = {name: [row[name] for _, row in self._repeats] for name in columns}
        for written in await session.execute(REPEATS, values):
            index = self._repeats[written.n - 1][0]
            if index not in self.decisions:
                outcome = self._repeats[written.n - 1][1]["outcome"]
                self.decisions[index] = Decision(outcome, written.event_id)

    async def _winners(self, session: AsyncSession, losers: Sequence[int]) -> dict[int, _First]:
        lost = [self.deliveries[index] for index in losers]
        rows = await session.execute(
            WINNERS, {name: [getattr(delivery, name) for delivery in lost] for name in ("trigger_id", "dedupe_key")}
        )
        return {losers[row.n - 1]: _First(row.event_id, row.run_id, bytes(row.body_sha256)) for row in rows}

    def _decided(self, index: int, following: Sequence[int], row: Row[Any]) -> None:
        self.decisions[index] = Decision(row.outcome, row.event_id, row.run_id)
        for repeat in following:
            if row.outcome == "accepted":
                self._repeat(repeat, row, _First(row.event_id, row.run_id, self.deliveries[index].body_sha256))
            else:
                # It made no run, so the key is as free as before: each is an event of its own, told by its own id.
                self._add(repeat, row, outcome=row.outcome, kept=self.deliveries[repeat].body)

    def _repeat(self, index: int, row: Row[Any], first: _First) -> None:
        delivery = self.deliveries[index]
        same = delivery.body_sha256 == first.body_sha256
        outcome: Outcome = "duplicate" if same else "conflict"
        self.decisions[index] = Decision(outcome, first.event_id, first.run_id)
        # A duplicate's bytes are those of the first; of what is refused a part is enough.
        self._add(index, row, outcome=outcome, kept=None if same else delivery.body[:KEPT_BYTES], first=first)

    def _add(
        self, index: int, row: Row[Any], *, outcome: Outcome, kept: bytes | None, first: _First | None = None
    ) -> None:
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
        self._repeats.append((index, values))


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
