"""Performs one attempt of one step: the place where whatever may happen outside becomes a value.

`prepare` renders and checks the input, `perform` calls the action. They are two because a write's intent is stored in
between, with its effect and the input that will be sent:

    prepared = prepare(execute, scope, catalog=…, connection=…, stored_input=…)
    if isinstance(prepared, Refused):      # nothing was called; record prepared.outcome
    if prepared.effect == "write":         # store the attempt as started, with prepared.stored_input
    outcome = await perform(prepared, execute, …)
"""

import asyncio
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, lru_cache, partial

from zipped.catalog import (
    LARGE,
    Action,
    ActionContext,
    Catalog,
    Effect,
    Later,
    OpenConnection,
    Outside,
    validate_connection,
    validate_resolved,
)
from zipped.engine import template
from zipped.engine.decision import Execute
from zipped.engine.definition import TIMEOUT_MAX
from zipped.engine.outcome import Failed, Json, Outcome, Unknown
from zipped.faults import facts
from zipped.logs import get_logger
from zipped.masking import Redactor
from zipped.steps.outputs import OUTPUT_LIMIT, OutputRefused, fit, fit_outcome, weight

GRACE = 1.0  # seconds an action gets to end by its own time-out, which knows more than ours
QUICK = 256 << 10  # bytes that expressions may look at in the loop: a few milliseconds

log = get_logger(__name__)


