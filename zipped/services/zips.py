"""Zips as their authors edit them: made, changed by revision, listed, paused, resumed, deleted.

A draft may be unfinished in any way, so that nothing typed is lost; publishing is what asks for more. Two things are
refused even in a draft: what can't be stored, and a secret written where everybody who may read the zip would see it.

Deleting a zip stops what arrives: its address answers 404 from that commit on. What had been accepted before is
finished, for it was promised; its history stays until retention takes it. Cancel its runs to stop those too.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any, TypedDict
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import defer

from zipped.catalog import Catalog
from zipped.crypto import SecretBox
from zipped.engine.definition import MAX_BYTES, MAX_DEPTH
from zipped.errors import Conflict, NotFound, ValidationFailed
from zipped.models import Trigger, Zip
from zipped.services import audit, idempotency, texts, triggers, validation
from zipped.services.audit import Actor
from zipped.services.pages import FIRST, Page, Place, cut

MAX_RETENTION = 3650  # days
MAX_FOLDERS = 500  # names

#: What lists show of a zip. Its draft has up to 256 KiB: `definitions.drafts` reads those that are asked for.
LISTED = select(Zip).options(defer(Zip.draft, raiseload=True))

#: Levels around a step's input: the definition, its steps and the step.
OUTER_LEVELS = 3


class ZipChanges(TypedDict, total=False):
    """What a save changes; what is left out stays as it is."""

    name: str
    #: None takes it out of its folder.
    folder: str | None
    definition: object
    #: None: as long as the workspace says.
    retention_days: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ZipFilter:
    """Which zips of a workspace; everything left out lets all pass."""

    states: tuple[str, ...] = ()
    #: The empty text means those in no folder.
    folder: str | None = None
    #: A part of the name, in any case.
    search: str | None = None


async def create(
    session: AsyncSession,
    workspace_id: UUID,
    *,
    actor: Actor,
    name: str,
    box: SecretBox,
    catalog: Catalog,
    folder: str | None = None,
    trigger_kind: str = "webhook",
    definition: object = None,
    idempotency_key: str | None = None,
) -> Zip:
    """A new zip in draft, with its trigger: a webhook's address takes requests from this commit on.

    Raises ValidationFailed; Conflict for an idempotency key that was used for something else.
    """
    if catalog.trigger(trigger_kind) is None:
        kinds = ", ".join(kind.key for app in catalog for kind in app.triggers)
        raise ValidationFailed.of(
            f"There is no trigger kind called “{trigger_kind[:100]}”.",
            path=("trigger",),
            code="unknown_trigger",
            fix=f"Choose one of: {kinds}.",
        )
    values = {
        "name": texts.name(name, path=("name",)),
        "folder": _folder(folder),
        "draft": _draft({"steps": []} if definition is None else definition, catalog=catalog),
    }
    reserved = await idempotency.reserve(
        session, workspace_id, action="createZip", key=idempotency_key, input={**values, "trigger": trigger_kind}
    )
    if not reserved.fresh:
        return await get(session, workspace_id, reserved.subject_id, deleted=True)
    made = Zip(id=reserved.subject_id, workspace_id=workspace_id, created_by=actor.user_id, **values)
    session.add(made)
    await session.flush()
    await triggers.create(session, workspace_id, made.id, kind=trigger_kind, box=box)
    await audit.record(session, actor, "createZip", workspace_id=workspace_id, subject_id=made.id)
    return made


async def get(session: AsyncSession, workspace_id: UUID, zip_id: UUID, *, deleted: bool = False) -> Zip:
    """The zip. Raises NotFound, also for a deleted one unless `deleted` lets it pass."""
    query = select(Zip).where(Zip.workspace_id == workspace_id, Zip.id == zip_id)
    found = await session.scalar(query if deleted else query.where(Zip.deleted_at.is_(None)))
    if found is None:
        raise NotFound("There is no zip by this id in this workspace.", path=("zipId",))
    return found


async def locked(session: AsyncSession, workspace_id: UUID, zip_id: UUID) -> Zip:
    """The zip as it is now, held until the transaction's end. Raises NotFound."""
    query = (
        select(Zip)
        .where(Zip.workspace_id == workspace_id, Zip.id == zip_id, Zip.deleted_at.is_(None))
        .with_for_update(key_share=True)
    )
    found = await session.scalar(query, execution_options={"populate_existing": True})
    if found is None:
        raise NotFound("There is no zip by this id in this workspace.", path=("zipId",))
    return found


async def by_ids(session: AsyncSession, workspace_ids: Collection[UUID], wanted: Collection[UUID]) -> dict[UUID, Zip]:
    """Those of the wanted zips that these workspaces have, deleted ones too; without their drafts."""
    rows = await session.scalars(LISTED.where(Zip.workspace_id.in_(workspace_ids), Zip.id.in_(wanted)))
    return {row.id: row for row in rows}


async def page(
    session: AsyncSession,
    workspace_id: UUID,
    *,
    filter: ZipFilter | None = None,
    place: Place = FIRST,
) -> Page[Zip]:
    """Zips, newest first, without their drafts. Deleted ones are left out."""
    wanted = filter or ZipFilter()
    query = LISTED.where(Zip.workspace_id == workspace_id, Zip.deleted_at.is_(None))
    if wanted.states:
        query = query.where(Zip.state.in_(wanted.states))
    if wanted.folder is not None:
        query = query.where(Zip.folder == wanted.folder if wanted.folder else Zip.folder.is_(None))
    if wanted.search:
        query = query.where(Zip.name.icontains(texts.note(wanted.search, path=("filter", "search")), autoescape=True))
    return cut((await session.scalars(place.of(query, Zip.id))).all(), place)


