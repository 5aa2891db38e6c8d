"""What an attempt of a step may come to: values, one class per fate; nothing else leaves an action.

"Stop here" and "go on later" are outcomes that any action may return, so the engine knows no action by name:

  outcome      the attempt row says   the run goes on with
  ---------    --------------------   ------------------------------------------------------------------
  Succeeded    succeeded              the next step
  Delayed      succeeded              the next step, but not before a given time
  Filtered     succeeded              nothing: it ends well, ended_by "filter"
  Stopped      succeeded              nothing: it ends as the action says, ended_by "stop"
  Failed       failed                 another try, or `on_error` of the step decides
  Unknown      unknown                another try under the same key, or the end, as `on_unknown` of the step decides
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, TypeAlias

#: Anything JSON can say: None, bool, int, float, str, lists and dictionaries with text keys.
Json: TypeAlias = Any

UNKNOWN_OUTCOME = "unknown_outcome"  # the error's code, in the run and in the output, where Unknown is the end
MAX_DELAY = 10 * 366 * 86_400.0  # seconds

AttemptStatus = Literal["started", "succeeded", "failed", "unknown", "skipped"]


@dataclass(frozen=True, slots=True)
class Succeeded:
    """The step did what it should; `output` is what later steps see."""

    output: Json = None


@dataclass(frozen=True, slots=True)
class Failed:
    """The step did not do it, and that is known for certain."""

    #: Stable and for machines: "http_503", "bad_input" …
    code: str
    #: For people, one or two sentences, without secrets.
    message: str
    #: Whether another try may go better. What the other side will refuse again is not retryable.
    retryable: bool = False
    #: Seconds the other side asked us to wait; longer than an hour counts as an hour.
    retry_after: float | None = None
    #: What else helps to understand it, as JSON: status, headers, the start of a body.
    detail: Json = None


@dataclass(frozen=True, slots=True)
class Filtered:
    """The run is not meant to go on; nothing is wrong. `reason` says in plain words why: "Amount 4 is below 10"."""

    reason: str
    output: Json = None


@dataclass(frozen=True, slots=True)
class Stopped:
    """The author ends the run here, well or not."""

    status: Literal["succeeded", "failed"] = "succeeded"
    message: str = ""
    output: Json = None


@dataclass(frozen=True, slots=True)
class Delayed:
    """The step is done, and the next one starts at `until`, or `seconds` from now: exactly one of them is given.

    A time that is past goes on at once. Raises ValueError for both or neither, for an `until` without a time zone, and
    for `seconds` that are no number or more than MAX_DELAY.
    """

    until: datetime | None = None
    seconds: float | None = None
    output: Json = None

    def __post_init__(self) -> None:
        if (self.until is None) == (self.seconds is None):
            raise ValueError("a delay ends either at a time or after some seconds")
        if self.until is not None and self.until.tzinfo is None:
            raise ValueError("the time a delay ends at needs a time zone")
        if self.seconds is not None and not self.seconds <= MAX_DELAY:  # NaN is not
            raise ValueError(f"a delay takes at most {MAX_DELAY:.0f} seconds")

    def ends_at(self, now: datetime) -> datetime:
        """When the next step may start."""
        if self.until is not None:
            return self.until
        return now + timedelta(seconds=max(self.seconds or 0.0, 0.0))


@dataclass(frozen=True, slots=True)
class Unknown:
    """A write was begun and nobody knows whether it had its effect: the answer to a sent request never came.

    Only for writes; an action that changes nothing says Failed(retryable=True) instead.
    """

    message: str
    detail: Json = None


Outcome: TypeAlias = Succeeded | Failed | Filtered | Stopped | Delayed | Unknown


def attempt_status(outcome: Outcome) -> AttemptStatus:
    """What the attempt's row says in the end."""
    match outcome:
        case Failed():
            return "failed"
        case Unknown():
            return "unknown"
        case _:
            return "succeeded"


def output_of(outcome: Outcome) -> Json:
    """What later steps find under `steps.<id>` if the run goes on past this outcome.

    After a failure that the step's `on_error: continue` let pass: {"error": {"code", "message", "detail"}}.
    """
    match outcome:
        case Failed(code=code, message=message, detail=detail):
            return {"error": {"code": code, "message": message, "detail": detail}}
        case Unknown(message=message, detail=detail):
            return {"error": {"code": UNKNOWN_OUTCOME, "message": message, "detail": detail}}
        case _:
            return outcome.output
