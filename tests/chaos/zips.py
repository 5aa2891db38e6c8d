"""The three zips under attack: one HTTP call, one with a delay before it, one whose receiver fails at first."""

from typing import Any
from urllib.parse import urlsplit

import connectors
from zipped.crypto import SecretBox
from zipped.db import Database
from zipped.services import accounts, triggers, versions, workspaces, zips
from zipped.services.audit import Actor
from zipped.settings import Settings

CALL = "call"  # the id of the step that calls out, in all three


def definitions(receiver_port: int) -> dict[str, list[dict[str, Any]]]:
    """Steps by zip."""

    def call(how: str) -> dict[str, Any]:
        return {
            "id": CALL,
            "app": "http",
            "action": "request",
            "name": "Call the receiver",
            "input": {
                "method": "POST",
                "url": f"http://127.0.0.1:{receiver_port}/{how}",
                "bodyType": "json",
                "json": {"n": "{{ trigger.body.n }}", "run": "{{ run.id }}"},
            },
        }

    pause = {
        "id": "pause",
        "app": "flow",
        "action": "delay",
        "name": "Wait five seconds",
        "input": {"amount": 5, "unit": "seconds"},
    }
    return {"call": [call("ok")], "delay": [pause, call("ok")], "flaky": [call("flaky")]}


async def make(database: Database, settings: Settings, receiver_port: int) -> dict[str, str]:
    """Make an account and the published zips in it; the path of each zip's hook."""
    box, catalog = SecretBox(settings.secret_key), connectors.load()
    hooks = {}
    async with database.begin() as session:
        person = await accounts.create_first_account(session, "chaos@localhost", "chaos-chaos-chaos", "Chaos")
        actor = Actor(user_id=person.id)
        (workspace_id,) = await workspaces.memberships(session, person.id)
        for name, steps in definitions(receiver_port).items():
            made = await zips.create(
                session, workspace_id, actor=actor, name=name, box=box, catalog=catalog, definition={"steps": steps}
            )
            await versions.publish(session, workspace_id, made.id, actor=actor, revision=made.revision, catalog=catalog)
            found = await triggers.by_zip_ids(session, [workspace_id], [made.id])
            address = triggers.address(found[made.id], box=box, public_url=settings.public_url)
            assert address is not None
            hooks[name] = urlsplit(address).path
    return hooks
