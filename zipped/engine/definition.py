"""What a zip does, as frozen values: an ordered list of steps. `parse` reads them, or says all that is wrong.

A version's definition never changes. Its JSON form, with every default filled in, is what `Definition.to_document`
returns and `parse` reads:

    {"steps": [{"id": "call", "app": "http", "action": "request", "name": "Call it", "connection": "con_…" or null,
                "input": {…}, "skip": false, "note": "",
                "settings": {"timeoutSeconds": 30 or null, "retry": {"attempts": 9},
                             "onError": "stop" or "continue", "onUnknown": "repeat" or "stop"}}]}

Only id, app and action are required. What is checked here needs no catalogue: whether an action exists and its input
fits is for the services to say.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Literal

from zipped.engine import references
from zipped.engine.document import Oversized
from zipped.engine.document import check as storable
from zipped.engine.fields import Fields
from zipped.engine.outcome import Json
from zipped.engine.problem import Problem
from zipped.engine.retry import MAX_ATTEMPTS, RetryPolicy

MAX_STEPS = 500
MAX_BYTES = 256 * 1024  # of compact JSON
MAX_DEPTH = 32  # levels of lists and objects, from the document's own braces
MAX_NAME = 300  # characters
MAX_NOTE = 10_000  # characters
MAX_CONNECTION = 64  # characters
MAX_PROBLEMS = 100  # told at once
TIMEOUT_MIN = 1.0  # seconds
TIMEOUT_MAX = 900.0  # seconds

#: How a step may be called.
STEP_ID = re.compile(r"[a-z][a-z0-9_]{0,63}")
_STEP_ID_TOLD = "a small letter, then up to 63 small letters, digits and underscores, such as send_mail"
_KEY = re.compile(r"[a-z][a-z0-9_-]{0,63}")
_KEY_TOLD = "the key of something in the catalogue, such as http"
_STEP_FIELDS = ("id", "app", "action", "name", "connection", "input", "skip", "note", "settings")
#: Where lists of steps within a step will stand.
_NESTED = ("steps", "branches")

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
    """The definition that a decoded JSON document describes.

    Raises DefinitionError with every problem at once, each with its path, and nothing else, whatever the document is.
    """
    try:
        problems = list(islice(storable(document, max_bytes=MAX_BYTES, max_depth=MAX_DEPTH), MAX_PROBLEMS))
    except Oversized as error:
        raise DefinitionError([error.problem]) from None
    if problems:
        raise DefinitionError(problems)
    fields = Fields(document, (), problems)
    fields.only("steps")
    steps: list[Step] = []
    for step in _steps(fields, problems):
        steps.append(step)
        if len(problems) >= MAX_PROBLEMS:
            break
    if problems:
        raise DefinitionError(problems[:MAX_PROBLEMS])
    return Definition(tuple(steps))


def parse_step(document: object, step_id: str) -> Step | None:
    """The step by this id, in a document whose other steps may be unfinished; None when it holds no such step.

    Raises DefinitionError with everything that is wrong with this step, also that another one has its id.
    """
    problems: list[Problem] = []
    found = [step for step in _steps(Fields(document, (), problems), problems, only=step_id) if step.id == step_id]
    if len(found) > 1:
        raise DefinitionError([one for one in problems if one.code == "duplicate_id" and f'"{step_id}"' in one.message])
    own = [problem for problem in problems if problem.path[:2] == ("steps", step_id)]
    if own:
        raise DefinitionError(own[:MAX_PROBLEMS])
    return found[0] if found else None


def _steps(fields: Fields, problems: list[Problem], *, only: str | None = None) -> Iterator[Step]:
    """Each step in turn, with its problems; where `only` one is meant, what the others refer to is not looked at."""
    listed = fields.entries("steps", max_items=MAX_STEPS)
    counts = Counter(one["id"] for one in listed if isinstance(one, dict) and is_step_id(one.get("id")))
    before: set[str] = set()
    for index, document in enumerate(listed):
        own = document.get("id") if isinstance(document, dict) else None
        path = ("steps", str(own) if counts.get(own) == 1 else str(index))
        if counts.get(own, 0) > 1:
            problems.append(
                Problem(
                    path=(*path, "id"),
                    code="duplicate_id",
                    message=f'{counts[own]} steps have the id "{own}".',
                    fix="Give each step an id of its own.",
                )
            )
        step = _step(Fields(document, path, problems))
        if only in (None, step.id):
            wrong = references.problems(step.input, (*path, "input"), before=before, steps=counts.keys())
            problems += islice(wrong, MAX_PROBLEMS)
        before.add(step.id)
        yield step


def _step(fields: Fields) -> Step:
    fields.without(
        *_NESTED, message="Steps within steps are not supported.", fix="Put the steps one after the other in one list."
    )
    fields.only(*_STEP_FIELDS, hidden=_NESTED)
    settings = fields.fields("settings")
    settings.only("timeoutSeconds", "retry", "onError", "onUnknown")
    retry = settings.fields("retry")
    retry.only("attempts")
    attempts = retry.number("attempts", least=1, most=MAX_ATTEMPTS, whole=True)
    return Step(
        id=fields.required_text("id", form=STEP_ID, told=_STEP_ID_TOLD),
        app=fields.required_text("app", form=_KEY, told=_KEY_TOLD),
        action=fields.required_text("action", form=_KEY, told=_KEY_TOLD),
        name=fields.text("name", max_length=MAX_NAME),
        input=fields.mapping("input"),
        connection_id=fields.text("connection", max_length=MAX_CONNECTION) or None,
        skip=fields.flag("skip"),
        note=fields.text("note", max_length=MAX_NOTE),
        settings=StepSettings(
            timeout=settings.number("timeoutSeconds", least=TIMEOUT_MIN, most=TIMEOUT_MAX),
            retry=RetryPolicy() if attempts is None else RetryPolicy(attempts=int(attempts)),
            on_error=settings.choice("onError", "stop", "continue"),
            on_unknown=settings.choice("onUnknown", "repeat", "stop"),
        ),
    )


def is_step_id(value: object) -> bool:
    """Whether a step may be called so."""
    return isinstance(value, str) and STEP_ID.fullmatch(value) is not None
