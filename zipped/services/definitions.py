"""Definitions apart from the zips and versions they belong to: as the JSON text that is stored, read when asked for.

A definition has up to 256 KiB and a list up to a hundred rows, so no list reads them. As text they cost what they
are; parsed it would be four times that.
"""

from collections.abc import Collection
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Text, cast, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from zipped.models import Zip, ZipVersion
from zipped.services import pages

Columns = tuple[InstrumentedAttribute[UUID], InstrumentedAttribute[UUID], InstrumentedAttribute[Any]]

DRAFT: Final[Columns] = (Zip.id, Zip.workspace_id, Zip.draft)
PUBLISHED: Final[Columns] = (ZipVersion.id, ZipVersion.workspace_id, ZipVersion.definition)


async def drafts(session: AsyncSession, workspace_ids: Collection[UUID], zip_ids: Collection[UUID]) -> dict[UUID, str]:
    """The drafts of these zips, by zip. Raises ValidationFailed for more than 32 MiB at once."""
    return await _texts(session, DRAFT, workspace_ids, zip_ids)


async def published(
    session: AsyncSession, workspace_ids: Collection[UUID], version_ids: Collection[UUID]
) -> dict[UUID, str]:
    """What these versions say, by version. Raises ValidationFailed for more than 32 MiB at once."""
    return await _texts(session, PUBLISHED, workspace_ids, version_ids)


async def _texts(
    session: AsyncSession, columns: Columns, workspace_ids: Collection[UUID], wanted: Collection[UUID]
) -> dict[UUID, str]:
    id, workspace_id, definition = columns
    mine = (workspace_id.in_(workspace_ids), id.in_(wanted))
    written = cast(definition, Text)
    pages.refuse_too_much(await session.scalar(select(func.sum(func.octet_length(written))).where(*mine)))
    return {row.id: row.written for row in await session.execute(select(id, written.label("written")).where(*mine))}
