"""Runs that a worker has claimed, and writes of them to be saved."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from tests.integration.stored import StoredZip, make_runs, make_worker, make_zip
from zipped.db import Database
from zipped.engine.run import Run
from zipped.services import run_writes
from zipped.services.run_writes import AttemptWrite, Claimed, RunWrite, WaitWrite


async def claimed_runs(database: Database, count: int) -> tuple[StoredZip, UUID, list[Claimed]]:
    """A zip, a worker, and runs of it that the worker owns, in the order of ids."""
    stored_zip = await make_zip(database)
    run_ids = await make_runs(database, stored_zip, count)
    worker_id = await make_worker(database)
    return stored_zip, worker_id, await claim(database, run_ids, worker_id)


async def claim(database: Database, run_ids: Sequence[UUID], worker_id: UUID, *, alone: bool = False) -> list[Claimed]:
    """Claim in a transaction of its own; in the order of ids."""
    async with database.begin() as session:
        claims = await run_writes.claim(session, run_ids, worker_id=worker_id, alone=alone)
    return sorted(claims.claimed, key=lambda one: one.run.id)


async def save(database: Database, *writes: RunWrite) -> set[int]:
    """Save in a transaction of its own."""
    async with database.begin() as session:
        return await run_writes.save(session, writes)


def attempt(number: int = 1, **more: Any) -> AttemptWrite:
    """A succeeded attempt of the step "call"."""
    values: dict[str, Any] = {
        "step_id": "call",
        "path": "",
        "attempt": number,
        "generation": 0,
        "effect": "write",
        "status": "succeeded",
        "idempotency_key": "KEY",
        "output": b"1",
    }
    return AttemptWrite(**(values | more))


def started(number: int = 1) -> AttemptWrite:
    """An attempt whose effect is about to happen."""
    return attempt(number, status="started", output=None, input=b"{}")


def going_on(base: Run, *attempts: AttemptWrite) -> RunWrite:
    """The run goes on."""
    return RunWrite(base=base, run=replace(base, attempt=base.attempt + 1), attempts=attempts)


def ending(base: Run, *attempts: AttemptWrite) -> RunWrite:
    """The run ends well."""
    return RunWrite(base=base, run=replace(base, status="succeeded", ended_by="end", deadline=None), attempts=attempts)


def parking(base: Run, *attempts: AttemptWrite, seconds: float = 60) -> RunWrite:
    """The run waits."""
    assert base.claimed_at is not None
    wake_at = base.claimed_at + timedelta(seconds=seconds)
    run = replace(base, status="waiting", waits_for="delay", wake_at=wake_at, deadline=None)
    wait = WaitWrite(kind="delay", step_id="call", path="", wake_at=wake_at)
    return RunWrite(base=base, run=run, attempts=attempts, waits=(wait,))


def saved(write: RunWrite) -> Run:
    """What is stored after a write."""
    return replace(write.run, seq=write.run.seq + 1)
