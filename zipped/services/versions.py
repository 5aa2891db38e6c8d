"""Published versions: immutable, numbered 1, 2, 3 … within their zip; a run follows the one it started with.

Publishing makes the draft the live version and starts the trigger, also of a paused zip: it is the one act that says
"from now on like this". An unchanged draft makes no second version of the same. Rolling back publishes what an older
version said as a new version, so that the list of versions stays the history of what was live; the draft is kept
unless the caller asks for it to follow.
"""

from collections.abc import Collection
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import defer

from zipped.catalog import Catalog
from zipped.engine.definition import DefinitionError, parse
from zipped.errors import NotFound
from zipped.models import Zip, ZipVersion
from zipped.services import audit, texts, validation, zips
from zipped.services.audit import Actor
from zipped.services.pages import FIRST, Page, Place, cut

#: What lists show of a version. `definitions.published` reads what those say that are asked for.
LISTED = select(ZipVersion).options(defer(ZipVersion.definition, raiseload=True))


async def publish(
    session: AsyncSession,
    workspace_id: UUID,
    zip_id: UUID,
    *,
    actor: Actor,
    revision: int,
    catalog: Catalog,
    note: str | None = None,
) -> tuple[Zip, ZipVersion]:
    """Make the draft, at the revision the caller has seen, the live version.

    Raises Conflict for a stale revision, ValidationFailed with every problem of the draft.
    """
    note = _note(note)
    zip = await zips.locked(session, workspace_id, zip_id)
    zips.expect_revision(zip, revision)
    definition = await validation.checked(session, workspace_id, zip.draft, catalog=catalog)
    return await _go_live(session, zip, definition.to_document(), actor=actor, action="publishZip", note=note)


async def roll_back(
    session: AsyncSession,
    workspace_id: UUID,
    zip_id: UUID,
    *,
    actor: Actor,
    version_id: UUID,
    catalog: Catalog,
    note: str | None = None,
    replace_draft_at: int | None = None,
) -> tuple[Zip, ZipVersion]:
    """Publish an older version's definition anew.

    With `replace_draft_at`, the revision that the caller has seen, the draft becomes that definition too. Raises
    NotFound for another zip's version, ValidationFailed when the definition would no longer be published today, for
    example because a connection is gone, and Conflict for a stale revision.
    """
    note = _note(note)
    zip = await zips.locked(session, workspace_id, zip_id)
    older = await get(session, workspace_id, version_id)
    if older.zip_id != zip.id:
        raise NotFound("This zip has no version by this id.", path=("versionId",))
    if replace_draft_at is not None:
        zips.expect_revision(zip, replace_draft_at)
    definition = await validation.checked(session, workspace_id, older.definition, catalog=catalog)
    document = definition.to_document()
    if replace_draft_at is not None:
        zip = await zips.write(session, zip, draft=document, revision=Zip.revision + 1)
    note = note or f"Rolled back to version {older.number}"
    return await _go_live(session, zip, document, actor=actor, action="rollbackZip", note=note)


async def get(session: AsyncSession, workspace_id: UUID, version_id: UUID) -> ZipVersion:
    """The version, complete. Raises NotFound."""
    query = select(ZipVersion).where(ZipVersion.workspace_id == workspace_id, ZipVersion.id == version_id)
    found = await session.scalar(query)
    if found is None:
        raise NotFound("There is no version by this id in this workspace.", path=("versionId",))
    return found


async def by_ids(
    session: AsyncSession, workspace_ids: Collection[UUID], wanted: Collection[UUID]
) -> dict[UUID, ZipVersion]:
    """Those of the wanted versions that these workspaces have, without their definitions."""
    query = LISTED.where(ZipVersion.workspace_id.in_(workspace_ids), ZipVersion.id.in_(wanted))
    return {row.id: row for row in await session.scalars(query)}


async def page(session: AsyncSession, workspace_id: UUID, zip_id: UUID, *, place: Place = FIRST) -> Page[ZipVersion]:
    """A zip's versions, newest first, without their definitions."""
    query = LISTED.where(ZipVersion.workspace_id == workspace_id, ZipVersion.zip_id == zip_id)
    # Ids of one zip's versions rise with their numbers: both are drawn while the zip's row is locked.
    return cut((await session.scalars(place.of(query, ZipVersion.id))).all(), place)


def differs(draft: object, live: object) -> bool:
    """Whether publishing the draft would change the live definition."""
    try:
        return not _same(parse(draft).to_document(), live)
    except DefinitionError:
        return True


async def _go_live(
    session: AsyncSession, zip: Zip, document: dict[str, Any], *, actor: Actor, action: str, note: str | None
) -> tuple[Zip, ZipVersion]:
    if zip.live_version_id is not None:
        live = await get(session, zip.workspace_id, zip.live_version_id)
        if _same(document, live.definition):
            if zip.state != "live":
                await _told(session, zip, actor, action, live)
                zip = await zips.write(session, zip, state="live")
            return zip, live
    # The zip's row is locked: nobody else numbers its versions now.
    last = await session.scalar(
        select(func.max(ZipVersion.number)).where(
            ZipVersion.workspace_id == zip.workspace_id, ZipVersion.zip_id == zip.id
        )
    )
    version = ZipVersion(
        workspace_id=zip.workspace_id,
        zip_id=zip.id,
        number=(last or 0) + 1,
        definition=document,
        note=note,
        created_by=actor.user_id,
    )
    session.add(version)
    await session.flush()
    await _told(session, zip, actor, action, version)
    return await zips.write(session, zip, live_version_id=version.id, state="live"), version


async def _told(session: AsyncSession, zip: Zip, actor: Actor, action: str, version: ZipVersion) -> None:
    detail = {"version": version.number}
    await audit.record(session, actor, action, workspace_id=zip.workspace_id, subject_id=zip.id, detail=detail)


def _same(one: object, other: object) -> bool:
    # Not ==: Python holds 1, 1.0 and True for equal.
    return orjson.dumps(one) == orjson.dumps(other)


def _note(note: str | None) -> str | None:
    if note is None or not note.strip():
        return None
    return texts.note(note, path=("note",))
