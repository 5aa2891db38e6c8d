"""Runs as people see them: listed, looked into, started by hand, cancelled. What moves a run is in run_writes."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import Select, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from zipped import ids
from zipped.errors import Conflict, NotFound
from zipped.messages import EXECUTION, RunRequested
from zipped.models import Trigger, ZipRun
from zipped.services import audit, idempotency, run_writes, texts, zips
from zipped.services.audit import Actor
from zipped.services.pages import FIRST, Page, Place, between, cut

MAX_INPUT = 1 << 20  # bytes of JSON, as much as a webhook may bring by default
MAX_INPUT_DEPTH = 128  # levels
MAX_LATEST = 20  # runs of one zip, at a glance

#: Which statuses an ending leaves a run in, so that a filter on the ending alone finds an index.
STATUSES_OF: Final = {
    "end": ("succeeded",),
    "filter": ("succeeded",),
    "stop": ("succeeded", "failed"),
    "error": ("failed",),
    "cancel": ("cancelled",),
    "deadline": ("failed",),
    "crash": ("dead",),
}

HEADERS: Final = b'[["content-type","application/json"]]'

START = text(
    """
    with ids as materialized (select uuidv7() as event_id),
    new_event as (
        insert into event
            (id, workspace_id, zip_id, trigger_id, outcome, method, headers, body_size, body_sha256, run_id)
        select event_id, :workspace_id, :zip_id, :trigger_id, 'accepted', 'MANUAL',
               :headers, length(cast(:body as bytea)), sha256(cast(:body as bytea)), :run_id
        from ids
    ),
    new_body as (
        insert into event_body (event_id, workspace_id, body) select event_id, :workspace_id, :body from ids
    ),
    message as (
        insert into zip_outbox (topic, key, body)
        values (:topic, :key, :message)
    )
    insert into zip_run (id, workspace_id, zip_id, version_id, event_id, root_run_id)
    select :run_id, :workspace_id, :zip_id, :version_id, event_id, :run_id from ids
    """
)


LATEST = text(
    """
    select r.* from unnest(cast(:zip_ids as uuid[])) as wanted(id)
    cross join lateral (
        select * from zip_run where zip_id = wanted.id and workspace_id = any(:workspace_ids)
        order by id desc limit :limit
    ) r
    order by r.id desc
    """
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFilter:
    """Which runs of a workspace; everything left out lets all pass."""

    zip_id: UUID | None = None
    statuses: tuple[str, ...] = ()
    ended_by: tuple[str, ...] = ()
    #: Not before, and before.
    created_from: datetime | None = None
    created_before: datetime | None = None


async def get(session: AsyncSession, workspace_id: UUID, run_id: UUID) -> ZipRun:
    """The run. Raises NotFound."""
    found = (await by_ids(session, [workspace_id], [run_id])).get(run_id)
    if found is None:
        raise NotFound("There is no run by this id in this workspace.", path=("runId",))
    return found


async def by_ids(
    session: AsyncSession, workspace_ids: Collection[UUID], wanted: Collection[UUID]
) -> dict[UUID, ZipRun]:
    """Those of the wanted runs that these workspaces have, as they are now."""
    query = select(ZipRun).where(ZipRun.workspace_id.in_(workspace_ids), ZipRun.id.in_(wanted))
    rows = await session.scalars(query, execution_options={"populate_existing": True})
    return {row.id: row for row in rows}


async def page(
    session: AsyncSession, workspace_id: UUID, *, filter: RunFilter | None = None, place: Place = FIRST
) -> Page[ZipRun]:
    """Runs, newest first."""
    wanted = filter or RunFilter()
    statuses = statuses_of(wanted)
    if statuses is not None and not statuses:
        return Page([], has_next=False)
    every = _matching(workspace_id, wanted)
    query = place.of_each(every, ZipRun, ZipRun.status, statuses) if statuses else place.of(every, ZipRun.id)
    return cut((await session.scalars(query)).all(), place)


async def latest_by_zip(
    session: AsyncSession, workspace_ids: Collection[UUID], zip_ids: Collection[UUID]
) -> dict[UUID, list[ZipRun]]:
    """The newest runs of each of these zips, newest first; at most 20 a zip."""
    values = {"zip_ids": list(zip_ids), "workspace_ids": list(workspace_ids), "limit": MAX_LATEST}
    rows = await session.scalars(select(ZipRun).from_statement(LATEST), values)
    found: dict[UUID, list[ZipRun]] = {}
    for row in rows:
        found.setdefault(row.zip_id, []).append(row)
    return found


async def start(
    session: AsyncSession,
    workspace_id: UUID,
    zip_id: UUID,
    *,
    actor: Actor,
    input: object = None,
    idempotency_key: str | None = None,
) -> ZipRun:
    """Start a run by hand, on the live version; `input` is what its steps find under `trigger.body`.

    A paused zip may be run by hand, for pausing stops what arrives, not people; only where the hand is the trigger
    does pausing stop it too. Event, run and outbox row are one transaction: ring the bell after its commit. Raises
    NotFound, Conflict for a zip that was never published, ValidationFailed.
    """
    body = texts.json_bytes(
        {} if input is None else input, path=("input",), max_bytes=MAX_INPUT, max_depth=MAX_INPUT_DEPTH
    )
    zip = await zips.get(session, workspace_id, zip_id)
    trigger = await session.scalar(
        select(Trigger).where(Trigger.workspace_id == workspace_id, Trigger.zip_id == zip_id)
    )
    if zip.live_version_id is None or trigger is None:
        raise Conflict("This zip was never published, so there is nothing to run: publish it first.", path=("zipId",))
    if zip.state == "paused" and trigger.kind == "manual":
        raise Conflict("This zip is paused and is only ever started by hand: resume it first.", path=("zipId",))
    reserved = await idempotency.reserve(
        session, workspace_id, action="runZip", key=idempotency_key, input={"zip": zip_id, "input": body}
    )
    if reserved.fresh:
        await session.execute(
            START,
            {
                "workspace_id": workspace_id,
                "zip_id": zip_id,
                "trigger_id": trigger.id,
                "version_id": zip.live_version_id,
                "run_id": reserved.subject_id,
                "body": body,
                "headers": HEADERS,
                "topic": EXECUTION,
                "key": ids.encode("run", reserved.subject_id),
                "message": RunRequested(reserved.subject_id).encode(),
            },
        )
        await audit.record(session, actor, "runZip", workspace_id=workspace_id, subject_id=reserved.subject_id)
    return await get(session, workspace_id, reserved.subject_id)


async def cancel(session: AsyncSession, workspace_id: UUID, run_id: UUID, *, actor: Actor) -> ZipRun:
    """End a run that has not ended; one that has stays as it is. Ring the bell after the commit.

    A step that is under way can't be called back: its attempt ends as unknown. Raises NotFound.
    """
    if await run_writes.cancel(session, workspace_id, run_id):
        await audit.record(session, actor, "cancelRun", workspace_id=workspace_id, subject_id=run_id)
    return await get(session, workspace_id, run_id)


def statuses_of(wanted: RunFilter) -> set[str] | None:
    """The statuses in which a run can match; None: in every one."""
    implied = {status for ending in wanted.ended_by for status in STATUSES_OF[ending]}
    if wanted.statuses and wanted.ended_by:
        return implied & set(wanted.statuses)
    return implied or set(wanted.statuses) or None


def _matching(workspace_id: UUID, wanted: RunFilter) -> Select[ZipRun]:
    query = select(ZipRun).where(ZipRun.workspace_id == workspace_id)
    if wanted.zip_id is not None:
        query = query.where(ZipRun.zip_id == wanted.zip_id)
    if wanted.ended_by:
        query = query.where(ZipRun.ended_by.in_(wanted.ended_by))
    return between(query, ZipRun.id, ZipRun.created_at, since=wanted.created_from, before=wanted.created_before)
