"""What `run.decide` answers: the next thing to do, as a value the shell matches on."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from zipped.engine.definition import Step

EndedBy = Literal["end", "filter", "stop", "error", "cancel", "deadline", "crash"]
FinalStatus = Literal["succeeded", "failed", "cancelled", "dead"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunError:
    """Why a run failed."""

    code: str
    message: str
    #: None when no single step is to blame.
    step_id: str | None = None


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
    """Pass over this step: write an attempt row that says `skipped`, then call `run.skip`."""

    step: Step
    path: str
    attempt: int
    generation: int
    idempotency_key: str


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing to do before `until`. Parked: the run is `waiting` and holds no slot; else sleep, then decide again."""

    until: datetime
    parked: bool


@dataclass(frozen=True, slots=True)
class Finish:
    """The run is over: save it with `run.finish`, unless it is final already and this only says how it ended."""

    status: FinalStatus
    ended_by: EndedBy
    error: RunError | None = None


Decision: TypeAlias = Execute | Skip | Wait | Finish
