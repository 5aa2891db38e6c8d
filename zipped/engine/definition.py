"""What a zip does, as frozen values: an ordered list of steps; `parse` makes them from a document, or says all that is wrong.

A version's definition never changes. Its JSON form, with every default filled in, is what `Definition.to_document`
returns and `parse` reads:

    {"steps": [{"id": "call", "app": "http", "action": "request", "name": "Call it", "connection": "con_…" or null,
                "input": {…}, "skip": false, "note": "",
                "settings": {"timeoutSeconds": 30 or null, "retry": {"attempts": 9},
                             "onError": "stop" or "continue", "onUnknown": "repeat" or "stop"}}]}

Only id, app and action are required. What is checked here needs no catalogue: whether an action exists and its input
fits is for the services to say.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from zipped.engine.outcome import Json
from zipped.engine.problem import Problem
from zipped.engine.retry import RetryPolicy

MAX_STEPS = 500
MAX_BYTES = 256 * 1024  # of compact JSON
MAX_DEPTH = 32  # levels of a step's input
MAX_NAME = 300  # characters
MAX_NOTE = 10_000  # characters
MAX_PROBLEMS = 100  # told at once
TIMEOUT_MIN, TIMEOUT_MAX, TIMEOUT_DEFAULT = 1.0, 900.0, 30.0  # seconds

OnError = Literal["stop", "continue"]
OnUnknown = Literal["repeat", "stop"]


class DefinitionError(Exception):
    """The definition has problems; `problems` holds every one of them, in the order of the document."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        more = len(self.problems) - 1
        super().__init__(self.problems[0].message + (f" ({more} more)" if more else ""))


@dataclass(frozen=True, slots=True, kw_only=True)
class StepSettings:
    """How a step behaves when it is slow, fails or is interrupted."""

    #: Seconds one attempt may take; None: what its action declares (30 s for most).
    timeout: float | None = None
    retry: RetryPolicy = field(default_factory=RetryPolicy)
    #: After the last failed attempt: end the run, or go on with {"error": {…}} as the step's output.
    on_error: OnError = "stop"
    #: After a write of unknown outcome: send it again under the same key, or end the run for a person to look at.
    on_unknown: OnUnknown = "repeat"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One action with its input, as its author wrote it."""

    #: How expressions name it: `[a-z][a-z0-9_]{0,63}`, unique in the definition.
    id: str
    app: str
    action: str
    name: str = ""
    #: A template: texts may hold expressions. Never changed by anyone.
    input: Mapping[str, Json] = field(default_factory=dict)
    #: "con_…", or None.
    connection_id: str | None = None
    #: Passed over, with an attempt row that says so.
    skip: bool = False
    note: str = ""
    settings: StepSettings = field(default_factory=StepSettings)

    def to_document(self) -> dict[str, Any]:
        """Its JSON form, complete."""
        settings = self.settings
        return {
            "id": self.id,
            "app": self.app,
            "action": self.action,
            "name": self.name,
            "connection": self.connection_id,
            "input": dict(self.input),
            "skip": self.skip,
            "note": self.note,
            "settings": {
                "timeoutSeconds": settings.timeout,
                "retry": {"attempts": settings.retry.attempts},
                "onError": settings.on_error,
                "onUnknown": settings.on_unknown,
            },
        }


@dataclass(frozen=True, slots=True)
class Definition:
    """The steps of one version of a zip, in order. None at all is allowed: such a run ends at once, well."""

    steps: tuple[Step, ...] = ()

    def to_document(self) -> dict[str, Any]:
        """Its JSON form, complete: `parse` of it is equal to this."""
        return {"steps": [step.to_document() for step in self.steps]}


def parse(document: object) -> Definition:
    """The definition that a JSON document (already decoded) describes.

    Raises DefinitionError with every problem at once, each with its path, whatever the document is.
    """
    from zipped.engine import reading

    return reading.read_definition(document)
