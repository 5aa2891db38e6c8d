"""The rules of a run: what to do next, what an outcome leads to, and every way its status may change.

The law of this file
--------------------

Rule 1: whatever decides about a run's state lives in this file, in the table where it fits one. The shell asks, does
what it is told and saves; `services/run_writes.py` says the same transitions in SQL and adds none.

Rule 2: nothing here waits, reads a clock, draws a random number or touches the outside: `now` and `jitter` are
arguments, and a run is a frozen value.

Theory of operation
-------------------

A run has one place (`cursor`), at most one owner (`epoch`) and a status:

                  claim       record, give_back
       queued ────────────▶ running ─────▶ waiting          cancel: from any of these three to cancelled
        ▲ ▲                  │ │ │           │
        │ └─ release, crash ─┘ │ └───────────│─ record, skip, recover, finish ─▶ succeeded, failed
        └──────── wake ────────│─────────────┘
                               └─ the third crash ─▶ dead

* `epoch` is the fence. Claim, release, give_back, crash and cancel raise it: whatever gives the run to an owner or
  takes it away. A write that comes with an older epoch is dropped. `seq`, which the store raises with every save,
  tells apart the saves of one owner: see `fence`.
* `attempt` counts the tries of the step at the cursor and starts anew with each step. `generation` is part of the
  idempotency key; only a replay makes another one.
* The attempt row of a write is saved as `started` before its effect. Whoever claims the run after a death or a release
  finds that row with an older epoch, and `recover` says what becomes of it.
* Only running time counts towards the limit. `active_ms` is what earlier claims used; `deadline`, which exists only
  while running, is when the rest is used up.
* A wait of up to IN_SLOT_WAIT keeps the run running and its slot taken; a longer one parks it as `waiting`.
* A crash counts only when an attempt was started, and MAX_CRASHES without a finished step in between are the end.

The shell's loop after a claim, its saves left out:

    if started is not None:                                         # an attempt row that still says `started`
        run = recover(run, definition, started, effect=effect)
    while True:
        match decide(run, definition, now):
            case Skip():               run = skip(run, definition)  # with an attempt row that says `skipped`
            case Execute() as what:    run = record(run, definition, await perform(what), now=…, jitter=…)
            case Wait(parked=False):   sleep
            case Wait(parked=True):    leave the slot
            case Finish() as end:      run = run if run.final else finish(run, end); leave the slot
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal, assert_never
from uuid import UUID

from zipped.engine import path, retry
from zipped.engine.cursor import START, Cursor
from zipped.engine.decision import Decision as Decision
from zipped.engine.decision import EndedBy as EndedBy
from zipped.engine.decision import Execute as Execute
from zipped.engine.decision import Finish as Finish
from zipped.engine.decision import RunError as RunError
from zipped.engine.decision import Skip as Skip
from zipped.engine.decision import Wait as Wait
from zipped.engine.definition import Definition, Step
from zipped.engine.outcome import UNKNOWN_OUTCOME, Delayed, Failed, Filtered, Outcome, Stopped, Succeeded, Unknown

Status = Literal["queued", "running", "waiting", "succeeded", "failed", "cancelled", "dead"]
WaitsFor = Literal["retry", "delay"]
Effect = Literal["pure", "read", "write"]  # zipped.catalog.Effect is one of these texts
Event = Literal["claim", "record", "skip", "recover", "finish", "release", "give_back", "crash", "wake", "cancel"]

#: What may happen in which status, and where it may lead; whatever is not here raises IllegalTransition.
TRANSITIONS: Mapping[Event, Mapping[Status, frozenset[Status]]] = {
    "claim": {"queued": frozenset({"running"})},
    "record": {"running": frozenset({"running", "waiting", "succeeded", "failed"})},
    "skip": {"running": frozenset({"running", "succeeded"})},
    "recover": {"running": frozenset({"running", "failed"})},
    "finish": {"running": frozenset({"succeeded", "failed"})},
    "release": {"running": frozenset({"queued"})},
    "give_back": {"running": frozenset({"waiting"})},
    "crash": {"running": frozenset({"queued", "dead"})},
    "wake": {"waiting": frozenset({"queued"})},
    "cancel": {status: frozenset({"cancelled"}) for status in ("queued", "running", "waiting")},
}

#: What gives the run to an owner or takes it away, and so makes every older write void.
RAISES_EPOCH: frozenset[Event] = frozenset({"claim", "release", "give_back", "crash", "cancel"})

FINAL: frozenset[Status] = frozenset({"succeeded", "failed", "cancelled", "dead"})
MAX_CRASHES = 3
RUN_TIME = timedelta(hours=1)  # of running time: waiting and queueing don't count
IN_SLOT_WAIT = timedelta(seconds=2)


class IllegalTransition(Exception):
    """The run's status does not allow this: the caller holds an old value, or has a bug."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What decisions about a run need to know, and nothing else."""

    id: UUID
    #: The first run of a chain of replays.
    root_id: UUID
    status: Status = "queued"
    epoch: int = 0
    #: Saves the stored row had seen when this value was read. The store raises it, nothing here does.
    seq: int = 0
    cursor: Cursor = START
    #: Tries of the step at the cursor that are over or were lost.
    attempt: int = 0
    generation: int = 0
    #: An earlier try of the step at the cursor may have had its effect. Not a column of the run: it is so when the
    #: step's last attempt row is `unknown`, or was itself marked.
    maybe_repeated: bool = False
    #: Crashes since the last finished step.
    crashes: int = 0
    waits_for: WaitsFor | None = None
    #: What is next does not start before; set also while running, for a wait within the slot.
    wake_at: datetime | None = None
    claimed_at: datetime | None = None
    deadline: datetime | None = None
    active_ms: int = 0
    ended_by: EndedBy | None = None
    error: RunError | None = None

    @property
    def final(self) -> bool:
        """Whether nothing can happen to it any more."""
        return self.status in FINAL


