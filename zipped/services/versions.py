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

from zipped.catalog import Catalog
from zipped.engine.definition import DefinitionError, parse
from zipped.errors import NotFound
from zipped.models import Zip, ZipVersion
from zipped.services import texts, validation, zips
from zipped.services.pages import Page, cut


async def publish(
    session: AsyncSession,
    workspace_id: UUID,
    zip_id: UUID,
    *,
    revision: int,
    catalog: Catalog,
    user_id: UUID | None = None,
    note: str | None = None,
) -> tuple[Zip, ZipVersion]:
    """Make the draft, at the revision the caller has seen, the live version.

    Raises Conflict for a stale revision, ValidationFailed with every problem of the draft.
    """
    note = _note(note)
    zip = await zips.locked(session, workspace_id, zip_id)
    zips.expect_revision(zip, revision)
    definition = await validation.checked(session, workspace_id, zip.draft, catalog=catalog)
    return await _go_live(session, zip, definition.to_document(), user_id=user_id, note=note)


async def roll_back(
    session: AsyncSession,
    workspace_id: UUID,
    zip_id: UUID,
    *,
    version_id: UUID,
    catalog: Catalog,
    user_id: UUID | None = None,
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
    return await _go_live(
        session, zip, document, user_id=user_id, note=note or f"Rolled back to version {older.number}"
    )


async def get(session: AsyncSession, workspace_id: UUID, version_id: UUID) -> ZipVersion:
    """The version. Raises NotFound."""
    found = (await by_ids(session, workspace_id, [version_id])).get(version_id)
    if found is None:
        raise NotFound("There is no version by this id in this workspace.", path=("versionId",))
    return found


async def by_ids(session: AsyncSession, workspace_id: UUID, wanted: Collection[UUID]) -> dict[UUID, ZipVersion]:
    """Those of the wanted versions that this workspace has."""
    query = select(ZipVersion).where(ZipVersion.workspace_id == workspace_id, ZipVersion.id.in_(wanted))
    return {row.id: row for row in await session.scalars(query)}


async def page(
    session: AsyncSession, workspace_id: UUID, zip_id: UUID, *, after: UUID | None = None, first: int = 25
) -> Page[ZipVersion]:
    """A zip's versions, newest first."""
    query = select(ZipVersion).where(ZipVersion.workspace_id == workspace_id, ZipVersion.zip_id == zip_id)
    if after is not None:
        last = select(ZipVersion.number).where(ZipVersion.zip_id == zip_id, ZipVersion.id == after).scalar_subquery()
        query = query.where(ZipVersion.number < last)
    rows = await session.scalars(query.order_by(ZipVersion.number.desc()).limit(first + 1))
    return cut(rows.all(), first)


def differs(draft: object, live: ZipVersion | None) -> bool:
    """Whether publishing the draft would change anything."""
    if live is None:
        return True
    try:
        return not _same(parse(draft).to_document(), live.definition)
    except DefinitionError:
        return True


async def _go_live(
    session: AsyncSession, zip: Zip, document: dict[str, Any], *, user_id: UUID | None, note: str | None
) -> tuple[Zip, ZipVersion]:
    if zip.live_version_id is not None:
        live = await get(session, zip.workspace_id, zip.live_version_id)
        if _same(document, live.definition):
            return (zip if zip.state == "live" else await zips.write(session, zip, state="live")), live
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
        created_by=user_id,
    )
    session.add(version)
    await session.flush()
    return await zips.write(session, zip, live_version_id=version.id, state="live"), version


def _same(one: object, other: object) -> bool:
    # Not ==: Python holds 1, 1.0 and True for equal.
    return orjson.dumps(one) == orjson.dumps(other)


def _note(note: str | None) -> str | None:
    if note is None or not note.strip():
        return None
    return texts.note(note, path=("note",))
