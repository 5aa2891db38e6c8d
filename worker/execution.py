"""One run in a slot, from its claim until it is parked, over, or let go: decide, perform, record, and save in between.

What is saved when: the result of a step goes together with the intent of the next one, in one fenced write. Only what
touches the outside has an intent; a pure step can be done again and goes with whatever is saved next. A run that was
claimed before writes intents for pure steps too: if one of them killed its worker, somebody has to count that.
"""

import asyncio
import random
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

import orjson

from worker.database_time import DatabaseTime
from worker.gate import Gate
from worker.heartbeat import Heartbeat
from worker.loading import Loaded
from worker.perform import Prepared, Refused, Surroundings, perform, prepare
from worker.progress import Progress
from worker.saving import Saver
from zipped import ids, metrics
from zipped.catalog import Catalog, OpenConnection, Outside
from zipped.engine.decision import Execute, Finish, Skip, Wait
from zipped.engine.outcome import Failed, Json, Outcome, Unknown, attempt_status, output_of
from zipped.engine.run import (
    UNKNOWN_OUTCOME,
    Effect,
    Run,
    StartedAttempt,
    decide,
    finish,
    record,
    recover,
    release,
    skip,
)
from zipped.logs import get_logger
from zipped.messages import RunChanged
from zipped.services.run_writes import AttemptWrite, RunWrite, WaitWrite

PENDING_ATTEMPTS = 32  # results of pure steps that may wait to be saved
PENDING_BYTES = 512 * 1024
LOST = "The worker died or was stopped in the middle of this step; whether it had its effect is unknown."

log = get_logger(__name__)