@dataclass(frozen=True, slots=True, kw_only=True)
class StartedAttempt:
    """An attempt row that says `started`, found after a claim: its worker died or let go of it."""

    step_id: str
    path: str
    attempt: int
    #: Of the claim that started it.
    epoch: int


def claim(run: Run, *, now: datetime) -> Run:
    """queued → running: one worker owns it from here."""
    left = RUN_TIME - timedelta(milliseconds=run.active_ms)
    return _move(run, "claim", "running", claimed_at=now, deadline=now + left)


def release(run: Run, *, now: datetime) -> Run:
    """running → queued: its worker leaves in good order. A started attempt stays `started`, for `recover`."""
    return _move(run, "release", "queued", active_ms=_active_ms(run, now))


def give_back(run: Run, *, until: datetime, now: datetime) -> Run:
    """running → waiting: its worker can't carry it on, and others get their turn at `until`, not before."""
    wake_at = until if run.wake_at is None else max(until, run.wake_at)
    waits_for = run.waits_for or "retry"
    return _move(run, "give_back", "waiting", wake_at=wake_at, waits_for=waits_for, active_ms=_active_ms(run, now))


def crash(run: Run, *, started: StartedAttempt | None, now: datetime) -> Run:
    """running → queued, the third time dead: its worker died with that attempt in hand.

    Without a started attempt the run had no part in that, and it does not count.
    """
    if started is None:
        return _move(run, "crash", "queued", active_ms=_active_ms(run, now))
    crashes = run.crashes + 1
    if crashes < MAX_CRASHES:
        return _move(run, "crash", "queued", crashes=crashes, active_ms=_active_ms(run, now))
    message = f"{crashes} workers died while they performed this step."
    error = RunError(code="crash", message=message, step_id=started.step_id)
    return _move(run, "crash", "dead", crashes=crashes, ended_by="crash", error=error)