async def folders(session: AsyncSession, workspace_id: UUID) -> list[str]:
    """The names of the folders that hold zips, in alphabetical order; at most 500."""
    query = (
        select(Zip.folder)
        .where(Zip.workspace_id == workspace_id, Zip.deleted_at.is_(None), Zip.folder.is_not(None))
        .distinct()
        .order_by(Zip.folder)
        .limit(MAX_FOLDERS)
    )
    return [folder for folder in await session.scalars(query) if folder is not None]


async def save(
    session: AsyncSession,
    workspace_id: UUID,
    zip_id: UUID,
    *,
    actor: Actor,
    revision: int,
    changes: ZipChanges,
    catalog: Catalog,
) -> Zip:
    """Change what is named. Raises Conflict, with the stored revision, when `revision` is not the stored one.

    A save of the definition alone leaves no row in the audit: it changes nothing that runs, and there is one at
    every pause in typing.
    """
    values: dict[str, Any] = {}
    if "name" in changes:
        values["name"] = texts.name(changes["name"], path=("name",))
    if "folder" in changes:
        values["folder"] = _folder(changes["folder"])
    if "retention_days" in changes:
        values["retention_days"] = _retention(changes["retention_days"])
    zip = await locked(session, workspace_id, zip_id)
    expect_revision(zip, revision)
    if "definition" in changes:
        values["draft"] = _draft(changes["definition"], catalog=catalog, known=zip.draft)
    if not values:
        return zip
    told = sorted(set(values) - {"draft"})
    if told:
        await _told(session, zip, actor, "updateZip", changed=told)
    return await write(session, zip, revision=Zip.revision + 1, **values)


async def pause(session: AsyncSession, workspace_id: UUID, zip_id: UUID, *, actor: Actor) -> Zip:
    """Stop its trigger: what arrives is kept in the ledger as zip_off and starts nothing. Runs under way go on."""
    zip = await locked(session, workspace_id, zip_id)
    if zip.state == "draft":
        raise Conflict("This zip was never published, so there is nothing to pause.", path=("zipId",))
    if zip.state == "paused":
        return zip
    await _told(session, zip, actor, "pauseZip")
    return await write(session, zip, state="paused")


async def resume(session: AsyncSession, workspace_id: UUID, zip_id: UUID, *, actor: Actor) -> Zip:
    """Start its trigger again, on the version that was live."""
    zip = await locked(session, workspace_id, zip_id)
    if zip.state == "draft":
        raise Conflict("This zip was never published: publish it to start it.", path=("zipId",))
    if zip.state == "live":
        return zip
    await _told(session, zip, actor, "resumeZip")
    return await write(session, zip, state="live")


async def delete(session: AsyncSession, workspace_id: UUID, zip_id: UUID, *, actor: Actor) -> Zip:
    """Take it away; its address answers 404 and its history stays."""
    zip = await locked(session, workspace_id, zip_id)
    await session.execute(
        update(Trigger)
        .where(Trigger.workspace_id == workspace_id, Trigger.zip_id == zip_id)
        .values(next_fire_at=None, revision=Trigger.revision + 1, updated_at=func.now())
    )
    await _told(session, zip, actor, "deleteZip", name=zip.name)
    state = "draft" if zip.state == "draft" else "paused"
    return await write(session, zip, deleted_at=func.now(), state=state)


def expect_revision(zip: Zip, revision: int) -> None:
    """Raises Conflict when the draft has been saved since the caller read it."""
    if zip.revision != revision:
        raise Conflict.stale("The draft was saved", seen=revision, stored=zip.revision)


async def write(session: AsyncSession, zip: Zip, **values: Any) -> Zip:
    """Set columns of a zip that this transaction holds."""
    changed = await session.scalars(
        update(Zip)
        .where(Zip.workspace_id == zip.workspace_id, Zip.id == zip.id)
        .values(updated_at=func.now(), **values)
        .returning(Zip),
        execution_options={"populate_existing": True},
    )
    return changed.one()


async def _told(session: AsyncSession, zip: Zip, actor: Actor, action: str, **detail: object) -> None:
    await audit.record(session, actor, action, workspace_id=zip.workspace_id, subject_id=zip.id, detail=detail)


def _folder(value: str | None) -> str | None:
    return texts.name(value, path=("folder",)) if value is not None and value.strip() else None


def _retention(days: int | None) -> int | None:
    if days is not None and not 1 <= days <= MAX_RETENTION:
        raise ValidationFailed.of(
            f"History is kept for 1 to {MAX_RETENTION} days.",
            path=("retentionDays",),
            code="out_of_range",
            fix="Name a number of days in between, or null for as long as the workspace says.",
        )
    return days


def _draft(definition: object, *, catalog: Catalog, known: object = None) -> object:
    texts.json_bytes(definition, path=("definition",), max_bytes=MAX_BYTES, max_depth=MAX_DEPTH + OUTER_LEVELS)
    if not isinstance(definition, dict) or not isinstance(definition.get("steps"), list):
        raise ValidationFailed.of(
            "A definition is an object that holds a list called steps.",
            path=("definition", "steps"),
            code="wrong_type",
            fix='Send {"steps": []} for an empty one.',
        )
    if secrets := validation.secrets_in(definition, catalog=catalog, known=known):
        raise ValidationFailed([replace(problem, path=("definition", *problem.path)) for problem in secrets])
    return definition
