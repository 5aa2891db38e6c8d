"""What trying the steps of a draft showed, remembered: the last test of each step in which it was performed.

A test is stale once the draft says something else than what was tested (the step's action, input or connection), or
once a step that it looked at has a newer output or is stale itself.

A zip keeps the tests of its 500 steps at most, and 32 MiB of them: the oldest go first.
"""

import asyncio
import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import orjson
from sqlalchemy import Text, cast, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from zipped import ids
from zipped.engine import path
from zipped.engine.definition import MAX_STEPS
from zipped.models import Zip
from zipped.services import pages
from zipped.services.step_samples import Sample, steps_in

MAX_KEPT: Final = 32 << 20  # bytes of one zip's tests
MAX_INPUT: Final = 256 * 1024  # bytes of an input that are kept for showing

COLUMNS = """
    id, zip_id, step_id, step_sha256, cast(samples as text) as samples, effect, outcome, error_code, message,
    delayed_until, input_size,
    octet_length(output) as output_size, output_sha256, duration_ms, tested_at, tested_by
"""

LIST = text(
    f"""
    select {COLUMNS} from step_test
    where zip_id = any(:zip_ids) and workspace_id = any(:workspace_ids) order by zip_id, step_id
    """
)

FIND = text(f"select {COLUMNS} from step_test where id = :id and workspace_id = :workspace_id")

#: Bytes of a test's contents.
WEIGHT = """coalesce(octet_length(input), 0) + coalesce(octet_length(output), 0)
    + coalesce(octet_length(error_detail), 0) + octet_length(calls)
"""

CONTENTS = """
    from step_test where id = any(:ids) and workspace_id = any(:workspace_ids)
"""
SIZE = text(f"select sum({WEIGHT}) {CONTENTS}")
READ = text(f"select id, input, output, error_detail, calls {CONTENTS}")

# Two tests of a step may end at once: who is second is who is remembered.
REMEMBER = text(
    f"""
    insert into step_test (
        zip_id, step_id, workspace_id, id, step_sha256, samples, effect, outcome, error_code, message, delayed_until,
        input, output, output_sha256, error_detail, calls, input_size, duration_ms, tested_by
    )
    select id, :step_id, workspace_id, :id, :step_sha256, cast(:samples as jsonb), :effect, :outcome, :error_code,
           :message, cast(:delayed_until as timestamptz), cast(:input as bytea), cast(:output as bytea),
           sha256(cast(:output as bytea)), cast(:error_detail as bytea), :calls, :input_size, :duration_ms,
           cast(:tested_by as uuid)
    from zip where id = :zip_id and workspace_id = :workspace_id and deleted_at is null
    on conflict (zip_id, step_id) do update set
        id = excluded.id, step_sha256 = excluded.step_sha256, samples = excluded.samples, effect = excluded.effect,
        outcome = excluded.outcome, error_code = excluded.error_code, message = excluded.message,
        delayed_until = excluded.delayed_until, input = excluded.input, output = excluded.output,
        output_sha256 = excluded.output_sha256, error_detail = excluded.error_detail, calls = excluded.calls,
        input_size = excluded.input_size, duration_ms = excluded.duration_ms, tested_by = excluded.tested_by,
        tested_at = now()
    returning {COLUMNS}
    """
)