def wake(run: Run) -> Run:
    """waiting → queued: its time has come. Nobody owns it, so the epoch stays."""
    return _move(run, "wake", "queued", waits_for=None, wake_at=None)


def cancel(run: Run) -> Run:
    """Any status but a final one → cancelled. What its worker still saves is fenced off."""
    return _move(run, "cancel", "cancelled", ended_by="cancel")


def decide(run: Run, definition: Definition, now: datetime) -> Decision:
    """What to do next. Raises IllegalTransition for a queued run: it must be claimed first."""
    match run.status:
        case "succeeded" | "failed" | "cancelled" | "dead":
            assert run.ended_by is not None
            return Finish(run.status, run.ended_by, run.error)
        case "queued":
            raise IllegalTransition("a queued run is claimed before anything is decided about it")
        case "waiting":
            assert run.wake_at is not None
            return Wait(run.wake_at, parked=True)
    if run.wake_at is not None and now < run.wake_at:
        return Wait(run.wake_at, parked=False)
    step = _step(run, definition)
    if step is None:
        return Finish("succeeded", "end")
    if run.deadline is not None and now >= run.deadline:
        error = RunError(code="deadline", message="The run has used up its running time.", step_id=step.id)
        return Finish("failed", "deadline", error)
    key = path.idempotency_key(run.root_id, step.id, path.TOP, run.generation)
    if step.skip:
        return Skip(step, path.TOP, run.attempt + 1, run.generation, key)
    return Execute(step, path.TOP, run.attempt + 1, run.generation, key, run.maybe_repeated)


def finish(run: Run, end: Finish) -> Run:
    """running → the end that `decide` found: of its steps, or of its running time."""
    return _move(run, "finish", end.status, ended_by=end.ended_by, error=end.error)


def skip(run: Run, definition: Definition) -> Run:
    """The run after a step that is passed over."""
    return _advance(run, definition, "skip")


def record(run: Run, definition: Definition, outcome: Outcome, *, now: datetime, jitter: float) -> Run:
    """The run after an attempt of the step at its cursor. `jitter` is drawn by the caller from [0, 1)."""
    step = _required_step(run, definition)
    match outcome:
        case Succeeded():
            return _advance(run, definition, "record")
        case Delayed():
            until = outcome.ends_at(now)
            if until <= now:
                return _advance(run, definition, "record")
            return _hold(_after_step(run), "delay", until, now=now)
        case Filtered():
            return _move(run, "record", "succeeded", ended_by="filter")
        case Stopped(status=status, message=message):
            error = None if status == "succeeded" else RunError(code="stopped", message=message, step_id=step.id)
            return _move(run, "record", status, ended_by="stop", error=error)
        case Failed(code=code, message=message, retryable=retryable, retry_after=retry_after):
            error = RunError(code=code, message=message, step_id=step.id)
            tried = replace(run, attempt=run.attempt + 1)
        case Unknown(message=message):
            error = RunError(code=UNKNOWN_OUTCOME, message=message, step_id=step.id)
            tried = replace(run, attempt=run.attempt + 1, maybe_repeated=True)
            retryable, retry_after = True, None
            if step.settings.on_unknown == "stop":
                return _fail(tried, "record", error)
        case _:
            assert_never(outcome)
    delay = retry.next_delay(step.settings.retry, tried.attempt, retry_after=retry_after, jitter=jitter)
    if retryable and delay is not None:
        return _hold(tried, "retry", now + delay, now=now)
    return _fail(tried, "record", error) if step.settings.on_error == "stop" else _advance(tried, definition, "record")


