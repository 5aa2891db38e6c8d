"""One run in a slot, from its claim until it is parked, over, or let go: decide, perform, record, and save in between.

What is saved when: the result of a step goes together with the intent of the next one, in one fenced write. Only what
touches the outside has an intent; a pure step can be done again and goes with whatever is saved next. A run that was
claimed before writes intents for pure steps too: if one of them killed its worker, somebody has to count that.

What expressions look at stays in memory between steps only while it is small. A heavy run loads it for each step anew,
with room for it and after an attempt was stored as started: should it be what ends the worker, that counts as a crash.
"""

import asyncio
import random
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

import orjson

from worker import attempt_rows
from worker.database_time import DatabaseTime
from worker.gate import Gate
from worker.heartbeat import Heartbeat
from worker.ledger import Ledger
from worker.loading import Context, Loaded, Loader
from worker.progress import Progress
from worker.room import LIGHT, Room
from worker.saving import Saver
from worker.versions import needs_of
from zipped import ids, metrics
from zipped.catalog import Catalog, Effect, OpenConnection, Outside
from zipped.engine.decision import Execute, Finish, Skip, Wait
from zipped.engine.outcome import Failed, Outcome, Unknown, attempt_status, output_of
from zipped.engine.run import Run, StartedAttempt, decide, finish, record, recover, release, skip
from zipped.messages import RunChanged
from zipped.services.run_writes import AttemptWrite, WaitWrite
from zipped.steps.perform import Prepared, Refused, Surroundings, perform, prepare_beside

TOO_LARGE = "What this step looks at does not fit into the memory of its worker."


@dataclass(frozen=True, kw_only=True, eq=False)
class Shared:
    """What every run of this process shares."""

    catalog: Catalog
    http: Outside
    saver: Saver
    heartbeat: Heartbeat
    gate: Gate
    loader: Loader
    room: Room
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
        self._loaded = replace(loaded, context=None)  # or what grows too heavy would be held by it
        self._shared = shared
        self._definition = loaded.version.definition
        self._ledger = Ledger(shared.saver, claimed.run)
        self._context = loaded.context
        self._careful = not claimed.fresh
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
        if self._context is None:
            await self._heavy_step(execute)
            return
        prepared = await self._prepare(execute, self._context)
        if isinstance(prepared, Refused):
            self._refuse(execute, prepared)
        elif prepared.effect is Effect.PURE and not self._careful:
            attempt = self._attempt(execute, prepared)
            self._record(execute, attempt, await self._perform(prepared, execute))
            await asyncio.sleep(0)  # a long row of pure steps gives others their turn
        else:
            async with self._gate():
                if not self._shared.leaving.is_set():
                    await self._with_intent(prepared, execute)

    async def _heavy_step(self, execute: Execute) -> None:
        """A step whose context is in memory while its input is rendered, and no longer."""
        await self._save()  # what earlier steps returned is read from there
        claimed, loader, step_id = self._loaded.claimed, self._shared.loader, execute.step.id
        needs = needs_of([execute.step])
        weight = await loader.weigh(claimed, needs, step_id)
        async with self._shared.room.share(weight) as share, self._gate():
            if self._shared.leaving.is_set():
                return
            if weight > LIGHT:
                now = self._shared.time.now()
                self._ledger.add(attempt_rows.begun(execute, effect="pure", input=None, now=now))
                await self._save()
            try:
                prepared = await self._prepare(execute, await loader.open(claimed, needs, step_id))
            except MemoryError:
                prepared = Refused(outcome=Failed("too_large", TOO_LARGE, retryable=True))
            if isinstance(prepared, Refused):
                self._refuse(execute, prepared)
                return
            share.shrink(len(orjson.dumps(prepared.stored_input)))
            await self._with_intent(prepared, execute)

    def _gate(self) -> AbstractAsyncContextManager[None]:
        return self._shared.gate.alone() if self.run.crashes else self._shared.gate.shared()

    async def _with_intent(self, prepared: Prepared, execute: Execute) -> None:
        attempt = self._attempt(execute, prepared)
        self._ledger.add(attempt)
        await self._save()
        await self._shared.heartbeat.prove()
        outcome = await self._perform(prepared, execute)
        self._record(execute, replace(attempt, input=None), outcome)
        if self._shared.gate.wanted:  # whoever is alone next must find no step of ours started
            await self._save()

    def _attempt(self, execute: Execute, prepared: Prepared) -> AttemptWrite:
        now = self._shared.time.now()
        return attempt_rows.begun(execute, effect=prepared.effect.value, input=prepared.stored_input, now=now)

    def _refuse(self, execute: Execute, refused: Refused) -> None:
        now = self._shared.time.now()
        attempt = attempt_rows.begun(execute, effect="pure", input=refused.stored_input, now=now)
        self._record(execute, attempt, refused.outcome)

    async def _prepare(self, execute: Execute, context: Context) -> Prepared | Refused:
        connection = self._loaded.connections.get(execute.step.connection_id or "")
        if isinstance(connection, Failed):
            return Refused(outcome=connection)
        return await prepare_beside(
            execute,
            self._scope(context),
            catalog=self._shared.catalog,
            connection=connection,
            defaults=self._shared.defaults,
            stored_input=context.sent,
        )

    async def _perform(self, prepared: Prepared, execute: Execute) -> Outcome:
        if self._context is not None:
            self._context.sent = prepared.stored_input
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
            if self._context is not None and self._loaded.version.keeps(execute.step.id):
                self._context.outputs[execute.step.id] = told
                self._context.weight += len(output)
        if self._context is not None and passed:
            self._context.sent = None
        if self._context is not None and self._context.weight > LIGHT:
            self._context = None
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

    def _scope(self, context: Context) -> dict[str, Any]:
        return {
            "trigger": context.trigger or {},
            "steps": context.outputs,
            "run": {"id": self._surroundings.run_id},
            "zip": {"id": self._surroundings.zip_id, "name": self._loaded.zip_name},
        }
