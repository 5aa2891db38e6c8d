"""Trying a step: read it, let go of the database, prepare it in a thread, perform or preview it, remember that.

What is sent under the caller's key is sent once. The key is taken, and the audit told, before anything leaves: a
process that ends in the middle leaves a key that answers "it was sent", never a second sending.
"""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

import strawberry

from api.graphql.context import Context
from api.graphql.trials import Kind
from api.graphql.writing import owner, writing
from zipped import ids
from zipped.engine import template
from zipped.engine.template import Rendered
from zipped.errors import Conflict, NotFound, Unavailable
from zipped.http import Client, Guard
from zipped.logs import get_logger
from zipped.services import idempotency, step_samples, step_tests, step_trials, zips
from zipped.services.step_samples import Given
from zipped.services.step_tests import Contents, Tested
from zipped.services.step_trials import Plan
from zipped.steps import trial
from zipped.steps.instance_connections import instance_connections
from zipped.steps.perform import Prepared

LONGEST: Final = 20.0  # seconds a try may take: a request is given 30, and the result has to be stored

log = get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a caller wants tried."""

    zip_id: strawberry.ID
    step_id: str
    revision: int
    given: Given
    send: bool
    idempotency_key: str | None

    @property
    def told(self) -> dict[str, object]:
        """What must be the same under the same key."""
        given = self.given
        return {
            "zip": self.zip_id,
            "step": self.step_id,
            "revision": self.revision,  # or who has edited the step is told what it did before
            "event": given.event_id,
            "trigger": given.trigger,
            "steps": given.steps,
        }


async def try_out(context: Context, asked: Asked) -> tuple[Tested, Contents | None]:
    """The test and what it holds; None: what is stored of it.

    Raises Unauthenticated, InvalidId, NotFound, Forbidden, LimitExceeded, ValidationFailed with every problem of the
    step, and Conflict for a stale revision, a connection that can't be opened, and a key that was used.
    """
    workspace_id, zip_id = await owner(context, asked.zip_id, "zip", field="zipId")
    context.require(workspace_id, "write")
    kind: Kind = "send" if asked.send else "render"
    trials = context.platform.trials
    trials.admit(context.signed_in.user_id, kind, now=context.clock.monotonic())
    async with trials.place(kind):
        async with context.begin(workspace_id, need="write") as session:
            if asked.send:
                sent = await idempotency.find(
                    session, workspace_id, action=step_trials.ACTION, key=asked.idempotency_key, input=asked.told
                )
                if sent is not None:
                    return _again(await step_tests.get(session, workspace_id, sent)), None
            plan = await step_trials.plan(
                session,
                workspace_id,
                zip_id,
                step_id=asked.step_id,
                revision=asked.revision,
                given=asked.given,
                box=context.secret_box,
                catalog=context.catalog,
            )
        defaults = instance_connections(context.catalog, smtp_url=context.settings.smtp_url)
        prepared = await asyncio.to_thread(step_trials.prepared, plan, catalog=context.catalog, defaults=defaults)
        return await _tried(context, asked, plan, prepared)


async def preview(context: Context, zip_id: strawberry.ID, step_id: str, input: object, given: Given) -> list[Rendered]:
    """Every text with an expression in `input`, as it would be in this step of the draft.

    Raises Unauthenticated, InvalidId, NotFound, LimitExceeded, and ValidationFailed for samples that can't be used.
    """
    workspace_id, id = await owner(context, zip_id, "zip", field="zipId")
    trials = context.platform.trials
    trials.admit(context.signed_in.user_id, "render", now=context.clock.monotonic())
    async with trials.place("render"):
        async with context.begin(workspace_id) as session:
            zip = await zips.get(session, workspace_id, id)
            listed = step_samples.step_ids(zip.draft)
            before = listed[: listed.index(step_id)] if step_id in listed else listed
            samples = await step_samples.read(session, zip, input, before=before, given=given, catalog=context.catalog)
        scope = {**samples.scope, "run": {"id": ids.encode("run", UUID(int=0))}}
        return await asyncio.to_thread(template.render_each, input, scope)


async def _tried(context: Context, asked: Asked, plan: Plan, prepared: Prepared) -> tuple[Tested, Contents | None]:
    if asked.send:
        async with writing(context, asked.zip_id, "zip", field="zipId") as zip:
            taken = await step_trials.take(
                zip.session, plan, prepared, actor=context.actor, key=asked.idempotency_key, input=asked.told
            )
            if taken != plan.test_id:
                return _again(await step_tests.get(zip.session, zip.workspace_id, taken)), None
    now = context.clock.now()
    async with Client(Guard(allow=context.settings.outbound_allow), connections=1) as client:
        shown = await trial.run(
            prepared,
            plan.execute,
            plan.surroundings(now + timedelta(seconds=LONGEST)),
            client=client,
            send=asked.send,
            now=now,
        )
    tested = step_trials.told(plan, prepared, shown, tested_at=now, tested_by=context.actor.user_id)
    held = step_trials.contents(plan, prepared, shown)
    if shown.performed:
        tested = await _remembered(context, asked.zip_id, tested, held)
    return tested, held


async def _remembered(context: Context, zip_id: strawberry.ID, tested: Tested, held: Contents) -> Tested:
    try:
        async with writing(context, zip_id, "zip", field="zipId") as zip:
            return await step_tests.remember(zip.session, zip.workspace_id, tested, held)
    except (Unavailable, NotFound) as error:
        # It was performed: to answer with an error now would invite doing it again.
        log.warning("step_test.not_remembered", test_id=ids.encode("tst", tested.id), reason=error.message)
        return tested


def _again(tested: Tested | None) -> Tested:
    if tested is None:
        raise Conflict(
            "It was sent under this key before, and its result is not here: it is still under way, was cut off, or a "
            "later test took its place. Nothing was sent again; use a new key to send once more.",
            path=("idempotencyKey",),
        )
    return tested
