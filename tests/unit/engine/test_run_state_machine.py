"""The rules of a run under every disorder a database, a network and dying workers can bring about.

The machine plays a store with one run in it and any number of workers that claim, perform, save and die in any order.
Every save may arrive twice, late, or without its sender learning of it, and a worker that was declared dead may go on
as if nothing had happened. What the engine says is held against a model that is written down here once more, from the
design and not from the engine's table.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.unit.engine.run_values import ID
from tests.unit.engine.run_world import LIKELY, STEPS, Row, Save, Store, Worker
from zipped.engine import run as rules
from zipped.engine.definition import Definition, Step
from zipped.engine.outcome import Delayed, Failed, Filtered, Outcome, Stopped, Succeeded, Unknown, attempt_status
from zipped.engine.retry import SCHEDULE
from zipped.engine.run import Execute, Finish, Run, Skip, Wait

LEGAL = {
    ("queued", "running"),
    ("running", "running"),
    ("running", "queued"),
    ("running", "waiting"),
    ("waiting", "queued"),
    ("running", "succeeded"),
    ("running", "failed"),
    ("running", "dead"),
    ("queued", "cancelled"),
    ("running", "cancelled"),
    ("waiting", "cancelled"),
}
ENDS = {"succeeded", "failed", "cancelled", "dead"}


class LifeOfARun(RuleBasedStateMachine):
    @initialize(steps=STEPS, write=st.sampled_from([True, True, False]))
    def accept(self, steps: list[Step], write: bool) -> None:
        self.definition = Definition(tuple(replace(step, id=f"s{index}") for index, step in enumerate(steps)))
        self.effect: rules.Effect = "write" if write else "read"
        self.now = datetime(2026, 1, 1, tzinfo=UTC)
        self.store = Store(Run(id=ID, root_id=ID))
        self.workers: list[Worker] = []
        self.owner: Worker | None = None
        self.sent: list[Save] = []
        self.effects: list[tuple[str, str]] = []

    # What the platform does

    @precondition(lambda self: self.store.run.status == "queued")
    @rule()
    def claim(self) -> None:
        self.store.write(rules.claim(self.store.run, now=self.now), "claim")
        step_id = self._step_id(self.store.run)
        marked = any(
            row.status == "unknown" or row.maybe_repeated
            for (name, _), row in self.store.rows.items()
            if name == step_id
        )
        worker = Worker(replace(self.store.run, maybe_repeated=marked))
        self.workers.append(worker)
        self.owner = worker
        lost = self.store.started()
        if lost is not None:
            recovered = rules.recover(worker.run, self.definition, lost, effect=self.effect)
            self._send(worker, recovered, {(lost.step_id, lost.attempt): self.store.lose(lost)})

    @precondition(lambda self: self.store.run.status == "waiting")
    @rule()
    def wake(self) -> None:
        assert self.store.run.wake_at is not None
        self.now = max(self.now, self.store.run.wake_at)
        self.store.write(rules.wake(self.store.run), "wake")

    @precondition(lambda self: self.store.run.status == "running")
    @rule()
    def declare_dead(self) -> None:
        """The worker may be dead or only asleep: it stays, and may go on as a zombie."""
        lost = self.store.started()
        crashes = self.store.run.crashes
        self.store.write(rules.crash(self.store.run, started=lost, now=self.now), "crash")
        if lost is None:
            assert (self.store.run.status, self.store.run.crashes) == ("queued", crashes)
        else:
            assert self.store.run.crashes == crashes + 1
            assert self.store.run.status == ("dead" if crashes == 2 else "queued")
        if self.store.run.status == "dead" and lost is not None:
            self.store.rows[lost.step_id, lost.attempt] = self.store.lose(lost)

    @precondition(lambda self: self.store.run.status == "running")
    @rule(delay=st.sampled_from([None, 30]))
    def let_go(self, delay: int | None) -> None:
        """In good order, with whatever was started left as it is."""
        if delay is None:
            self.store.write(rules.release(self.store.run, now=self.now), "release")
        else:
            until = self.now + timedelta(seconds=delay)
            self.store.write(rules.give_back(self.store.run, until=until, now=self.now), "give_back")

    @precondition(lambda self: self.store.run.status not in ENDS and len(self.store.history) > 12)
    @rule()
    def cancel(self) -> None:
        self.store.write(rules.cancel(self.store.run), "cancel")

    @rule(seconds=st.sampled_from([0.3, 5.0, 400.0]))
    def time_passes(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    # The same in a row, so that runs get far enough to meet what is rare

    @precondition(lambda self: self.store.run.status not in ENDS)
    @rule(outcome=LIKELY, jitter=st.sampled_from([0.0, 0.999]))
    def work(self, outcome: Outcome, jitter: float) -> None:
        worker = self._in_hand()
        if worker is not None:
            self._perform(worker, outcome, jitter)

    @precondition(lambda self: self.store.run.status not in ENDS)
    @rule()
    def die_in_the_middle(self) -> None:
        self._in_hand()
        if self.store.run.status == "running":
            self.declare_dead()

    def _in_hand(self) -> Worker | None:
        """The run's owner, with a step in hand; None when the run ended or was parked on the way."""
        if self.store.run.status == "waiting":
            self.wake()
        if self.store.run.status == "queued":
            self.claim()
        worker = self.owner
        while worker is not None and not worker.gone and worker.performing is None:
            self._go_on(worker)
        return None if worker is None or worker.gone else worker

    # What workers do, dead ones too

    @precondition(lambda self: any(not worker.gone and worker.performing is None for worker in self.workers))
    @rule(data=st.data())
    def go_on(self, data: st.DataObject) -> None:
        self._go_on(data.draw(st.sampled_from([one for one in self.workers if not one.gone and not one.performing])))

    def _go_on(self, worker: Worker) -> None:
        match rules.decide(worker.run, self.definition, self.now):
            case Execute() as execute:
                step_id = execute.step.id
                unknown = any(row.status == "unknown" for (name, _), row in self.store.rows.items() if name == step_id)
                assert execute.maybe_repeated or not unknown or worker is not self.owner, "repeated silently"
                if self.effect == "write":
                    row = Row("started", worker.run.epoch, execute.idempotency_key, execute.maybe_repeated)
                    if not self._send(worker, worker.run, {(step_id, execute.attempt): row}):
                        return
                worker.performing = execute
            case Skip() as skipped:
                row = Row("skipped", worker.run.epoch, skipped.idempotency_key)
                key = (skipped.step.id, skipped.attempt)
                self._send(worker, rules.skip(worker.run, self.definition), {key: row})
            case Wait(until=until, parked=parked):
                worker.gone = parked
                self.now = max(self.now, until)
            case Finish() as end:
                worker.gone = worker.run.final
                if not worker.gone:
                    self._send(worker, rules.finish(worker.run, end), {})

    @precondition(lambda self: any(not worker.gone and worker.performing for worker in self.workers))
    @rule(data=st.data(), outcome=LIKELY, jitter=st.sampled_from([0.0, 0.5, 0.999]))
    def perform(self, data: st.DataObject, outcome: Outcome, jitter: float) -> None:
        worker = data.draw(st.sampled_from([one for one in self.workers if not one.gone and one.performing]))
        self._perform(worker, outcome, jitter)

    def _perform(self, worker: Worker, outcome: Outcome, jitter: float) -> None:
        execute = worker.performing
        assert execute is not None
        worker.performing = None
        self.effects.append((execute.step.id, execute.idempotency_key))
        before = worker.run
        after = rules.record(before, self.definition, outcome, now=self.now, jitter=jitter)
        self._hold_against_the_design(before, outcome, after)
        status = attempt_status(outcome)
        row = Row(status, before.epoch, execute.idempotency_key, execute.maybe_repeated)
        self._send(worker, after, {(execute.step.id, execute.attempt): row})

    def _send(self, worker: Worker, run: Run, rows: dict[tuple[str, int], Row]) -> bool:
        """Save, and at once again, as a sender does that was not told; whether the worker still owns the run."""
        save = Save(worker.run, run, tuple(rows.items()))
        owned = self.store.run.epoch == worker.run.epoch and self.store.run.status == "running"
        stored = self.store.save(save)
        once = self.store.run
        assert self.store.save(save) is stored
        assert self.store.run == once, "a duplicate was stored"
        assert stored is owned, "the fence let a stale write through, or held the owner's back"
        self.sent.append(save)
        self._nothing_older_gets_through()
        if stored:
            worker.run = replace(run, seq=self.store.run.seq)
            self._it_could_crash_here(worker.run)
        else:
            worker.gone = True
        return stored

    def _nothing_older_gets_through(self) -> None:
        """Whatever was sent before, by whomever, could reach the store again now: it would change nothing."""
        for late in self.sent:
            assert rules.fence(self.store.run, late.base) != "apply"

    def _it_could_crash_here(self, held: Run) -> None:
        """Were the worker to die right after this save, the next one could carry on, and the dead one could not."""
        if held.status != "running":
            return
        lost = self.store.started()
        crashed = rules.crash(self.store.run, started=lost, now=self.now)
        assert rules.fence(crashed, held) == "stale"
        if crashed.status == "dead":
            return
        claimed = rules.claim(crashed, now=self.now)
        assert rules.fence(claimed, held) == "stale"
        if lost is not None:
            claimed = rules.recover(claimed, self.definition, lost, effect=self.effect)
        decision = rules.decide(claimed, self.definition, self.now)
        if isinstance(decision, Execute):
            assert (decision.step.id, decision.attempt) not in self.store.rows, "an attempt would be overwritten"

    # The model

    def _hold_against_the_design(self, before: Run, outcome: Outcome, after: Run) -> None:
        """What an outcome leads to, told once more: status, place and tries."""
        index = before.cursor[0].index
        step = self.definition.steps[index]
        past = "succeeded" if index + 1 == len(self.definition.steps) else "running"
        tries = before.attempt + 1
        over: Callable[[], tuple[str, int, int]] = lambda: (  # noqa: E731
            (past, index + 1, 0) if step.settings.on_error == "continue" else ("failed", index, tries)
        )
        seen: tuple[Any, ...] = (after.status, after.cursor[0].index, after.attempt)
        wait = (after.wake_at - self.now).total_seconds() if after.wake_at else 0.0
        match outcome:
            case Succeeded():
                expected = (past, index + 1, 0)
            case Delayed(seconds=seconds):
                assert seconds is not None
                expected = (past if seconds <= 0 else "waiting" if seconds > 2 else "running", index + 1, 0)
                assert wait == max(0.0, seconds)
            case Filtered():
                expected = ("succeeded", index, before.attempt)
            case Stopped(status=status):
                expected = (status, index, before.attempt)
            case Unknown() if step.settings.on_unknown == "stop":
                expected = ("failed", index, tries)
            case Failed(retryable=False):
                expected = over()
            case _ if tries >= step.settings.retry.attempts:
                expected = over()
            case _:
                expected = ("waiting" if wait > 2 else "running", index, tries)
                asked = outcome.retry_after if isinstance(outcome, Failed) else None
                assert (asked or 0) <= wait <= (asked or 0) + SCHEDULE[tries - 1]
        assert seen == expected
        assert after.epoch == before.epoch

    def _step_id(self, run: Run) -> str | None:
        index = run.cursor[0].index
        return self.definition.steps[index].id if index < len(self.definition.steps) else None

    @invariant()
    def every_write_was_legal(self) -> None:
        for before, after, why in self.store.history[-2:]:
            assert (before.status, after.status) in LEGAL, (before.status, after.status)
            assert after.seq == before.seq + 1
            assert after.cursor[0].index >= before.cursor[0].index
            rises = why in {"claim", "release", "give_back", "crash", "cancel"}
            assert after.epoch == before.epoch + rises, why

    @invariant()
    def it_finishes_at_most_once(self) -> None:
        ends = [after for before, after, _ in self.store.history if after.status in ENDS]
        assert len(ends) <= 1
        assert not ends or self.store.run is ends[0]

    @invariant()
    def every_step_succeeds_at_most_once_under_one_key(self) -> None:
        for step in self.definition.steps:
            rows = [row for (name, _), row in self.store.rows.items() if name == step.id]
            assert sum(row.status in ("succeeded", "skipped") for row in rows) <= 1
            assert len({row.key for row in rows} | {key for name, key in self.effects if name == step.id}) <= 1
        assert sum(row.status == "started" for row in self.store.rows.values()) <= 1

    @invariant()
    def a_stored_run_makes_sense(self) -> None:
        run = self.store.run
        assert (run.deadline is not None) == (run.status == "running")
        assert run.status != "waiting" or run.wake_at is not None
        assert (run.status in ENDS) == (run.ended_by is not None)
        assert run.status not in ENDS or (run.wake_at, run.waits_for) == (None, None)
        assert (run.status in ("failed", "dead")) == (run.error is not None)
        if run.ended_by == "end":
            done = {name for (name, _), row in self.store.rows.items() if row.status != "started"}
            assert done == {step.id for step in self.definition.steps}


LifeOfARun.TestCase.settings = settings(max_examples=75, stateful_step_count=30, deadline=None)
TestLifeOfARun = LifeOfARun.TestCase
