"""A worker put together: heartbeat, doorbells, claims and slots, and the order in which they end."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass

from worker.consumer import DoorbellReader
from worker.database_time import DatabaseTime
from worker.dispatcher import Dispatcher
from worker.execution import Shared
from worker.executor import SLOTS, Executor
from worker.gate import Gate
from worker.heartbeat import Heartbeat, WorkerLost
from worker.loading import Loader
from worker.ownership import Ownership
from worker.progress import Progress
from worker.room import Room
from worker.saving import FLUSHERS, Saver
from zipped import __version__, collector, database_check, ids
from zipped.broker.producer import Producer
from zipped.catalog import Catalog
from zipped.clock import Clock
from zipped.crypto import SecretBox
from zipped.db import Database
from zipped.errors import Unavailable
from zipped.faults import facts
from zipped.health import Health
from zipped.http import Client, Guard
from zipped.lines import Lines
from zipped.logs import OutageLog, get_logger
from zipped.services.outbox import Bell
from zipped.settings import Settings
from zipped.signals import unless_stopped
from zipped.steps.instance_connections import instance_connections

LINES = FLUSHERS + 4  # kept connections: for saves, claims, claims under suspicion, loads, the bell
POOL = LINES + 2  # connections: besides, the watch over what is owned, poison and what is given back
STEP_PATIENCE = 25.0  # seconds that steps get to end when the worker leaves
FAREWELL = 5.0  # seconds for each of the steps that follow
RESTART_PAUSE = 1.0  # seconds before a part that broke down starts again
HEARTBEAT_LIMIT = 6.0  # seconds since the last sign of life, above which the worker is not ready

log = get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Parts:
    """What works, once the worker has its id."""

    reader: DoorbellReader
    dispatcher: Dispatcher
    executor: Executor
    ownership: Ownership
    progress: Progress
    room: Room
    saver: Saver
    bell: Bell


class Worker:
    """One worker process. `on_lost` is called when it was declared dead: then it must not write any more."""

    def __init__(
        self,
        settings: Settings,
        *,
        catalog: Catalog,
        clock: Clock,
        on_lost: Callable[[], None],
        slots: int = SLOTS,
        patience: float = STEP_PATIENCE,
    ) -> None:
        self._settings = settings
        self._catalog = catalog
        self._clock = clock
        self._slots = slots
        self._patience = patience
        self._time = DatabaseTime(clock)
        self._database = Database(settings.database_url, pool_size=POOL, application_name="zipped-worker", pinned=True)
        self._beats = Database(settings.database_url, pool_size=1, application_name="zipped-worker-heartbeat")
        self.heartbeat = Heartbeat(self._beats, time=self._time, clock=clock, on_lost=on_lost, version=__version__)
        self._leaving = asyncio.Event()
        self._parts: _Parts | None = None

    @property
    def executor(self) -> Executor | None:
        """The slots; None until there is a database."""
        return self._parts.executor if self._parts else None

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set, then leave in good order.

        While there is no database it waits for one. Raises SettingsError when that one won't do.
        """
        async with AsyncExitStack() as stack:
            stack.push_async_callback(self._database.dispose)
            stack.push_async_callback(self._beats.dispose)
            http = await stack.enter_async_context(Client(Guard(allow=self._settings.outbound_allow)))
            producer = Producer(self._settings)
            stack.push_async_callback(producer.stop)
            if not await unless_stopped(self._begin(), stop):
                return
            collector.settle()
            log.info("worker.started", worker_id=self._id, slots=self._slots)
            lines = Lines(self._database, size=LINES)
            stack.push_async_callback(lines.close)
            self._parts = self._built(lines, http=http, producer=producer)
            await self._work(self._parts, stop)

    async def health(self) -> Health:
        """How this worker is. The broker is not needed: without it runs are pulled."""
        hears = self._parts is not None and self._parts.reader.live
        return Health(
            ready=self.heartbeat.age < HEARTBEAT_LIMIT and not self._leaving.is_set(),
            degraded=() if hears else ("broker",),
            facts={
                "workerId": self._id,
                "slots": self._slots,
                "busy": len(self._parts.executor.in_hand) if self._parts else 0,
                "heartbeatAge": round(self.heartbeat.age, 1),
            },
        )

    async def _begin(self) -> None:
        await database_check.check(self._beats, outage=OutageLog(log, "database"))
        await self.heartbeat.start()

    @property
    def _id(self) -> str:
        return ids.encode("wrk", self.heartbeat.worker_id)

    def _built(self, lines: Lines, *, http: Client, producer: Producer) -> _Parts:
        settings, catalog, worker_id = self._settings, self._catalog, self.heartbeat.worker_id
        bell, room, progress = Bell(lines), Room(), Progress(producer)
        saver = Saver(lines, bell=bell)
        shared = Shared(
            catalog=catalog,
            http=http,
            saver=saver,
            heartbeat=self.heartbeat,
            gate=Gate(),
            loader=Loader(lines, catalog=catalog, secret_box=SecretBox(settings.secret_key)),
            room=room,
            time=self._time,
            progress=progress,
            defaults=instance_connections(catalog, smtp_url=settings.smtp_url),
            leaving=self._leaving,
        )
        executor = Executor(self._database, shared=shared, slots=self._slots, on_free=lambda: dispatcher.wake())
        dispatcher = Dispatcher(
            lines, worker_id=worker_id, executor=executor, time=self._time, hears=lambda: reader.live
        )
        reader = DoorbellReader(settings, self._database, offer=dispatcher.offer, full=dispatcher.full)
        return _Parts(
            reader=reader,
            dispatcher=dispatcher,
            executor=executor,
            ownership=Ownership(self._database, worker_id=worker_id, executor=executor, clock=self._clock),
            progress=progress,
            room=room,
            saver=saver,
            bell=bell,
        )

    async def _work(self, parts: _Parts, stop: asyncio.Event) -> None:
        parts.reader.start()
        beating = _keep(self.heartbeat.run)
        reading = _keep(parts.reader.run)
        claiming = _keep(parts.dispatcher.run)
        others = [_keep(parts.ownership.run), _keep(parts.progress.run)]
        try:
            await stop.wait()
        finally:
            log.info("worker.leaving", runs=len(parts.executor.in_hand))
            self.heartbeat.draining = True
            parts.reader.close()
            parts.dispatcher.close()
            self._leaving.set()
            parts.room.close()
            await _within(FAREWELL, asyncio.wait([claiming]), "claiming")
            await parts.executor.drain(patience=self._patience)
            await _within(FAREWELL, parts.saver.drain(), "saving")
            await _end(reading, claiming, *others)
            await _within(2 * FAREWELL, parts.reader.stop(), "leaving the group")
            await _end(beating)
            await _within(FAREWELL, self.heartbeat.leave(), "saying goodbye")
            await _within(FAREWELL, parts.bell.stop(), "ringing")
            log.info("worker.stopped", worker_id=self._id)


def _keep(part: Callable[[], Awaitable[None]]) -> "asyncio.Task[None]":
    return asyncio.create_task(_kept(part))


async def _kept(part: Callable[[], Awaitable[None]]) -> None:
    """Run a part for as long as the worker lives: a fault in it is told and ends neither the process nor the part."""
    while True:
        try:
            await part()
            return
        except WorkerLost:
            return
        except Exception as error:
            log.error("worker.part_failed", part=getattr(part, "__qualname__", str(part)), **facts(error))
            await asyncio.sleep(RESTART_PAUSE)


async def _within(seconds: float, work: Awaitable[object], what: str) -> None:
    """Do one of the last things; none of them may keep the process from ending."""
    try:
        async with asyncio.timeout(seconds):
            await work
    except (TimeoutError, Unavailable) as error:
        log.warning("worker.left_undone", what=what, reason=str(error) or "it took too long")
    except Exception as error:
        log.error("worker.left_undone", what=what, **facts(error))


async def _end(*tasks: "asyncio.Task[None]") -> None:
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
