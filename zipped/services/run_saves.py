"""Saves: what the owner of a run writes, in batches and fenced. The law is in run_writes.

A save says which state it was worked out from (`base`), and is stored only when nobody wrote since: same epoch, same
`seq`, still running. So it may be sent again when its fate is unknown, because a connection died during its COMMIT:
`save` finds out whether it landed. The rule is `zipped.engine.run.fence`, in SQL.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Literal
from uuid import UUID

import orjson
from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncSession

from zipped import metrics
from zipped.engine.cursor import START, Cursor, cursor_to_json
from zipped.engine.outcome import AttemptStatus
from zipped.engine.run import Effect, Run, fence
from zipped.services.run_notices import doorbells, news

START_TEXT = orjson.dumps(cursor_to_json(START)).decode()

#: What makes a write the owner's own and not an old one: nobody wrote since the state it was worked out from.
FENCE = "r.epoch = i.base_epoch and r.seq = i.base_seq and r.status = 'running'"


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptWrite:
    """A row of `step_attempt`, to be made or completed; a None leaves what an earlier save has put there."""

    step_id: str
    path: str
    attempt: int
    generation: int
    effect: Effect
    status: AttemptStatus
    idempotency_key: str
    #: JSON, masked.
    input: bytes | None = None
    output: bytes | None = None
    error_code: str | None = None
    error_message: str | None = None
    error_detail: bytes | None = None
    maybe_repeated: bool = False
    started_at: datetime | None = None
    finished_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitWrite:
    """A row of `wait`: what a run that is parked waits for."""

    kind: Literal["delay", "retry"]
    step_id: str
    path: str
    wake_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RunWrite:
    """One write of one run by its owner: from `base`, as it was stored last, to `run`."""

    base: Run
    run: Run
    #: Each (step, path, attempt) at most once.
    attempts: tuple[AttemptWrite, ...] = ()
    waits: tuple[WaitWrite, ...] = ()

    @property
    def size(self) -> int:
        """Bytes of payload, roughly."""
        return sum(len(a.input or b"") + len(a.output or b"") + len(a.error_detail or b"") for a in self.attempts)


RUN_COLUMNS = {
    "id": "uuid",
    "base_epoch": "int",
    "base_seq": "int",
    "epoch": "int",
    "status": "text",
    "cursor": "text",
    "attempt": "int",
    "waits_for": "text",
    "wake_at": "timestamptz",
    "deadline": "timestamptz",
    "active_ms": "bigint",
    "crashes": "int",
    "ended_by": "text",
    "error_code": "text",
    "error_message": "text",
    "error_step_id": "text",
}
ATTEMPT_COLUMNS = {
    "run_id": "uuid",
    "step_id": "text",
    "path": "text",
    "attempt": "int",
    "generation": "int",
    "epoch": "int",
    "effect": "text",
    "status": "text",
    "idempotency_key": "text",
    "input": "bytea",
    "output": "bytea",
    "error_code": "text",
    "error_message": "text",
    "error_detail": "bytea",
    "maybe_repeated": "boolean",
    "started_at": "timestamptz",
    "finished_at": "timestamptz",
}
WAIT_COLUMNS = {"run_id": "uuid", "kind": "text", "step_id": "text", "path": "text", "wake_at": "timestamptz"}


def _rows(prefix: str, columns: Mapping[str, str]) -> str:
    """A table of one array parameter per column."""
    arrays = ", ".join(f"cast(:{prefix}_{name} as {kind}[])" for name, kind in columns.items())
    return f"unnest({arrays}) as {prefix}({', '.join(columns)})"


ATTEMPTS = f"""
    insert into step_attempt (workspace_id, {", ".join(ATTEMPT_COLUMNS)})
    select s.workspace_id, {", ".join(f"a.{name}" for name in ATTEMPT_COLUMNS)}
    from stored s join {_rows("a", ATTEMPT_COLUMNS)} on a.run_id = s.id
    on conflict (run_id, step_id, path, attempt) do update set
        status = excluded.status,
        input = coalesce(excluded.input, step_attempt.input),
        output = excluded.output, error_code = excluded.error_code, error_message = excluded.error_message,
        error_detail = excluded.error_detail,
        maybe_repeated = step_attempt.maybe_repeated or excluded.maybe_repeated,
        started_at = coalesce(step_attempt.started_at, excluded.started_at), finished_at = excluded.finished_at
