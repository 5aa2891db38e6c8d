"""The two zips that are measured: one that sets fields, one that makes an HTTP call; both look at what came in."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import connectors
from zipped import ids
from zipped.crypto import SecretBox
from zipped.db import Database
from zipped.services import accounts, api_tokens, triggers, versions, workspaces, zips
from zipped.services.audit import Actor
from zipped.settings import Settings


@dataclass(frozen=True, slots=True)
class Made:
    """A live zip."""

    id: str
    #: Of its webhook.
    path: str


def definitions(receiver_port: int) -> dict[str, list[dict[str, Any]]]:
    """Steps by name."""
    fields = {
        "id": "fields",
        "app": "data",
        "action": "set_fields",
        "name": "Set fields",
        "input": {"fields": {"greeting": "Hello {{ trigger.body.name }}", "n": "{{ trigger.body.n }}"}},
    }
    call = {
        "id": "call",
        "app": "http",
        "action": "request",
        "name": "Call the receiver",
        "input": {
            "method": "POST",
            "url": f"http://127.0.0.1:{receiver_port}/",
            "bodyType": "json",
            "json": {"n": "{{ trigger.body.n }}", "name": "{{ trigger.body.name }}"},
        },
    }
    return {"no-op": [fields], "http": [call]}


async def make(database: Database, settings: Settings, receiver_port: int) -> tuple[dict[str, Made], str]:
    """Make an account with them; the zips by name, and a token that may watch."""
    box, catalog = SecretBox(settings.secret_key), connectors.load()
    made = {}
    async with database.begin() as session:
        person = await accounts.create_first_account(session, "bench@localhost", "bench-bench-bench", "Bench")
        actor = Actor(user_id=person.id)
        (workspace_id,) = await workspaces.memberships(session, person.id)
        _, token = await api_tokens.create(
            session, workspace_id, name="bench", scope="read", expires_in_days=1, actor=actor
        )
        for name, steps in definitions(receiver_port).items():
            one = await zips.create(
                session, workspace_id, actor=actor, name=name, box=box, catalog=catalog, definition={"steps": steps}
            )
            await versions.publish(session, workspace_id, one.id, actor=actor, revision=one.revision, catalog=catalog)
            found = await triggers.by_zip_ids(session, [workspace_id], [one.id])
            address = triggers.address(found[one.id], box=box, public_url=settings.public_url)
            assert address is not None
            made[name] = Made(ids.encode("zip", one.id), urlsplit(address).path)
    return made, token
