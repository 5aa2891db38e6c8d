"""The slots: each holds one claimed run. Whatever goes wrong in one harms neither the others nor the process.

Besides the slots that anybody's runs may take there are a quarter as many spare ones, for workspaces that hold few when
all others are taken: somebody whose receivers hang fills the slots, and keeps only its own runs waiting (ADR 52).
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from worker.execution import Execution, Shared
from worker.heartbeat import WorkerLost
from worker.ledger import Fenced
from zipped import ids, metrics
from zipped.db import Database
from zipped.faults import facts
from zipped.logs import get_logger
from zipped.services import run_writes
from zipped.services.run_writes import Claimed

SLOTS = 64
SPARE = 4  # one spare slot for so many others
CROWD = 8  # who holds one slot of so many gets no spare one
LAST_SAVES = 5.0  # seconds for handing back the runs whose steps were interrupted
BACK_OFF = timedelta(seconds=5)  # doubled with each claim of the run
BACK_OFF_DOUBLINGS = 9  # 43 minutes at most

log = get_logger(__name__)


class Executor:
    """Carries claimed runs, each in a task of its own. `on_free` is called whenever a slot becomes free."""

    def __init__(self, database: Database, *, shared: Shared, slots: int, on_free: Callable[[], None]) -> None:
        self._database = database
        self._shared = shared
        self._slots = slots
        self._on_free = on_free
        #: Epoch by run id, from the claim on.
        self._epochs: dict[UUID, int] = {}
        self._workspaces: dict[UUID, UUID] = {}
        self._executions: dict[UUID, Execution] = {}
        self._running: dict[UUID, asyncio.Task[None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        #: For a run under suspicion: set once it has finished a step, or left.
        self._cleared: dict[UUID, asyncio.Event] = {}

    @property
    def free(self) -> int:
        """Slots that hold no run."""
        return max(0, self._slots - len(self._epochs))

    @property
    def few(self) -> int:
        """Fewer free slots than this are few."""
        return self._slots // 4

    @property
    def spare(self) -> int:
        """Spare slots that hold no run; 0 while there are free ones for everybody."""
        return 0 if self.free else max(0, self._slots + max(1, self._slots // SPARE) - len(self._epochs))

    @property
    def crowded(self) -> list[UUID]:
        """The workspaces that hold so many slots that they get no spare one."""
        least = max(1, self._slots // CROWD)
        return [workspace for workspace, held in Counter(self._workspaces.values()).items() if held >= least]

    @property
    def in_hand(self) -> set[tuple[UUID, int]]:
        """The runs this worker holds, each with the epoch of its claim."""
        return set(self._epochs.items())

    def start(self, claims: Sequence[Claimed]) -> None:
        """Take over runs that were just claimed; they are in hand from this moment on."""
        for claimed in claims:
            self._epochs[claimed.run.id] = claimed.run.epoch
            self._workspaces[claimed.run.id] = claimed.workspace_id
            if claimed.run.crashes:
                self._cleared[claimed.run.id] = asyncio.Event()
        metrics.slots_busy.set(len(self._epochs))
        self._spawn(self._load(claims))

    def refuse(self, run_id: UUID, epoch: int) -> None:
        """Let go of a run that was just claimed and that this release can't carry."""
        self._epochs[run_id] = epoch
        self._spawn(self._give_back(run_id, epoch))

    async def cleared(self, run_id: UUID) -> None:
        """Wait until a run under suspicion has finished a step, or left; at once for any other."""
        event = self._cleared.get(run_id)
        if event is not None:
            await event.wait()

    def forget(self, run_id: UUID, epoch: int) -> None:
        """Stop what this worker does for a run that somebody else has decided about: cancelled, or taken away."""
        task = self._running.get(run_id)
        if task is not None and self._epochs.get(run_id) == epoch:
            self._executions[run_id].when_cancelled = "forget"
            task.cancel()

    async def drain(self, *, patience: float) -> None:
        """Wait `patience` seconds for runs to leave by themselves, `leaving` being set; then interrupt their steps."""

        async def empty() -> None:
            while self._tasks:
                await asyncio.wait(self._tasks)

        try:
            async with asyncio.timeout(patience):
                await empty()
        except TimeoutError:
            log.warning("worker.steps_interrupted", runs=[ids.encode("run", run_id) for run_id in self._running])
            for task in list(self._running.values()):
                task.cancel()
            await asyncio.wait(self._tasks, timeout=LAST_SAVES)
            for task in self._tasks:  # the database is away: whoever notices our end takes them from us
                task.cancel()

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _load(self, claims: Sequence[Claimed]) -> None:
        try:
            loaded = await self._shared.loader.load(claims)
        except Exception as error:
            run_ids = [ids.encode("run", claimed.run.id) for claimed in claims]
            log.error("run.not_loaded", run_ids=run_ids, **facts(error))
            loaded = []
        for one in loaded:
            run_id = one.claimed.run.id
            execution = Execution(one, self._shared, cleared=self._cleared.get(run_id))
            self._executions[run_id] = execution
            self._running[run_id] = self._spawn(self._carry(execution))
        left_out = {claimed.run.id: claimed for claimed in claims}
        for one in loaded:
            del left_out[one.claimed.run.id]
        for claimed in left_out.values():
            await self._give_back(claimed.run.id, claimed.run.epoch)

    async def _carry(self, execution: Execution) -> None:
        run_id, epoch = execution.run.id, execution.run.epoch
        try:
            await execution.carry()
        except Fenced:
            log.info("run.fenced", run_id=ids.encode("run", run_id), epoch=epoch)
        except (WorkerLost, asyncio.CancelledError):
            pass  # somebody else has the run; or it was handed back
        except Exception as error:
            log.error("run.interrupted", run_id=ids.encode("run", run_id), **facts(error))
            await self._give_back(run_id, epoch)
            return
        self._leave(run_id, epoch)

    async def _give_back(self, run_id: UUID, epoch: int) -> None:
        """Let a run go that we can't carry, to be tried again later, by a release that can perhaps."""
        delay = BACK_OFF * 2 ** min(epoch - 1, BACK_OFF_DOUBLINGS)
        try:
            await run_writes.transact(
                self._database, lambda session: run_writes.give_back(session, [(run_id, epoch)], delay=delay)
            )
        except Exception as error:  # then its being nobody's is noticed by the watch over what this worker owns
            log.error("run.not_given_back", run_id=ids.encode("run", run_id), **facts(error))
        self._leave(run_id, epoch)

    def _leave(self, run_id: UUID, epoch: int) -> None:
        if self._epochs.get(run_id) == epoch:
            del self._epochs[run_id]
            self._workspaces.pop(run_id, None)
            self._running.pop(run_id, None)
            self._executions.pop(run_id, None)
            if event := self._cleared.pop(run_id, None):
                event.set()
            metrics.slots_busy.set(len(self._epochs))
            self._on_free()
