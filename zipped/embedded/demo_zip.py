"""The demo zip: a webhook that greets somebody, waits a moment and says what happened; it calls nobody outside."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

import connectors
from zipped.crypto import SecretBox
from zipped.models import Trigger, Zip
from zipped.services import triggers, versions, workspaces, zips
from zipped.services.accounts import Person
from zipped.services.audit import Actor
from zipped.settings import Settings

NAME = "Demo: greet somebody"
DEFINITION = {
    "steps": [
        {
            "id": "greet",
            "app": "data",
            "action": "set_fields",
            "name": "Write a greeting",
            "input": {"fields": {"greeting": "Hello {{ trigger.body.name | default('world') }}!"}},
        },
        {
            "id": "wait",
            "app": "flow",
            "action": "delay",
            "name": "Wait three seconds",
            "input": {"amount": 3, "unit": "seconds"},
        },
        {
            "id": "tell",
            "app": "data",
            "action": "set_fields",
            "name": "Tell what was said",
            "input": {"fields": {"said": "{{ steps.greet.greeting }}", "at": "{{ steps.wait.until }}"}},
        },
    ]
}


async def create(session: AsyncSession, workspace_id: UUID, *, actor: Actor, settings: Settings) -> Zip:
    """Make and publish it."""
    catalog = connectors.load()
    box = SecretBox(settings.secret_key)
    made = await zips.create(
        session, workspace_id, actor=actor, name=NAME, box=box, catalog=catalog, definition=DEFINITION
    )
    live, _ = await versions.publish(
        session, workspace_id, made.id, actor=actor, revision=made.revision, catalog=catalog
    )
    return live


async def find(session: AsyncSession, owner: Person) -> Zip | None:
    """The demo zip in a workspace of the instance's owner, if it is live; they may have deleted or renamed it."""
    workspace_ids = list(await workspaces.memberships(session, owner.id))
    query = select(Zip).where(
        Zip.workspace_id.in_(workspace_ids), Zip.name == NAME, Zip.state == "live", Zip.deleted_at.is_(None)
    )
    return (await session.scalars(query.order_by(Zip.id).limit(1))).one_or_none()


async def address(session: AsyncSession, demo: Zip, *, settings: Settings) -> str:
    """Where to post to it."""
    query = select(Trigger).where(Trigger.workspace_id == demo.workspace_id, Trigger.zip_id == demo.id)
    trigger = (await session.scalars(query)).one()
    found = triggers.address(trigger, box=SecretBox(settings.secret_key), public_url=settings.public_url)
    assert found is not None  # it was made with a webhook
    return found
