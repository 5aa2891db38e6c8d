"""A tiny catalogue whose actions do what a test tells them, and a worker in this process that runs them."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import UUID

from tests.fixtures.waiting import until
from tests.integration.stored import rows
from worker.worker import Worker
from zipped.broker.producer import Message, Producer
from zipped.catalog import Action, ActionContext, App, Catalog, Effect
from zipped.clock import SystemClock
from zipped.db import Database
from zipped.engine.outcome import Delayed, Filtered, Outcome, Stopped, Succeeded
from zipped.errors import BrokerError
from zipped.lines import Lines
from zipped.messages import EXECUTION, RunRequested
from zipped.services import outbox, run_writes
from zipped.settings import Settings

T = TypeVar("T")

ANYTHING: dict[str, Any] = {"type": "object", "additionalProperties": True}


@dataclass
class Stage:
    """What the actions did, and the levers that make them do something else."""

    calls: list[tuple[str, Mapping[str, Any], ActionContext]] = field(default_factory=list)
    #: Outcomes that `call` takes from, the first first; when none is left it succeeds.
    outcomes: list[Outcome] = field(default_factory=list)
    #: `hold` waits for it.
    opened: asyncio.Event = field(default_factory=asyncio.Event)
    #: Set whenever an action is called.
    called: asyncio.Event = field(default_factory=asyncio.Event)

    #: Set when the worker was declared dead.
    lost: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def keys(self) -> list[str]:
        """The idempotency keys of all calls, in order."""
        return [context.idempotency_key for _, _, context in self.calls]

    def inputs(self, name: str) -> list[Mapping[str, Any]]:
        """The inputs of all calls of one action."""
        return [input for called, input, _ in self.calls if called == name]

    def catalog(self) -> Catalog:
        """The app `test` with the actions echo, read, call, hold, filter, stop and delay."""
        return Catalog(
            [
                App(
                    key="test",
                    title="Test",
                    description="For tests.",
                    icon="flask",
                    actions=(
                        self._action("echo", Effect.PURE, self._echo),
                        self._action("read", Effect.READ, self._call),
                        self._action("call", Effect.WRITE, self._call),
                        self._action("hold", Effect.WRITE, self._hold),
                        self._action("filter", Effect.PURE, self._filter),
                        self._action("stop", Effect.PURE, self._stop),
                        self._action("delay", Effect.PURE, self._delay),
                    ),
                )
            ]
        )

    def _action(self, key: str, effect: Effect, run: Any) -> Action:
        async def logged(context: ActionContext, input: Mapping[str, Any]) -> Outcome:
            self.calls.append((key, dict(input), context))
            self.called.set()
            outcome: Outcome = await run(context, input)
            return outcome

        return Action(
            app="test",
            key=key,
            title=key.title(),
            description="For tests.",
            input=ANYTHING,
            output=ANYTHING,
            sample={},
            effect=effect,
            run=logged,
        )

    async def _echo(self, _: ActionContext, input: Mapping[str, Any]) -> Outcome:
        return Succeeded(dict(input))

    async def _call(self, _: ActionContext, input: Mapping[str, Any]) -> Outcome:
        return self.outcomes.pop(0) if self.outcomes else Succeeded({"called": dict(input)})

    async def _hold(self, _: ActionContext, input: Mapping[str, Any]) -> Outcome:
        await self.opened.wait()
        return Succeeded({"held": dict(input)})

    async def _filter(self, _: ActionContext, input: Mapping[str, Any]) -> Outcome:
        return Succeeded() if input.get("pass") else Filtered("It does not pass.")

    async def _stop(self, _: ActionContext, input: Mapping[str, Any]) -> Outcome:
        return Stopped(input.get("status", "succeeded"), "Enough.")

    async def _delay(self, _: ActionContext, input: Mapping[str, Any]) -> Outcome:
        return Delayed(seconds=float(input["seconds"]))


@asynccontextmanager
async def working(settings: Settings, stage: Stage, *, slots: int = 16, patience: float = 5.0) -> AsyncIterator[Worker]:
    """A worker in this process, stopped in good order at the end."""
    stop = asyncio.Event()
    worker = Worker(
        settings, catalog=stage.catalog(), clock=SystemClock(), slots=slots, patience=patience, on_lost=stage.lost.set
    )
    task = asyncio.create_task(worker.run(stop))

    async def begun() -> bool:
        return worker.executor is not None or task.done()

    try:
        await until(begun)
        yield worker
    finally:
        stop.set()
        await task


@asynccontextmanager
async def relaying(settings: Settings, database: Database) -> AsyncIterator[Producer]:
    """What a relay does, in its barest form: wake what is due, publish doorbells."""
    producer, lines = Producer(settings), Lines(database, size=1)

    async def relay() -> None:
        while True:
            async with database.begin() as session:
                await run_writes.wake_due(session)
            async with lines.transaction() as line:
                taken = await outbox.take(line)
                await producer.publish([Message(row.topic, row.key, row.body) for row in taken])
                await outbox.mark_published(line, taken)
            await asyncio.sleep(0.03)

    task = asyncio.create_task(relay())
    try:
        yield producer
    finally:
        task.cancel()
        await asyncio.wait([task])
        await lines.close()
        await producer.stop()


async def ring(settings: Settings, *run_ids: UUID) -> None:
    """Publish a doorbell for each of the runs, again and again what a broker that has just started doesn't take."""
    producer = Producer(settings)
    bells = [Message(EXECUTION, f"run_{run_id}", RunRequested(run_id).encode()) for run_id in run_ids]

    async def all_taken() -> bool:
        with suppress(BrokerError):
            taken = await producer.publish(bells)
            bells[:] = [bell for bell, done in zip(bells, taken, strict=True) if not done]
        return not bells

    await until(all_taken)
    await producer.stop()


async def until_status(database: Database, *statuses: str) -> list[str]:
    """Wait until every run has one of these statuses; the statuses in the order of ids."""

    async def look() -> list[str]:
        found = [status for (status,) in await rows(database, "select status from zip_run order by id")]
        return found if all(status in statuses for status in found) else []

    return await until(look)


async def attempts(database: Database) -> list[tuple[str, int, str]]:
    """(step, attempt, status) of everything that was tried, in order."""
    return [
        (step_id, attempt, status)
        for step_id, attempt, status in await rows(
            database, "select step_id, attempt, status from step_attempt order by run_id, started_at, step_id, attempt"
        )
    ]