FORGET = text(
    f"""
    delete from step_test where zip_id = :zip_id and workspace_id = :workspace_id and step_id in (
        select step_id from (
            select step_id, row_number() over newest as place, sum({WEIGHT}) over newest as size
            from step_test where zip_id = :zip_id and workspace_id = :workspace_id
            window newest as (order by tested_at desc, step_id)
        ) kept
        where place > {MAX_STEPS} or size > {MAX_KEPT}
    )
    """
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tested:
    """What a test of a step showed, without its contents."""

    id: UUID
    zip_id: UUID
    step_id: str
    #: Of what was tested; see `fingerprint`.
    step_sha256: bytes
    samples: tuple[Sample, ...]
    effect: str
    #: None: a preview that stopped before its first call.
    outcome: str | None
    error_code: str | None = None
    message: str = ""
    delayed_until: datetime | None = None
    #: Bytes of JSON; None where there is none.
    input_size: int
    output_size: int | None = None
    output_sha256: bytes | None = None
    duration_ms: int
    tested_at: datetime
    tested_by: UUID | None
    stale: bool = False
    #: False: it was only previewed.
    performed: bool = True
    #: Whether it is stored.
    remembered: bool = True

    @property
    def idempotency_key(self) -> str:
        """The key that went out with it."""
        return path.idempotency_key(self.id, self.step_id, path.TOP, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What went in, came out and was sent, as JSON bytes, masked."""

    #: None where it was too large to keep.
    input: bytes | None
    output: bytes | None
    error_detail: bytes | None
    calls: bytes


def fingerprint(step: Mapping[str, Any]) -> bytes:
    """What a test of this step is a test of, as SHA-256: its action, its input and its connection as written."""
    told = [step.get("app"), step.get("action"), step.get("input") or {}, step.get("connection") or None]
    return hashlib.sha256(orjson.dumps(told, option=orjson.OPT_SORT_KEYS)).digest()


async def by_zip_ids(
    session: AsyncSession, workspace_ids: Collection[UUID], zip_ids: Collection[UUID]
) -> dict[UUID, list[Tested]]:
    """The tests of the steps that each draft has now, in its order, with the stale ones marked."""
    found: dict[UUID, list[Tested]] = {}
    for row in await session.execute(LIST, {"zip_ids": list(zip_ids), "workspace_ids": list(workspace_ids)}):
        found.setdefault(row.zip_id, []).append(_tested(row))
    if not found:
        return {}
    query = select(Zip.id, cast(Zip.draft, Text).label("draft")).where(
        Zip.workspace_id.in_(workspace_ids), Zip.id.in_(found)
    )
    drafts = {row.id: row.draft for row in await session.execute(query)}

    def mark() -> dict[UUID, list[Tested]]:
        return {zip_id: marked(found[zip_id], orjson.loads(draft)) for zip_id, draft in drafts.items()}

    return await asyncio.to_thread(mark)


async def get(session: AsyncSession, workspace_id: UUID, test_id: UUID) -> Tested | None:
    """The test, while it is the last one of its step; not marked."""
    row = (await session.execute(FIND, {"id": test_id, "workspace_id": workspace_id})).one_or_none()
    return None if row is None else _tested(row)


async def contents(
    session: AsyncSession, workspace_ids: Collection[UUID], test_ids: Collection[UUID]
) -> dict[UUID, Contents]:
    """What these tests hold. Raises ValidationFailed for more than 32 MiB at once."""
    values = {"ids": list(test_ids), "workspace_ids": list(workspace_ids)}
    pages.refuse_too_much(await session.scalar(SIZE, values))
    return {
        row.id: Contents(input=row.input, output=row.output, error_detail=row.error_detail, calls=row.calls)
        for row in await session.execute(READ, values)
    }


async def remember(session: AsyncSession, workspace_id: UUID, tested: Tested, held: Contents) -> Tested:
    """Put a test in the place of the one before; a zip that was deleted meanwhile remembers nothing."""
    kept = held.input is not None and len(held.input) <= MAX_INPUT
    values = {
        "zip_id": tested.zip_id,
        "workspace_id": workspace_id,
        "step_id": tested.step_id,
        "id": tested.id,
        "step_sha256": tested.step_sha256,
        "samples": orjson.dumps([_written(sample) for sample in tested.samples]).decode(),
        "effect": tested.effect,
        "outcome": tested.outcome,
        "error_code": tested.error_code,
        "message": tested.message,
        "delayed_until": tested.delayed_until,
        "input": held.input if kept else None,
        "output": held.output,
        "error_detail": held.error_detail,
        "calls": held.calls,
        "input_size": tested.input_size,
        "duration_ms": tested.duration_ms,
        "tested_by": tested.tested_by,
    }
    row = (await session.execute(REMEMBER, values)).one_or_none()
    if row is None:
        return tested
    await session.execute(FORGET, {"zip_id": tested.zip_id, "workspace_id": workspace_id})
    return _tested(row)


def marked(tests: Iterable[Tested], document: object) -> list[Tested]:
    """Those of steps that the draft has, in its order, with the stale ones marked."""
    by_step = {test.step_id: test for test in tests}
    found: dict[str, Tested] = {}
    for step in steps_in(document):
        test = by_step.get(str(step.get("id")))
        if test is not None and test.step_id not in found:
            changed = fingerprint(step) != test.step_sha256
            found[test.step_id] = replace(test, stale=changed or any(_moved(one, found) for one in test.samples))
    return list(found.values())


def _moved(sample: Sample, before: Mapping[str, Tested]) -> bool:
    """Whether a step that was looked at has another output by now, or will have once it is tested again."""
    if sample.source != "test":
        return False
    test = before.get(sample.root.partition(".")[2])
    return test is None or test.stale or test.output_sha256 is None or test.output_sha256.hex() != sample.sha256


def _tested(row: Any) -> Tested:
    return Tested(
        id=row.id,
        zip_id=row.zip_id,
        step_id=row.step_id,
        step_sha256=row.step_sha256,
        samples=tuple(_read(one) for one in orjson.loads(row.samples)),
        effect=row.effect,
        outcome=row.outcome,
        error_code=row.error_code,
        message=row.message,
        delayed_until=row.delayed_until,
        input_size=row.input_size,
        output_size=row.output_size,
        output_sha256=row.output_sha256,
        duration_ms=row.duration_ms,
        tested_at=row.tested_at,
        tested_by=row.tested_by,
    )


def _written(sample: Sample) -> dict[str, str]:
    told = {"root": sample.root, "source": sample.source}
    if sample.event_id is not None:
        told["eventId"] = ids.encode("evt", sample.event_id)
    if sample.run_id is not None:
        told["runId"] = ids.encode("run", sample.run_id)
    if sample.sha256 is not None:
        told["sha256"] = sample.sha256
    return told


def _read(told: Mapping[str, Any]) -> Sample:
    event_id, run_id = told.get("eventId"), told.get("runId")
    return Sample(
        root=told["root"],
        source=told["source"],
        event_id=ids.decode(event_id, "evt") if event_id else None,
        run_id=ids.decode(run_id, "run") if run_id else None,
        sha256=told.get("sha256"),
    )
