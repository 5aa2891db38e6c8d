"""The rules of a run: what to do next, what an outcome leads to, and every way its status may change.

The law of this file
--------------------

Rule 1: whatever decides about a run's state is in this file, as a table where it fits one. The shell around it asks,
does what it is told, and saves; `services/run_writes.py` says the same transitions in SQL and nothing else.

Rule 2: nothing here waits, reads a clock, draws a random number or touches the outside: `now` and `jitter` are
arguments, and a run is a frozen value.

Theory of operation
-------------------

A run has one place (`cursor`), one owner at a time (`epoch`), and a status:

                 claim
      queued ─────────────▶ running ──record──▶ waiting            any status but a final one ──cancel──▶ cancelled
        ▲  ▲                 │ │ │                 │
        │  └─release, crash──┘ │ └─record, finish──│──▶ succeeded | failed
        └──────────────wake────│───────────────────┘
                               └─third crash──▶ dead

* `epoch` is the fence. It rises with claim, release, crash and cancel: whatever gives the run to an owner or takes it
  away. A write that comes with an older epoch is dropped. `seq`, which every save raises, tells apart the saves of
  one owner (see `fence`).
* `attempt` counts the tries of the step at the cursor; it starts anew with each step. `generation` is part of the
  idempotency key and changes only by a replay, never here.
* A write's attempt row is saved as `started` before its effect. Whoever claims the run after a death finds such a row
  with an older epoch; `recover` says what becomes of it.
* Only running time counts towards the limit: `active_ms` is what earlier claims used, `deadline` is when this one's
  share is used up; it exists only while running.
* A wait of up to IN_SLOT_WAIT keeps the run running and its slot; a longer one parks it as `waiting`.
* Three crashes without a finished step in between make it `dead`. Only a crash with a started attempt counts.

The shell's loop, with every save left out:

    run = recover(run, definition, started, effect=…)         # only when a started attempt was found
    while True:
        match decide(run, definition, now):
            case Skip():             run = skip(run, definition)                    # and writes a skipped attempt row
            case Execute() as what:  run = record(run, definition, await perform(what), now=…, jitter=…)
            case Wait(parked=False): await sleep until then
            case Wait(parked=True):  leave the slot
            case Finish() as end:    run = finish(run, end, now=…); leave the slot
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal, TypeAlias
from uuid import UUID

from zipped.engine import path as paths
from zipped.engine.definition import Definition, Step
from zipped.engine.outcome import Outcome

Status = Literal["queued", "running", "waiting", "succeeded", "failed", "cancelled", "dead"]
EndedBy = Literal["end", "filter", "stop", "error", "cancel", "deadline", "crash"]
WaitsFor = Literal["retry", "delay"]
Effect = Literal["pure", "read", "write"]  # zipped.catalog.Effect is one of these texts

FINAL: frozenset[Status] = frozenset({"succeeded", "failed", "cancelled", "dead"})
MAX_FRAMES = 16
MAX_CRASHES = 3
RUN_TIME = timedelta(hours=1)  # of running time; waiting and queueing don't count
IN_SLOT_WAIT = timedelta(seconds=2)


class IllegalTransition(Exception):
    """The run's status does not allow this; the caller holds an old value or has a bug."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A place in one list of steps: `index` of the step that is next, from 0; past the last one: the list is done."""

    index: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RunError:
    """Why a run failed."""

    code: str
    message: str
    #: None when no single step is to blame.
    step_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What decisions about a run need to know, and nothing else; field for field a column of `zip_run`."""

    id: UUID
    #: The first run of a chain of replays: part of the idempotency key.
    root_id: UUID
    status: Status = "queued"
    epoch: int = 0
    #: How many saves the stored row has seen when this value was read; raised by the store, never here.
    seq: int = 0
    #: Outermost list first; at most MAX_FRAMES.
    cursor: tuple[Frame, ...] = (Frame(),)
    #: Tries of the step at the cursor that are over, or were lost with a worker.
    attempt: int = 0
    generation: int = 0
    #: An earlier try of the step at the cursor may have had its effect. Not a column: true when the step's last
    #: attempt row is unknown or was itself marked.
    maybe_repeated: bool = False
    #: Crashes since the last finished step.
    crashes: int = 0
    waits_for: WaitsFor | None = None
    #: The next step does not start before; also set while running, for a wait within the slot.
    wake_at: datetime | None = None
    claimed_at: datetime | None = None
    #: Only while running.
    deadline: datetime | None = None
    #: Running time of earlier claims, in milliseconds.
    active_ms: int = 0
    ended_by: EndedBy | None = None
    error: RunError | None = None

    @property
    def final(self) -> bool:
        """Whether nothing can happen to it any more."""
        return self.status in FINAL


@dataclass(frozen=True, slots=True)
class Execute:
    """Perform this step now. `attempt` is the number of this try, from 1."""

    step: Step
    path: str
    attempt: int
    generation: int
    idempotency_key: str
    #: An earlier try under the same key may have had its effect already.
    maybe_repeated: bool = False


@dataclass(frozen=True, slots=True)
class Skip:
    """Pass over this step: write a skipped attempt row, then call `skip`."""

    step: Step
    path: str
    attempt: int
    generation: int
    idempotency_key: str


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing to do before `until`. Parked: the run is `waiting` and holds no slot; else sleep and decide again."""

    until: datetime
    parked: bool


@dataclass(frozen=True, slots=True)
class Finish:
    """The run is over."""

    status: Status
    ended_by: EndedBy
    error: RunError | None = None


Decision: TypeAlias = Execute | Skip | Wait | Finish


@dataclass(frozen=True, slots=True, kw_only=True)
class StartedAttempt:
    """An attempt row that says `started`, found after a claim: its worker died or let go of it."""

    step_id: str
    path: str
    attempt: int
    #: Of the claim that started it.
    epoch: int
