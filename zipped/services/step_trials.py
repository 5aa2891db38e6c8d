"""Trying one step of a draft outside of any run: read what it needs, prepare it, and say what came of it.

Like a connection's trial it is done without an open transaction: `plan` reads, `prepared` renders and checks,
`zipped.steps.trial` performs or previews, `told` puts it into words.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any, Final
from uuid import UUID

import orjson
from sqlalchemy.ext.asyncio import AsyncSession

from zipped import ids
from zipped.catalog import Catalog, Effect, OpenConnection
from zipped.crypto import SecretBox
from zipped.engine import path, template
from zipped.engine.decision import Execute
from zipped.engine.definition import MAX_PROBLEMS, Step
from zipped.engine.expression import Part
from zipped.engine.outcome import (
    UNKNOWN_OUTCOME,
    Delayed,
    Failed,
    Filtered,
    Outcome,
    Stopped,
    Unknown,
    output_of,
)
from zipped.engine.problem import Problem
from zipped.errors import Conflict, ValidationFailed
from zipped.masking import Redactor
from zipped.services import audit, connections, idempotency, step_samples, validation, zips
from zipped.services.audit import Actor
from zipped.services.rows import new_id
from zipped.services.sealed_connections import opened
from zipped.services.step_samples import Given, Samples
from zipped.services.step_tests import Contents, Tested, fingerprint
from zipped.steps.perform import Prepared, Surroundings, prepare
from zipped.steps.trial import Trial
from zipped.steps.watched import Body, Call

ACTION: Final = "testStep"
UNFIT: Final = "Choose another sample, or correct the expression."


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A step that is about to be tried, and all it needs."""

    test_id: UUID
    zip_id: UUID
    workspace_id: UUID
    step: Step
    step_sha256: bytes
    samples: Samples
    connection: OpenConnection | None = field(repr=False)

    @property
    def execute(self) -> Execute:
        """The only attempt; its key is made of the test's id as a run's is of the run's."""
        key = path.idempotency_key(self.test_id, self.step.id, path.TOP, 0)
        return Execute(self.step, path.TOP, 1, 0, key)

    def surroundings(self, deadline: datetime) -> Surroundings:
        """A run that does not exist, named after the test."""
        return Surroundings(
            run_id=ids.encode("run", self.test_id),
            zip_id=ids.encode("zip", self.zip_id),
            workspace_id=ids.encode("wsp", self.workspace_id),
            depth=0,
            deadline=deadline,
        )


async def plan(
    session: AsyncSession,
    workspace_id: UUID,
    zip_id: UUID,
    *,
    step_id: str,
    revision: int,
    given: Given,
    box: SecretBox,
    catalog: Catalog,
) -> Plan:
    """Read a step of the draft at the revision that the caller has seen, its samples and its connection.

    Raises NotFound, Conflict for a stale revision and for a connection that can't be opened, and ValidationFailed with
    every problem of the step.
    """
    zip = await zips.get(session, workspace_id, zip_id)
    zips.expect_revision(zip, revision)
    step = await validation.checked_step(session, workspace_id, zip.draft, step_id, catalog=catalog)
    listed = step_samples.step_ids(zip.draft)
    before = listed[: listed.index(step.id)]
    return Plan(
        test_id=await new_id(session),
        zip_id=zip_id,
        workspace_id=workspace_id,
        step=step,
        step_sha256=fingerprint(step.to_document()),
        samples=await step_samples.read(session, zip, dict(step.input), before=before, given=given, catalog=catalog),
        connection=await _connection(session, workspace_id, step, box=box, catalog=catalog),
    )


def prepared(plan: Plan, *, catalog: Catalog, defaults: Mapping[str, OpenConnection]) -> Prepared:
    """Render and check the step's input; takes a while for a large one, so call it in a thread.

    Raises ValidationFailed with every problem, each with the path that the draft's problems have too.
    """
    scope = {**plan.samples.scope, "run": {"id": ids.encode("run", plan.test_id)}}
    made = prepare(plan.execute, scope, catalog=catalog, connection=plan.connection, defaults=defaults)
    if isinstance(made, Prepared):
        return made
    raise ValidationFailed(list(islice(_problems(plan, scope, made.outcome), MAX_PROBLEMS)))


async def take(
    session: AsyncSession,
    plan: Plan,
    prepared: Prepared,
    *,
    actor: Actor,
    key: str | None,
    input: Mapping[str, object],
) -> UUID:
    """Take the key, and note what is about to reach outside: the plan's id, or the id of the test that was sent before.

    To be committed before anything leaves. Raises Conflict when the key was used with another `input`.
    """
    if key is not None:
        taken = await idempotency.reserve(
            session, plan.workspace_id, action=ACTION, key=key, input=input, id=plan.test_id
        )
        if not taken.fresh:
            return taken.subject_id
    if prepared.effect is Effect.PURE:
        return plan.test_id
    await audit.record(
        session,
        actor,
        ACTION,
        workspace_id=plan.workspace_id,
        subject_id=plan.zip_id,
        detail={
            "testId": ids.encode("tst", plan.test_id),
            "stepId": plan.step.id,
            "action": f"{plan.step.app}.{plan.step.action}",
            "effect": prepared.effect.value,
        },
    )
    return plan.test_id


