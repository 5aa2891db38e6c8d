"""Live zips, made by the services themselves: for what measures or attacks a whole instance."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

import connectors
from zipped.crypto import SecretBox
from zipped.services import triggers, versions, zips
from zipped.services.audit import Actor
from zipped.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveZip:
    """One of them."""

    id: UUID
    version_id: UUID
    trigger_id: UUID
    #: Of its webhook's address.
    path: str


async def make_live(
    session: AsyncSession,
    settings: Settings,
    workspace_id: UUID,
    *,
    actor: Actor,
    steps: Mapping[str, Sequence[dict[str, Any]]],
) -> dict[str, LiveZip]:
    """A published zip with these steps for each name; by name."""
    box, catalog = SecretBox(settings.secret_key), connectors.load()
    made = {}
    for name, listed in steps.items():
        zip = await zips.create(
            session, workspace_id, actor=actor, name=name, box=box, catalog=catalog, definition={"steps": [*listed]}
        )
        _, version = await versions.publish(
            session, workspace_id, zip.id, actor=actor, revision=zip.revision, catalog=catalog
        )
        trigger = (await triggers.by_zip_ids(session, [workspace_id], [zip.id]))[zip.id]
        address = triggers.address(trigger, box=box, public_url=settings.public_url)
        assert address is not None
        made[name] = LiveZip(id=zip.id, version_id=version.id, trigger_id=trigger.id, path=urlsplit(address).path)
    return made