def recover(run: Run, definition: Definition, started: StartedAttempt, *, effect: Effect) -> Run:
    """The run after an attempt was found that an earlier owner started and never completed; called once per claim.

    Whether that attempt had its effect nobody knows, so its row becomes `unknown`. What changes nothing outside is
    simply done again. A write is done again under the same key, and says so (`maybe_repeated`), unless its step asks
    to stop. The lost attempt counts as a try, but never takes the last chance away: dying is not the step's failure.
    """
    step = _required_step(run, definition)
    if (started.step_id, started.path) != (step.id, path.TOP) or started.epoch >= run.epoch:
        raise IllegalTransition("only an attempt of an earlier owner, at the run's own place, can be recovered")
    lost = replace(run, attempt=max(run.attempt, started.attempt))
    if effect != "write":
        return _move(lost, "recover", "running")
    if step.settings.on_unknown == "repeat":
        return _move(lost, "recover", "running", maybe_repeated=True)
    message = "The worker died in the middle of this step; whether it had its effect is unknown."
    return _fail(lost, "recover", RunError(code=UNKNOWN_OUTCOME, message=message, step_id=step.id))


def fence(stored: Run, base: Run) -> Literal["apply", "landed", "stale"]:
    """What becomes of a save that was worked out from `base`, given what is stored now.

    apply: nobody wrote in between. landed: this very save is stored already; its owner was not told (a connection died
    during COMMIT) and goes on. stale: the run belongs to someone else, or the save is late; drop it.

    The epoch alone is not enough: a save whose connection was given up may still reach the database after its owner's
    next one, and would move the run back.
    """
    if stored.epoch != base.epoch:
        return "stale"
    if stored.seq == base.seq:
        return "apply"
    return "landed" if stored.seq == base.seq + 1 else "stale"


def _move(run: Run, event: Event, status: Status, **changes: Any) -> Run:
    """The only place where a status changes."""
    if status not in TRANSITIONS[event].get(run.status, ()):
        raise IllegalTransition(f"{event} can't take a run from {run.status} to {status}")
    if event in RAISES_EPOCH:
        changes["epoch"] = run.epoch + 1
    if status in FINAL:
        changes |= {"waits_for": None, "wake_at": None}
    if status != "running":
        changes["deadline"] = None
    return replace(run, status=status, **changes)


def _step(run: Run, definition: Definition) -> Step | None:
    """The step at the cursor; None past the last one."""
    if len(run.cursor) != 1:
        raise IllegalTransition("the run stands in a list of steps that its definition does not have")
    index = run.cursor[0].index
    return definition.steps[index] if index < len(definition.steps) else None


def _required_step(run: Run, definition: Definition) -> Step:
    step = _step(run, definition)
    if run.status != "running" or step is None:
        raise IllegalTransition(f"no step of a run that is {run.status} can have an outcome here")
    return step


def _after_step(run: Run) -> Run:
    """Past the step at the cursor, with everything forgotten that belonged to it."""
    here = run.cursor[-1]
    cursor = (*run.cursor[:-1], replace(here, index=here.index + 1))
    return replace(run, cursor=cursor, attempt=0, maybe_repeated=False, crashes=0, waits_for=None, wake_at=None)


def _advance(run: Run, definition: Definition, event: Event) -> Run:
    after = _after_step(run)
    if _step(after, definition) is None:
        return _move(after, event, "succeeded", ended_by="end")
    return _move(after, event, "running")


def _hold(run: Run, waits_for: WaitsFor, until: datetime, *, now: datetime) -> Run:
    """Not before `until`: within the slot when that is soon, parked else."""
    if until - now <= IN_SLOT_WAIT:
        return _move(run, "record", "running", waits_for=waits_for, wake_at=until)
    return _move(run, "record", "waiting", waits_for=waits_for, wake_at=until, active_ms=_active_ms(run, now))


def _fail(run: Run, event: Event, error: RunError) -> Run:
    return _move(run, event, "failed", ended_by="error", error=error)


def _active_ms(run: Run, now: datetime) -> int:
    """Running time of all claims so far, in milliseconds; a clock that went back adds nothing."""
    if run.claimed_at is None:
        return run.active_ms
    return run.active_ms + max(0, int((now - run.claimed_at) / timedelta(milliseconds=1)))