"""
WAITS = f"""
    insert into wait (workspace_id, {", ".join(WAIT_COLUMNS)})
    select s.workspace_id, {", ".join(f"w.{name}" for name in WAIT_COLUMNS)}
    from stored s join {_rows("w", WAIT_COLUMNS)} on w.run_id = s.id
"""


@cache
def statement(*, attempts: bool, waits: bool) -> TextClause:
    """The statement of a batch; without what the batch does not have."""
    return text(
        f"""
        with i as materialized (
            select * from {_rows("i", RUN_COLUMNS)}
        ), locked as materialized (
            select r.id from zip_run r join i on i.id = r.id where {FENCE} order by r.id for no key update of r
        ), stored as (
            update zip_run r set
                status = i.status, epoch = i.epoch, cursor = cast(i.cursor as jsonb), attempt = i.attempt,
                waits_for = i.waits_for, wake_at = i.wake_at, deadline = i.deadline, active_ms = i.active_ms,
                crashes = i.crashes, ended_by = i.ended_by, error_code = i.error_code,
                error_message = i.error_message, error_step_id = i.error_step_id,
                worker_id = case when i.status = 'running' then r.worker_id end,
                queued_at = case when i.status = 'queued' then clock_timestamp() else r.queued_at end,
                finished_at = case when i.ended_by is not null then clock_timestamp() end,
                seq = r.seq + 1, changed_xid = pg_current_xact_id()
            from locked join i on i.id = locked.id
            where r.id = locked.id and {FENCE}
            returning r.id, r.workspace_id, r.zip_id, r.seq, r.status
        ), rung as ({doorbells("stored", where="status = 'queued'")}
        ), told as ({news("stored", KIND, where="status <> 'running'")}
        ){f", attempts as ({ATTEMPTS})" if attempts else ""}{f", waits as ({WAITS})" if waits else ""}
        select id from stored
        """
    )


KIND = "case status when 'queued' then 'run.queued' when 'waiting' then 'run.waiting' else 'run.finished' end"

NOW_STORED = text("select id, epoch, seq from zip_run where id = any (cast(:ids as uuid[]))")

GIVE_BACK = text(
    f"""
    with i as materialized (
        select * from unnest(cast(:ids as uuid[]), cast(:epochs as int[])) as i(id, epoch)
    ), locked as materialized (
        select r.id from zip_run r join i on i.id = r.id
        where r.epoch = i.epoch and r.status = 'running' order by r.id for no key update of r
    ), stored as (
        update zip_run r set
            status = 'waiting', waits_for = coalesce(r.waits_for, 'retry'),
            wake_at = greatest(r.wake_at, clock_timestamp() + cast(:delay as interval)),
            epoch = r.epoch + 1, worker_id = null, deadline = null,
            active_ms = r.active_ms
                + cast(greatest(0, extract(epoch from clock_timestamp() - r.claimed_at) * 1000) as bigint),
            seq = r.seq + 1, changed_xid = pg_current_xact_id()
        from locked join i on i.id = locked.id
        where r.id = locked.id and r.epoch = i.epoch and r.status = 'running'
        returning r.id, r.workspace_id, r.zip_id, r.seq, r.status
    ), told as ({news("stored", "'run.waiting'")})
    select id from stored
    """
)


async def save(session: AsyncSession, writes: Sequence[RunWrite]) -> set[int]:
    """Store a batch, and return the positions in `writes` of those that are stored; the others are fenced.

    A write that landed earlier without its writer learning so counts as stored, and is not stored twice. Ring the
    bell after the commit.
    """
    stored: set[int] = set()
    for batch in once_each(writes):
        written = await _store(session, [writes[position] for position in batch])
        stored.update(position for position in batch if writes[position].run.id in written)
    return stored


async def give_back(session: AsyncSession, owned: Iterable[tuple[UUID, int]], *, delay: timedelta) -> set[UUID]:
    """Let go of runs (id, epoch) that this release can't carry on, or that nobody in this process holds any more.

    They wait for `delay` and are queued again then; a started attempt stays `started`, for whoever claims next.
    """
    pairs = list(dict(owned).items())
    rows = await session.execute(
        GIVE_BACK, {"ids": [run_id for run_id, _ in pairs], "epochs": [epoch for _, epoch in pairs], "delay": delay}
    )
    return set(rows.scalars())


def once_each(writes: Sequence[RunWrite]) -> list[list[int]]:
    """Positions in rounds: a run's first write in the first, its second in the second … (rule b)."""
    seen: dict[UUID, int] = {}
    rounds: list[list[int]] = []
    for position, write in enumerate(writes):
        turn = seen.get(write.run.id, 0)
        seen[write.run.id] = turn + 1
        if turn == len(rounds):
            rounds.append([])
        rounds[turn].append(position)
    return rounds