class Fenced(Exception):
    """The run belongs to somebody else by now, or to nobody: what was to be saved is void."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Surround:
    """What every run of this process shares."""

    catalog: Catalog
    http: Outside
    saver: Saver
    heartbeat: Heartbeat
    gate: Gate
    time: DatabaseTime
    progress: Progress
    #: The installation's own connections by kind.
    defaults: Mapping[str, OpenConnection]
    #: Set when the worker leaves: runs between two steps are let go at once.
    leaving: asyncio.Event


class Execution:
    """A run that this worker owns. `carry` is its task."""

    def __init__(self, loaded: Loaded, shared: Surround, *, cleared: asyncio.Event | None = None) -> None:
        claimed = loaded.claimed
        self._loaded = loaded
        self._shared = shared
        self._definition = loaded.version.definition
        self.run: Run = claimed.run
        self._base: Run = claimed.run
        self._outputs: dict[str, Json] = loaded.outputs
        self._pending: list[AttemptWrite] = []
        self._pending_bytes = 0
        self._waits: tuple[WaitWrite, ...] = ()
        self._on_its_way: RunWrite | None = None
        self._careful = not claimed.fresh
        self._rendered: Json = self._first_input(loaded)
        self._ids = Surroundings(
            run_id=ids.encode("run", claimed.run.id),
            zip_id=ids.encode("zip", claimed.zip_id),
            workspace_id=ids.encode("wsp", claimed.workspace_id),
            depth=claimed.depth,
            deadline=claimed.run.deadline,
        )
        #: What a cancelled task does with its run: hand it back, or forget it because somebody else has it.
        self.when_cancelled: Literal["release", "forget"] = "release"
        self._cleared = cleared

    async def carry(self) -> None:
        """Bring the run as far as it goes now. Raises Fenced, WorkerLost and whatever our own faults raise."""
        try:
            await self._carry()
        except asyncio.CancelledError:
            if self.when_cancelled == "release":
                await self._let_go()
            raise

    async def _carry(self) -> None:
        self._find_lost()
        while True:
            decision = decide(self.run, self._definition, self._shared.time.now())
            match decision:
                case Finish():
                    await self._end(decision)
                    return
                case Wait(parked=True):
                    await self._save()
                    return
            if self._shared.leaving.is_set():
                await self._let_go()
                return
            match decision:
                case Execute():
                    await self._step(decision)
                case Skip():
                    self._add(self._attempt(decision, effect="pure", status="skipped", finished=True))
                    self.run = skip(self.run, self._definition)
                case Wait(until=until):
                    await self._save()
                    await self._sleep(until)
            if len(self._pending) >= PENDING_ATTEMPTS or self._pending_bytes >= PENDING_BYTES:
                await self._save()

    async def _step(self, execute: Execute) -> None:
        prepared = self._prepare(execute)
        if isinstance(prepared, Refused):
            shown = None if prepared.stored_input is None else orjson.dumps(prepared.stored_input)
            written = self._attempt(execute, effect="pure", status="failed", input=shown)
            self._record(execute, written, prepared.outcome)
            return
        effect: Effect = prepared.effect.value
        written = self._attempt(execute, effect=effect, status="started", input=orjson.dumps(prepared.stored_input))
        if effect == "pure" and not self._careful:
            outcome = await self._perform(prepared, execute)
            self._record(execute, written, outcome)
            await asyncio.sleep(0)  # a long row of pure steps gives others their turn
            return
        async with AsyncExitStack() as stack:
            gate = self._shared.gate
            await stack.enter_async_context(gate.alone() if self.run.crashes else gate.shared())
            if self._shared.leaving.is_set():
                return
            self._add(written)
            await self._save()
            await self._shared.heartbeat.prove()
            outcome = await self._perform(prepared, execute)
            self._record(execute, replace(written, input=None), outcome)
            if gate.wanted:  # whoever is alone next must find no step of ours started
                await self._save()

    def _prepare(self, execute: Execute) -> Prepared | Refused:
        connection = self._loaded.connections.get(execute.step.connection_id or "")
        if isinstance(connection, Failed):
            return Refused(outcome=connection)
        return prepare(
            execute,
            self._scope(),
            catalog=self._shared.catalog,
            connection=connection,
            defaults=self._shared.defaults,
            stored_input=self._rendered,
        )

    async def _perform(self, prepared: Prepared, execute: Execute) -> Outcome:
        self._rendered = prepared.stored_input
        now = self._shared.time.now()
        return await perform(prepared, execute, self._ids, http=self._shared.http, now=now)

    def _record(self, execute: Execute, written: AttemptWrite, outcome: Outcome) -> None:
        now = self._shared.time.now()
        before = self.run
        self.run = record(before, self._definition, outcome, now=now, jitter=random.random())
        output = None
        if self.run.cursor != before.cursor or not isinstance(outcome, Failed | Unknown):
            told = output_of(outcome)
            output = orjson.dumps(told)
            if self._loaded.version.keeps(execute.step.id):
                self._outputs[execute.step.id] = told
        if self.run.cursor != before.cursor:
            self._rendered = None
        status = attempt_status(outcome)
        metrics.steps.labels(status).inc()
        self._add(replace(written, status=status, output=output, finished_at=now, **_error(outcome)))
        if self.run.status == "waiting" and self.run.waits_for and self.run.wake_at:
            wait = WaitWrite(
                kind=self.run.waits_for, step_id=execute.step.id, path=execute.path, wake_at=self.run.wake_at
            )
            self._waits = (wait,)

    async def _end(self, end: Finish) -> None:
        if not self.run.final:
            self.run = finish(self.run, end)
        await self._save()
        metrics.finished.labels(self.run.status).inc()
        if self._loaded.claimed.fresh:
            metrics.run_seconds.observe((self._shared.time.now() - self._loaded.claimed.created_at).total_seconds())

    async def _sleep(self, until: datetime) -> None:
        seconds = (until - self._shared.time.now()).total_seconds()
        try:
            async with asyncio.timeout(max(0.0, seconds)):
                await self._shared.leaving.wait()
        except TimeoutError:
            return

    async def _let_go(self) -> None:
        """Hand the run back for another worker; an attempt under way stays `started`, for whoever claims next."""
        if (
            self._on_its_way is not None
        ):  # cancelled while it was being saved: saving it again finds out what came of it
            await self._store(self._on_its_way)
        if self.run.status == "running":
            self.run = release(self.run, now=self._shared.time.now())
        await self._save()

    async def _save(self) -> None:
        """Store what happened since the last save. Raises Fenced."""
        if not self._pending and self.run == self._base:
            return
        write = RunWrite(base=self._base, run=self.run, attempts=tuple(self._pending), waits=self._waits)
        self._pending, self._pending_bytes, self._waits = [], 0, ()
        await self._store(write)

    async def _store(self, write: RunWrite) -> None:
        self._on_its_way = write
        if not await self._shared.saver.save(write):
            raise Fenced
        self._on_its_way = None
        self._base = self.run = replace(write.run, seq=write.run.seq + 1)
        if self._cleared is not None and not write.run.crashes:
            self._cleared.set()
        if self.run.status == "running":
            self._shared.progress.changed(self._news())
        else:
            self._shared.progress.ended(self.run.id)

    def _news(self) -> RunChanged:
        claimed = self._loaded.claimed
        return RunChanged(
            run_id=self.run.id,
            zip_id=claimed.zip_id,
            workspace_id=claimed.workspace_id,
            seq=self.run.seq,
            type="run.progressed",
            status=self.run.status,
            at=self._shared.time.now(),
        )

    def _find_lost(self) -> None:
        """Take up what an earlier owner left at this step: a try of unknown outcome, and what it had rendered."""
        last = self._loaded.attempts[-1] if self._loaded.attempts else None
        if last is not None and (last.maybe_repeated or last.status == "unknown"):
            self.run = replace(self.run, maybe_repeated=True)
        if last is None or last.status != "started":
            return
        started = StartedAttempt(step_id=last.step_id, path=last.path, attempt=last.attempt, epoch=last.epoch)
        self.run = recover(self.run, self._definition, started, effect=last.effect)
        self._add(
            AttemptWrite(
                step_id=last.step_id,
                path=last.path,
                attempt=last.attempt,
                generation=last.generation,
                effect=last.effect,
                status="unknown",
                idempotency_key=last.idempotency_key,
                error_code="worker_lost",
                error_message=LOST,
                finished_at=self._shared.time.now(),
            )
        )

    def _first_input(self, loaded: Loaded) -> Json:
        for attempt in loaded.attempts:
            if attempt.generation == self.run.generation and attempt.input is not None:
                return orjson.loads(attempt.input)
        return None

    def _attempt(
        self,
        at: Execute | Skip,
        *,
        effect: Effect,
        status: Literal["started", "failed", "skipped"],
        input: bytes | None = None,
        finished: bool = False,
    ) -> AttemptWrite:
        now = self._shared.time.now()
        return AttemptWrite(
            step_id=at.step.id,
            path=at.path,
            attempt=at.attempt,
            generation=at.generation,
            effect=effect,
            status=status,
            idempotency_key=at.idempotency_key,
            input=input,
            maybe_repeated=isinstance(at, Execute) and at.maybe_repeated,
            started_at=now,
            finished_at=now if finished else None,
        )

    def _add(self, attempt: AttemptWrite) -> None:
        self._pending.append(attempt)
        self._pending_bytes += len(attempt.input or b"") + len(attempt.output or b"")

    def _scope(self) -> dict[str, Any]:
        claimed = self._loaded.claimed
        return {
            "trigger": self._loaded.trigger or {},
            "steps": self._outputs,
            "run": {"id": self._ids.run_id},
            "zip": {"id": ids.encode("zip", claimed.zip_id), "name": self._loaded.zip_name},
        }


def _error(outcome: Outcome) -> dict[str, Any]:
    match outcome:
        case Failed(code=code, message=message, detail=detail):
            pass
        case Unknown(message=message, detail=detail):
            code = UNKNOWN_OUTCOME
        case _:
            return {}
    return {
        "error_code": code,
        "error_message": message,
        "error_detail": None if detail is None else orjson.dumps(detail),
    }