class NoOutcome(TypeError):
    """An action returned something else than an outcome."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A step ready to be called."""

    action: Action
    effect: Effect
    #: What is sent. It may hold a secret that the trigger's data brought along; it is never stored.
    input: Mapping[str, Json] = field(repr=False)
    #: What is stored and shown.
    stored_input: Json
    connection: OpenConnection | None
    redactor: Redactor = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A step that can't be called; nothing was."""

    outcome: Failed
    #: What of the input can be shown; None when it could not be rendered.
    stored_input: Json = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What an action may know of its run; ids in their outside form."""

    run_id: str
    zip_id: str
    workspace_id: str
    depth: int
    #: When the run's time is used up; None when it isn't bounded.
    deadline: datetime | None = None


def prepare(
    execute: Execute,
    scope: Mapping[str, Json],
    *,
    catalog: Catalog,
    connection: OpenConnection | None = None,
    defaults: Mapping[str, OpenConnection] | None = None,
    stored_input: Json = None,
    within: int = template.MAX_WORK,
) -> Prepared | Refused:
    """Render and check a step's input. Never raises; with less work allowed than expressions may do, template.Heavy.

    `connection` is the step's own, opened by the caller with `catalog.connection_kind(kind).open(…)`; `defaults` are
    the installation's own by kind, for steps that name none. `stored_input` is what an earlier attempt of the same
    generation stored: the request is rendered once per generation, so that what is sent under one key never differs.
    Rendering again gives the same unless a filter looks at the clock or was changed by a new release; then the stored
    one is sent.
    """
    step = execute.step
    action = catalog.action(step.app, step.action)
    if action is None:
        return Refused(outcome=Failed("unknown_action", f"There is no action {step.app}.{step.action} here."))
    if step.connection_id is not None and connection is None:
        return Refused(outcome=Failed("connection_missing", "The connection of this step does not exist any more."))
    if connection is None and defaults:
        connection = next((defaults[kind] for kind in action.connection_kinds if kind in defaults), None)
    if problem := validate_connection(action, connection.kind if connection else None):
        return Refused(outcome=Failed("bad_connection", f"{problem.message} {problem.fix}"))
    redactor = _redactor(connection.secrets if connection else ())
    try:
        rendered = template.render(dict(step.input), scope, within=within)
        shown = fit(rendered, redactor=redactor, limit=OUTPUT_LIMIT)
    except template.TemplateError as error:
        return Refused(outcome=Failed("expression", redactor.text(str(error)), detail={"path": list(error.path)}))
    except OutputRefused as refused:
        return Refused(outcome=Failed("bad_input", f"The input {refused.told}"))
    if stored_input is not None and shown != stored_input:
        rendered = shown = stored_input
    failed = validate_resolved(action, rendered)
    if failed is not None:
        return Refused(outcome=failed, stored_input=shown)
    return Prepared(
        action=action,
        effect=action.effect_of(rendered),
        input=rendered,
        stored_input=shown,
        connection=connection,
        redactor=redactor,
    )


async def prepare_beside(
    execute: Execute,
    scope: Mapping[str, Json],
    *,
    catalog: Catalog,
    connection: OpenConnection | None,
    defaults: Mapping[str, OpenConnection],
    stored_input: Json,
) -> Prepared | Refused:
    """`prepare` for who has others to serve: what takes long is done in a thread, one at a time in a process."""
    prepared = partial(
        prepare,
        execute,
        scope,
        catalog=catalog,
        connection=connection,
        defaults=defaults,
        stored_input=stored_input,
    )
    try:
        return prepared(within=QUICK)
    except template.Heavy:
        return await asyncio.get_running_loop().run_in_executor(_one_at_a_time(), prepared)


async def perform(
    prepared: Prepared,
    execute: Execute,
    surroundings: Surroundings,
    *,
    http: Outside,
    now: datetime,
) -> Outcome:
    """Call the action and turn whatever it does into an outcome, clean and masked. Raises CancelledError only.

    The time-out is the step's, else the action's, and never beyond the run's deadline. When it strikes while a write
    is under way the outcome is Unknown: nobody knows whether it was done.
    """
    seconds = _timeout(prepared, execute, surroundings, now)
    if seconds <= 0:
        return Failed("deadline", "The run has used up its running time.")
    context = ActionContext(
        http=http,
        connection=prepared.connection,
        idempotency_key=execute.idempotency_key,
        run_id=surroundings.run_id,
        zip_id=surroundings.zip_id,
        workspace_id=surroundings.workspace_id,
        step_id=execute.step.id,
        depth=surroundings.depth,
        attempt=execute.attempt,
        now=now,
        timeout=seconds,
        output_limit=OUTPUT_LIMIT,
    )
    outcome = await _called(prepared, context)
    if callable(outcome) or weight(outcome) > LARGE:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(_one_at_a_time(), partial(_fitted, prepared, context, outcome))
    return _fitted(prepared, context, outcome)


def _fitted(prepared: Prepared, context: ActionContext, outcome: Outcome | Later) -> Outcome:
    if callable(outcome):
        try:
            made: object = outcome()
        except Exception as error:
            made = _crashed(prepared, context, error)
        outcome = made if isinstance(made, Outcome) else _crashed(prepared, context, NoOutcome())
    return fit_outcome(outcome, redactor=prepared.redactor, limit=context.output_limit)


@cache
def _one_at_a_time() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, thread_name_prefix="large")


async def _called(prepared: Prepared, context: ActionContext) -> Outcome | Later:
    action = prepared.action
    try:
        async with asyncio.timeout(context.timeout + GRACE) as limit:
            outcome: object = await action.run(context, prepared.input)
    except TimeoutError as error:
        return _too_late(prepared, context) if limit.expired() else _crashed(prepared, context, error)
    except asyncio.CancelledError as error:
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            raise
        return _crashed(prepared, context, error)  # a library's own, not meant for us
    except Exception as error:
        return _crashed(prepared, context, error)
    if isinstance(outcome, Outcome) or callable(outcome):
        return outcome
    return _crashed(prepared, context, NoOutcome())


def _too_late(prepared: Prepared, context: ActionContext) -> Outcome:
    message = f"{prepared.action.title} did not end within {context.timeout:g} s."
    if prepared.effect is Effect.WRITE:
        return Unknown(f"{message} Whether it had its effect is unknown.")
    return Failed("timed_out", message, retryable=True)


def _crashed(prepared: Prepared, context: ActionContext, error: BaseException) -> Failed:
    """A fault of the action itself: said once in the log, and never repeated."""
    log.error(
        "action.crashed",
        action=f"{prepared.action.app}.{prepared.action.key}",
        run_id=context.run_id,
        step_id=context.step_id,
        **facts(error),
    )
    return Failed("action_error", f"{prepared.action.title} broke down ({type(error).__name__}): a fault of ours.")


def _timeout(prepared: Prepared, execute: Execute, surroundings: Surroundings, now: datetime) -> float:
    seconds = min(execute.step.settings.timeout or prepared.action.timeout, TIMEOUT_MAX)
    if surroundings.deadline is None:
        return seconds
    return min(seconds, (surroundings.deadline - now).total_seconds())


@lru_cache(256)
def _redactor(secrets: tuple[str, ...]) -> Redactor:
    return Redactor(secrets)