async def _store(session: AsyncSession, writes: Sequence[RunWrite]) -> set[UUID]:
    attempts = [(write, attempt) for write in writes for attempt in write.attempts]
    waits = [(write, wait) for write in writes for wait in write.waits]
    parameters = _arrays("i", RUN_COLUMNS, [_run_row(write) for write in writes])
    if attempts:
        rows = [_attempt_row(write, attempt) for write, attempt in attempts]
        parameters |= _arrays("a", ATTEMPT_COLUMNS, rows)
    if waits:
        parameters |= _arrays("w", WAIT_COLUMNS, [(w.run.id, t.kind, t.step_id, t.path, t.wake_at) for w, t in waits])
    result = await session.execute(statement(attempts=bool(attempts), waits=bool(waits)), parameters)
    stored = set(result.scalars())
    missing = {write.run.id: write.base for write in writes if write.run.id not in stored}
    if missing:
        for row in await session.execute(NOW_STORED, {"ids": list(missing)}):
            base = missing[row.id]
            if fence(replace(base, epoch=row.epoch, seq=row.seq), base) == "landed":
                stored.add(row.id)
        metrics.fenced.inc(len(writes) - len(stored))
    return stored


def _arrays(prefix: str, columns: Iterable[str], rows: Iterable[tuple[Any, ...]]) -> dict[str, list[Any]]:
    return {
        f"{prefix}_{name}": list(values)
        for name, values in zip(columns, zip(*rows, strict=True), strict=True)  # rows to columns
    }


def _run_row(write: RunWrite) -> tuple[Any, ...]:
    run, base, error = write.run, write.base, write.run.error
    return (
        run.id,
        base.epoch,
        base.seq,
        run.epoch,
        run.status,
        _cursor(run.cursor),
        run.attempt,
        run.waits_for,
        run.wake_at,
        run.deadline,
        run.active_ms,
        run.crashes,
        run.ended_by,
        _text(error.code) if error else None,
        _text(error.message) if error else None,
        error.step_id if error else None,
    )


def _attempt_row(write: RunWrite, attempt: AttemptWrite) -> tuple[Any, ...]:
    return (
        write.run.id,
        attempt.step_id,
        attempt.path,
        attempt.attempt,
        attempt.generation,
        write.base.epoch,
        attempt.effect,
        attempt.status,
        attempt.idempotency_key,
        attempt.input,
        attempt.output,
        _text(attempt.error_code),
        _text(attempt.error_message),
        attempt.error_detail,
        attempt.maybe_repeated,
        attempt.started_at,
        attempt.finished_at,
    )


def _cursor(cursor: Cursor) -> str:
    return START_TEXT if cursor is START else orjson.dumps(cursor_to_json(cursor)).decode()


def _text(value: str | None) -> str | None:
    """What `text` can hold: messages of others may carry NUL or half a character."""
    if value is None or (value.isascii() and "\0" not in value):
        return value
    return value.replace("\0", "\ufffd").encode("utf-8", "replace").decode()
