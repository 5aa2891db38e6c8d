"""What the steps of runs did: one row a try, listed without their payloads, which are fetched where they are wanted."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from zipped.services import pages

MAX_LISTED: Final = 1000  # tries of one run, the newest

LIST = text(
    f"""
    select a.* from (
        select newest.* from unnest(cast(:run_ids as uuid[])) as wanted(run_id)
        cross join lateral (
            select run_id, step_id, path, attempt, effect, status, error_code, error_message,
                   idempotency_key, maybe_repeated, started_at, finished_at,
                   octet_length(input) as input_size, octet_length(output) as output_size,
                   error_detail is not null as has_detail
            from step_attempt
            where run_id = wanted.run_id and workspace_id = any(:workspace_ids)
            order by coalesce(started_at, finished_at) desc nulls first, attempt desc limit {MAX_LISTED}
        ) newest
        limit {pages.MAX_ROWS + 1}
    ) a
    order by a.run_id, coalesce(a.started_at, a.finished_at) nulls last, a.attempt
    """
)

WANTED = """
    from step_attempt
    where (run_id, step_id, path, attempt) in (
        select * from unnest(
            cast(:run_ids as uuid[]), cast(:step_ids as text[]), cast(:paths as text[]), cast(:attempts as int[])
        )
    ) and workspace_id = any(:workspace_ids)
"""

SIZE = text(
    "select sum(coalesce(octet_length(input), 0) + coalesce(octet_length(output), 0) "
    f"+ coalesce(octet_length(error_detail), 0)) {WANTED}"
)

PAYLOADS = text(f"select run_id, step_id, path, attempt, input, output, error_detail {WANTED}")


class Key(NamedTuple):
    """The primary key of a try."""

    run_id: UUID
    step_id: str
    path: str
    attempt: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One try of one step."""

    key: Key
    effect: str
    status: str
    error_code: str | None
    error_message: str | None
    idempotency_key: str
    maybe_repeated: bool
    started_at: datetime | None
    finished_at: datetime | None
    #: Bytes of JSON; None where there is none.
    input_size: int | None
    output_size: int | None
    has_detail: bool


@dataclass(frozen=True, slots=True)
class Payload:
    """What went in and came out, as JSON bytes."""

    input: bytes | None
    output: bytes | None
    error_detail: bytes | None


async def by_run_ids(
    session: AsyncSession, workspace_ids: Collection[UUID], run_ids: Collection[UUID]
) -> dict[UUID, list[Attempt]]:
    """The tries of these runs in the order they began; of one with more than 1,000 the newest.

    Raises ValidationFailed for more than `pages.MAX_ROWS` in all.
    """
    values = {"run_ids": list(run_ids), "workspace_ids": list(workspace_ids)}
    rows = (await session.execute(LIST, values)).all()
    pages.refuse_too_many(len(rows))
    found: dict[UUID, list[Attempt]] = {run_id: [] for run_id in run_ids}
    for row in rows:
        found[row.run_id].append(
            Attempt(
                key=Key(row.run_id, row.step_id, row.path, row.attempt),
                effect=row.effect,
                status=row.status,
                error_code=row.error_code,
                error_message=row.error_message,
                idempotency_key=row.idempotency_key,
                maybe_repeated=row.maybe_repeated,
                started_at=row.started_at,
                finished_at=row.finished_at,
                input_size=row.input_size,
                output_size=row.output_size,
                has_detail=row.has_detail,
            )
        )
    return found


async def payloads(session: AsyncSession, workspace_ids: Collection[UUID], keys: Collection[Key]) -> dict[Key, Payload]:
    """What went into these tries and came out of them. Raises ValidationFailed for more than 32 MiB at once."""
    values = {
        "run_ids": [key.run_id for key in keys],
        "step_ids": [key.step_id for key in keys],
        "paths": [key.path for key in keys],
        "attempts": [key.attempt for key in keys],
        "workspace_ids": list(workspace_ids),
    }
    pages.refuse_too_much(await session.scalar(SIZE, values))
    rows = await session.execute(PAYLOADS, values)
    return {
        Key(row.run_id, row.step_id, row.path, row.attempt): Payload(
            _bytes(row.input), _bytes(row.output), _bytes(row.error_detail)
        )
        for row in rows
    }


def _bytes(stored: bytes | memoryview | None) -> bytes | None:
    return None if stored is None else bytes(stored)
