"""Saves: what the owner of a run writes, in batches and fenced. The law is in run_writes.

A save says which state it was worked out from (`base`), and is stored only when nobody wrote since: same epoch, same
`seq`, still running. So it may be sent again when its fate is unknown, because a connection died during its COMMIT:
`save` finds out whether it landed. The rule is `zipped.engine.run.fence`, in SQL.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import cache
from uuid import UUID

from sqlalchemy import TextClause, text

from zipped import metrics
from zipped.engine.run import fence
from zipped.lines import Statements
from zipped.services.run_notices import doorbells, news
from zipped.services.run_rows import ATTEMPT_COLUMNS, RUN_COLUMNS, WAIT_COLUMNS, RunWrite, parameters, table

#: What makes a write the owner's own and not an old one: nobody wrote since the state it was worked out from.
FENCE = "r.epoch = i.base_epoch and r.seq = i.base_seq and r.status = 'running'"


ATTEMPTS = f"""
    insert into step_attempt (workspace_id, {", ".join(ATTEMPT_COLUMNS)})
    select s.workspace_id, {", ".join(f"a.{name}" for name in ATTEMPT_COLUMNS)}
    from stored s join {table("a", ATTEMPT_COLUMNS)} on a.run_id = s.id
    on conflict (run_id, step_id, path, attempt) do update set
        effect = excluded.effect, status = excluded.status,
        input = coalesce(excluded.input, step_attempt.input),
        output = excluded.output, error_code = excluded.error_code, error_message = excluded.error_message,
        error_detail = excluded.error_detail,
        maybe_repeated = step_attempt.maybe_repeated or excluded.maybe_repeated,
        started_at = coalesce(step_attempt.started_at, excluded.started_at), finished_at = excluded.finished_at
"""
WAITS = f"""
    insert into wait (workspace_id, {", ".join(WAIT_COLUMNS)})
    select s.workspace_id, {", ".join(f"w.{name}" for name in WAIT_COLUMNS)}
    from stored s join {table("w", WAIT_COLUMNS)} on w.run_id = s.id
"""


@cache
def statement(*, attempts: bool, waits: bool) -> TextClause:
    """The statement of a batch; without what the batch does not have."""
    return text(
        f"""
        with i as materialized (
            select * from {table("i", RUN_COLUMNS)}
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


async def save(statements: Statements, writes: Sequence[RunWrite]) -> set[int]:
    """Store a batch, and return the positions in `writes` of those that are stored; the others are fenced.

    A write that landed earlier without its writer learning so counts as stored, and is not stored twice. Ring the
    bell after the commit.
    """
    stored: set[int] = set()
    for batch in once_each(writes):
        written = await _store(statements, [writes[position] for position in batch])
        stored.update(position for position in batch if writes[position].run.id in written)
    return stored


async def give_back(statements: Statements, owned: Iterable[tuple[UUID, int]], *, delay: timedelta) -> set[UUID]:
    """Let go of runs (id, epoch) that this release can't carry on, or that nobody in this process holds any more.

    They wait for `delay` and are queued again then; a started attempt stays `started`, for whoever claims next.
    """
    pairs = list(dict(owned).items())
    rows = await statements.execute(
        GIVE_BACK, {"ids": [run_id for run_id, _ in pairs], "epochs": [epoch for _, epoch in pairs], "delay": delay}
    )
    return {row.id for row in rows}


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


async def _store(statements: Statements, writes: Sequence[RunWrite]) -> set[UUID]:
    arrays = parameters(writes)
    kept = statement(attempts="a_run_id" in arrays, waits="w_run_id" in arrays)
    stored = {row.id for row in await statements.execute(kept, arrays)}
    missing = {write.run.id: write.base for write in writes if write.run.id not in stored}
    if missing:
        for row in await statements.execute(NOW_STORED, {"ids": list(missing)}):
            base = missing[row.id]
            if fence(replace(base, epoch=row.epoch, seq=row.seq), base) == "landed":
                stored.add(row.id)
        metrics.fenced.inc(len(writes) - len(stored))
    return stored