def told(plan: Plan, prepared: Prepared, trial: Trial, *, tested_at: datetime, tested_by: UUID | None) -> Tested:
    """What came of it, without its contents."""
    code, message = _words(trial.outcome)
    until = trial.outcome.ends_at(tested_at) if isinstance(trial.outcome, Delayed) else None
    output = _output(plan, trial.outcome)
    return Tested(
        id=plan.test_id,
        zip_id=plan.zip_id,
        step_id=plan.step.id,
        step_sha256=plan.step_sha256,
        samples=plan.samples.used,
        effect=prepared.effect.value,
        outcome=None if trial.outcome is None else type(trial.outcome).__name__.lower(),
        error_code=code,
        message=message,
        delayed_until=until,
        input_size=len(orjson.dumps(prepared.stored_input)),
        output_size=None if output is None else len(output),
        duration_ms=round(trial.seconds * 1000),
        tested_at=tested_at,
        tested_by=tested_by,
        performed=trial.performed,
        remembered=False,
    )


def contents(plan: Plan, prepared: Prepared, trial: Trial) -> Contents:
    """What went in, came out and was sent."""
    detail = trial.outcome.detail if isinstance(trial.outcome, Failed | Unknown) else None
    return Contents(
        input=orjson.dumps(prepared.stored_input),
        output=_output(plan, trial.outcome),
        error_detail=None if detail is None else orjson.dumps(detail),
        calls=orjson.dumps([_call(call) for call in trial.calls]),
    )


async def _connection(
    session: AsyncSession, workspace_id: UUID, step: Step, *, box: SecretBox, catalog: Catalog
) -> OpenConnection | None:
    if step.connection_id is None:
        return None
    row = await connections.get(session, workspace_id, ids.decode(step.connection_id, "con"))
    try:
        return opened(row, box=box, catalog=catalog)
    except Conflict as error:
        raise Conflict(error.message, path=("steps", step.id, "connection")) from error


def _problems(plan: Plan, scope: Mapping[str, Any], outcome: Failed) -> Iterator[Problem]:
    """Why it can't be performed, field by field."""
    place = ("steps", plan.step.id)
    redactor = Redactor(plan.connection.secrets if plan.connection else ())
    found = False
    if outcome.code == "expression":
        untested = _untested(plan)
        for text in template.render_each(dict(plan.step.input), scope):
            if isinstance(text.value, template.TemplateError):
                found = True
                step_id = untested.get(text.location)
                yield Problem(
                    path=(*place, "input", *text.location),
                    code="expression",
                    message=redactor.text(f"{text.value.message}."),
                    fix=f"Test the step “{step_id}” first." if step_id else UNFIT,
                )
    for problem in (outcome.detail or {}).get("problems", ()):
        found = True
        yield Problem(
            path=(*place, "input", *problem["path"]),
            code=problem["code"],
            message=problem["message"],
            fix=problem["fix"],
        )
    if not found:
        yield Problem(path=(*place, "input"), code=outcome.code, message=outcome.message, fix="")


def _untested(plan: Plan) -> dict[tuple[str, ...], Part]:
    """By the place of a text, the first step it looks at of which nothing is known."""
    known = plan.samples.scope["steps"]
    found: dict[tuple[str, ...], Part] = {}
    for reference in template.references(dict(plan.step.input)):
        root, *rest = reference.path
        if root == "steps" and rest and rest[0] not in known:
            found.setdefault(reference.location, rest[0])
    return found


def _words(outcome: Outcome | None) -> tuple[str | None, str]:
    """The code of a failure, and what there is to say."""
    match outcome:
        case Failed(code=code, message=message):
            return code, message
        case Unknown(message=message):
            return UNKNOWN_OUTCOME, message
        case Stopped(status=status, message=message):
            return ("stopped" if status == "failed" else None), message
        case Filtered():
            return None, outcome.reason
        case _:
            return None, ""


def _output(plan: Plan, outcome: Outcome | None) -> bytes | None:
    """What later steps would see; None where the run would not have gone on."""
    failed = isinstance(outcome, Failed | Unknown)
    if outcome is None or (failed and plan.step.settings.on_error != "continue"):
        return None
    return orjson.dumps(output_of(outcome))


def _call(call: Call) -> dict[str, Any]:
    answer = call.answer
    return {
        "method": call.method,
        "url": call.url,
        "headers": call.headers,
        "body": _body(call.body),
        "answer": None
        if answer is None
        else {
            "status": answer.status,
            "reason": answer.reason,
            "headers": answer.headers,
            "body": _body(answer.body),
            "url": answer.url,
        },
        "error": call.error,
        "durationMs": None if call.seconds is None else round(call.seconds * 1000),
    }


def _body(body: Body) -> dict[str, Any]:
    return {"text": body.text, "size": body.size, "cut": body.cut}
