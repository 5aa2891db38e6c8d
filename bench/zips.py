"""The two zips that are measured: one that sets fields, one that makes an HTTP call; both look at what came in."""

from typing import Any

from tests.live_zips import LiveZip, make_live
from zipped.db import Database
from zipped.services import accounts, api_tokens, workspaces
from zipped.services.audit import Actor
from zipped.settings import Settings


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


async def make(database: Database, settings: Settings, receiver_port: int) -> tuple[dict[str, LiveZip], str]:
    """Make an account with them; the zips by name, and a token that may watch."""
    async with database.begin() as session:
        person = await accounts.create_first_account(session, "bench@localhost", "bench-bench-bench", "Bench")
        actor = Actor(user_id=person.id)
        (workspace_id,) = await workspaces.memberships(session, person.id)
        _, token = await api_tokens.create(
            session, workspace_id, name="bench", scope="read", expires_in_days=1, actor=actor
        )
        made = await make_live(session, settings, workspace_id, actor=actor, steps=definitions(receiver_port))
    return made, token
