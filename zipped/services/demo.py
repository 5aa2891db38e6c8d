"""A first zip that works without any account elsewhere: a webhook that greets whoever it is told about."""

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from zipped.catalog import Catalog
from zipped.crypto import SecretBox
from zipped.services import triggers, versions, zips
from zipped.services.audit import Actor

NAME: Final = "Say hello"

#: What the curl that is shown with it sends.
SAMPLE: Final = {"name": "Ada"}

DEFINITION: Final[dict[str, Any]] = {
    "steps": [
        {
            "id": "visitor",
            "app": "data",
            "action": "set_fields",
            "name": "Read the request",
            "input": {"fields": {"name": '{{ trigger.body.name | default("stranger") }}'}},
        },
        {
            "id": "greeting",
            "app": "data",
            "action": "set_fields",
            "name": "Write the greeting",
            "input": {"fields": {"text": "Hello, {{ steps.visitor.name }}!", "run": "{{ run.id }}"}},
        },
    ]
}


@dataclass(frozen=True, slots=True)
class Demo:
    """The demo zip, live, and where to post to."""

    zip_id: UUID
    url: str


async def create_demo_zip(
    session: AsyncSession, workspace_id: UUID, *, actor: Actor, box: SecretBox, catalog: Catalog, public_url: str
) -> Demo:
    """Make the demo zip of a workspace and publish it; a second call finds the first one's."""
    zip = await zips.create(
        session,
        workspace_id,
        actor=actor,
        name=NAME,
        box=box,
        catalog=catalog,
        definition=DEFINITION,
        idempotency_key="demo",
    )
    if zip.live_version_id is None and zip.deleted_at is None:
        await versions.publish(session, workspace_id, zip.id, actor=actor, revision=zip.revision, catalog=catalog)
    trigger = (await triggers.by_zip_ids(session, [workspace_id], [zip.id]))[zip.id]
    url = triggers.address(trigger, box=box, public_url=public_url)
    assert url is not None  # it is a webhook
    return Demo(zip.id, url)
