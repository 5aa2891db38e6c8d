"""One run in a slot, from its claim until it is parked, over, or let go: decide, perform, record, and save in between.

What is saved when: the result of a step goes together with the intent of the next one, in one fenced write. Only what
touches the outside has an intent; a pure step can be done again and goes with whatever is saved next. A run that was
claimed before writes intents for pure steps too: if one of them killed its worker, somebody has to count that.
"""

import asyncio
import random
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

import orjson

from worker import attempt_rows
from worker.database_time import DatabaseTime
from worker.gate import Gate
from worker.heartbeat import Heartbeat
from worker.ledger import Ledger
from worker.loading import Loaded
from worker.progress import Progress
from worker.saving import Saver
from zipped import ids, metrics
from zipped.catalog import Catalog, Effect, OpenConnection, Outside
from zipped.engine.decision import Execute, Finish, Skip, Wait
from zipped.engine.outcome import Failed, Json, Outcome, Unknown, attempt_status, output_of
from zipped.engine.run import Run, StartedAttempt, decide, finish, record, recover, release, skip
from zipped.messages import RunChanged
from zipped.services.run_writes import AttemptWrite, WaitWrite
from zipped.steps.perform import Prepared, Refused, Surroundings, perform, prepare


@dataclass(frozen=True, kw_only=True, eq=False)
class Shared:
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

    def __init__(self, loaded: Loaded, shared: Shared, *, cleared: asyncio.Event | None = None) -> None:
        """`cleared` is set once a run under suspicion has finished a step."""
        claimed = loaded.claimed
        self.run: Run = claimed.run
        self._loaded = loaded
        self._shared = shared
        self._definition = loaded.version.definition
        self._ledger = Ledger(shared.saver, claimed.run)
        self._outputs: dict[str, Json] = loaded.outputs
        self._careful = not claimed.fresh
        #: What an earlier try of the step at the cursor was sent with.
        self._sent: Json = _first_input(loaded)
        self._cleared = cleared
        self._surroundings = Surroundings(
            run_id=ids.encode("run", claimed.run.id),
            zip_id=ids.encode("zip", claimed.zip_id),
            workspace_id=ids.encode("wsp", claimed.workspace_id),
            depth=claimed.depth,
            deadline=claimed.run.deadline,
        )
        #: What a cancelled task does with its run: hand it back, or forget it because somebody else has it.
        self.when_cancelled: Literal["release", "forget"] = "release"

    async def carry(self) -> None:
        """Bring the run as far as it goes now. Raises Fenced, WorkerLost and whatever our own faults raise."""
        try:
            await self._carry()
        except asyncio.CancelledError:
            if self.when_cancelled == "release":
                self.run = await self._ledger.settle(self.run)
                await self._let_go()
            raise

    async def _carry(self) -> None:
        self._shared.progress.changed(self._news("run.started" if self._loaded.claimed.fresh else "run.progressed"))
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
                    self._ledger.add(attempt_rows.skipped(decision, now=self._shared.time.now()))
                    self.run = skip(self.run, self._definition)
                case Wait(until=until):
                    await self._save()
                    await self._sleep(until)
            if self._ledger.full:
                await self._save()

    async def _step(self, execute: Execute) -> None:
        prepared = self._prepare(execute)
        now = self._shared.time.now()
        if isinstance(prepared, Refused):
            attempt = attempt_rows.begun(execute, effect="pure", input=prepared.stored_input, now=now)
            self._record(execute, attempt, prepared.outcome)
            return
        attempt = attempt_rows.begun(execute, effect=prepared.effect.value, input=prepared.stored_input, now=now)
        if prepared.effect is Effect.PURE and not self._careful:
            self._record(execute, attempt, await self._perform(prepared, execute))
            await asyncio.sleep(0)  # a long row of pure steps gives others their turn
            return
        gate = self._shared.gate
        async with gate.alone() if self.run.crashes else gate.shared():
            if self._shared.leaving.is_set():
                return
            self._ledger.add(attempt)
            await self._save()
            await self._shared.heartbeat.prove()
            outcome = await self._perform(prepared, execute)
            self._record(execute, replace(attempt, input=None), outcome)
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
            stored_input=self._sent,
        )

    async def _perform(self, prepared: Prepared, execute: Execute) -> Outcome:
        self._sent = prepared.stored_input
        now = self._shared.time.now()
        return await perform(prepared, execute, self._surroundings, http=self._shared.http, now=now)

    def _record(self, execute: Execute, attempt: AttemptWrite, outcome: Outcome) -> None:
        now = self._shared.time.now()
        before = self.run
        self.run = record(before, self._definition, outcome, now=now, jitter=random.random())
        passed = self.run.cursor != before.cursor
        output = None
        if passed or not isinstance(outcome, Failed | Unknown):  # a failure that is passed on is an output too
            told = output_of(outcome)
            output = orjson.dumps(told)
            if self._loaded.version.keeps(execute.step.id):
                self._outputs[execute.step.id] = told
        if passed:
            self._sent = None
        metrics.steps.labels(attempt_status(outcome)).inc()
        self._ledger.add(attempt_rows.ended(attempt, outcome, output=output, now=now))
        if self.run.status == "waiting" and self.run.waits_for and self.run.wake_at:
            kind, wake_at = self.run.waits_for, self.run.wake_at
            self._ledger.waits(WaitWrite(kind=kind, step_id=execute.step.id, path=execute.path, wake_at=wake_at))

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
        if self.run.status == "running":
            self.run = release(self.run, now=self._shared.time.now())
        await self._save()

    async def _save(self) -> None:
        self.run = await self._ledger.save(self.run)
        if self._cleared is not None and not self.run.crashes:
            self._cleared.set()
        if self.run.status == "running":
            self._shared.progress.changed(self._news("run.progressed"))
        else:
            self._shared.progress.ended(self.run.id)

    def _news(self, kind: str) -> RunChanged:
        claimed = self._loaded.claimed
        return RunChanged(
            run_id=self.run.id,
            zip_id=claimed.zip_id,
            workspace_id=claimed.workspace_id,
            seq=self.run.seq,
            type=kind,
            status=self.run.status,
            at=self._shared.time.now(),
        )

    def _find_lost(self) -> None:
        """Take up what an earlier owner left at this step: a try of unknown outcome."""
        last = self._loaded.attempts[-1] if self._loaded.attempts else None
        if last is None:
            return
        if last.maybe_repeated or last.status == "unknown":
            self.run = replace(self.run, maybe_repeated=True)
        if last.status == "started":
            started = StartedAttempt(step_id=last.step_id, path=last.path, attempt=last.attempt, epoch=last.epoch)
            self.run = recover(self.run, self._definition, started, effect=last.effect)
            self._ledger.add(attempt_rows.lost(last, now=self._shared.time.now()))

    def _scope(self) -> dict[str, Any]:
        return {
            "trigger": self._loaded.trigger or {},
            "steps": self._outputs,
            "run": {"id": self._surroundings.run_id},
            "zip": {"id": self._surroundings.zip_id, "name": self._loaded.zip_name},
        }


def _first_input(loaded: Loaded) -> Json:
    """What the first try of this generation sent: later ones send the same."""
    generation = loaded.claimed.run.generation
    for attempt in loaded.attempts:
        if attempt.generation == generation and attempt.input is not None:
            return orjson.loads(attempt.input)
    return None
