"""What happened to one run since it was saved last, and its saving: each save begins where the one before ended."""

from dataclasses import replace

from worker.saving import Saver
from zipped.engine.run import Run
from zipped.services.run_writes import AttemptWrite, RunWrite, WaitWrite

MAX_ATTEMPTS = 32  # results of pure steps that may wait to be saved
MAX_BYTES = 512 * 1024  # of payload that may


class Fenced(Exception):
    """The run belongs to somebody else by now, or to nobody: what was to be saved is void."""


class Ledger:
    """The unsaved part of a run's history."""

    def __init__(self, saver: Saver, run: Run) -> None:
        self._saver = saver
        self._base = run
        self._attempts: list[AttemptWrite] = []
        self._bytes = 0
        self._waits: tuple[WaitWrite, ...] = ()
        self._on_its_way: RunWrite | None = None

    @property
    def full(self) -> bool:
        """Whether so much is unsaved that it should be."""
        return len(self._attempts) >= MAX_ATTEMPTS or self._bytes >= MAX_BYTES

    def add(self, attempt: AttemptWrite) -> None:
        """An attempt began or ended."""
        self._attempts.append(attempt)
        self._bytes += len(attempt.input or b"") + len(attempt.output or b"")

    def waits(self, wait: WaitWrite) -> None:
        """The run is about to be parked for this."""
        self._waits = (wait,)

    async def save(self, run: Run) -> Run:
        """Store `run` with everything that was added; what is stored now. Raises Fenced.

        Without news it stores nothing.
        """
        if not self._attempts and run == self._base:
            return run
        write = RunWrite(base=self._base, run=run, attempts=tuple(self._attempts), waits=self._waits)
        self._attempts, self._bytes, self._waits = [], 0, ()
        return await self._store(write)

    async def settle(self, run: Run) -> Run:
        """After a cancellation: find out what became of a save that was under way. Raises Fenced."""
        if self._on_its_way is None:
            return run
        return await self._store(self._on_its_way)

    async def _store(self, write: RunWrite) -> Run:
        self._on_its_way = write
        if not await self._saver.save(write):
            raise Fenced
        self._on_its_way = None
        self._base = replace(write.run, seq=write.run.seq + 1)
        return self._base
