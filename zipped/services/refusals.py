"""Ledger rows of what the door refused: the first hundred of a trigger and hour as rows, the others as a number.

Whoever floods a webhook must not fill its owner's history or disk; the owner still sees that it happened, and how.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

ROWS_PER_HOUR: Final = 100  # of one trigger
KEPT_BYTES: Final = 4096  # of a refused body

Outcome = Literal["bad_signature", "malformed", "too_large", "throttled"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """One request that was turned away."""

    trigger_id: UUID
    outcome: Outcome
    #: For the owner, in plain words.
    reason: str
    method: str
    query: bytes
    #: JSON list of [name, value], credentials masked.
    headers: bytes
    #: The start of what was sent, at most 4 KiB.
    body: bytes
    #: All of what was sent, as far as it was read, in bytes.
    body_size: int
    source_ip: str


# The trigger's row stands for its hour: who counts rows holds it, so that two apis keep one hundred between them.
LOCK: Final = text("select id from trigger where id = any(cast(:ids as uuid[])) order by id for no key update")

RECORD: Final = text(
    f"""
    with hour as (select date_trunc('hour', now(), 'UTC') as hour),
    ranked as (
        select g.*, t.workspace_id, t.zip_id, uuidv7() as event_id,
               row_number() over (partition by g.trigger_id order by g.n) + coalesce(before.kept, 0) as place
        from unnest(
            cast(:trigger_id as uuid[]), cast(:outcome as text[]), cast(:reason as text[]), cast(:method as text[]),
            cast(:query as bytea[]), cast(:headers as bytea[]), cast(:body as bytea[]), cast(:body_size as int[]),
            cast(:source_ip as text[])
        ) with ordinality as g(trigger_id, outcome, reason, method, query, headers, body, body_size, source_ip, n)
        join trigger t on t.id = g.trigger_id
        cross join hour
        left join lateral (
            select sum(kept) as kept from event_tally y where y.trigger_id = g.trigger_id and y.hour = hour.hour
        ) before on true
    ),
    kept as (select * from ranked where place <= {ROWS_PER_HOUR}),
    new_event as (
        insert into event (id, workspace_id, zip_id, trigger_id, outcome, reason, method, query, headers, body_size,
                           source_ip)
        select event_id, workspace_id, zip_id, trigger_id, outcome, reason, method, query, headers, body_size, source_ip
        from kept
    ),
    new_body as (
        insert into event_body (event_id, workspace_id, body, truncated)
        select event_id, workspace_id, body, octet_length(body) < body_size from kept where octet_length(body) > 0
    ),
    counted as (
        select trigger_id, workspace_id, outcome,
               count(*) filter (where place <= {ROWS_PER_HOUR}) as kept,
               count(*) filter (where place > {ROWS_PER_HOUR}) as dropped
        from ranked group by 1, 2, 3
        union all
        select c.trigger_id, t.workspace_id, c.outcome, 0, c.dropped
        from unnest(cast(:more_trigger_id as uuid[]), cast(:more_outcome as text[]), cast(:more_dropped as int[]))
             as c(trigger_id, outcome, dropped)
        join trigger t on t.id = c.trigger_id
    ),
    tallied as (
        insert into event_tally as y (trigger_id, hour, outcome, workspace_id, kept, dropped)
        select trigger_id, hour.hour, outcome, workspace_id, sum(kept), sum(dropped)
        from counted cross join hour group by 1, 2, 3, 4 order by 1, 3
        on conflict (trigger_id, hour, outcome) do update
        set kept = y.kept + excluded.kept, dropped = y.dropped + excluded.dropped
    )
    select distinct trigger_id, cast(extract(epoch from hour.hour + interval '1 hour' - now()) as float8) as seconds
    from ranked cross join hour where place >= {ROWS_PER_HOUR}
    """
)


async def record(
    session: AsyncSession, refusals: Sequence[Refusal], *, more: Mapping[tuple[UUID, Outcome], int] | None = None
) -> dict[UUID, float]:
    """Write rows for `refusals` as far as the hour has room, and count the rest and those of `more`.

    Returned are the triggers whose hour is full, with the seconds until it ends. Refusals of a trigger that is gone
    are dropped.
    """
    counts = Counter(more or {})
    ids = {refusal.trigger_id for refusal in refusals} | {trigger_id for trigger_id, _ in counts}
    await session.execute(LOCK, {"ids": sorted(ids)})
    values: dict[str, list[object]] = {
        name: [getattr(refusal, name) for refusal in refusals]
        for name in (
            "trigger_id",
            "outcome",
            "reason",
            "method",
            "query",
            "headers",
            "body",
            "body_size",
            "source_ip",
        )
    }
    values["more_trigger_id"] = [trigger_id for trigger_id, _ in counts]
    values["more_outcome"] = [outcome for _, outcome in counts]
    values["more_dropped"] = list(counts.values())
    return {row.trigger_id: row.seconds for row in await session.execute(RECORD, values)}
