"""The three zips under attack: one HTTP call, one with a delay before it, one whose receiver fails at first."""

from typing import Any

from tests.live_zips import make_live
from zipped.db import Database
from zipped.services import accounts, workspaces
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
    async with database.begin() as session:
        person = await accounts.create_first_account(session, "chaos@localhost", "chaos-chaos-chaos", "Chaos")
        actor = Actor(user_id=person.id)
        (workspace_id,) = await workspaces.memberships(session, person.id)
        made = await make_live(session, settings, workspace_id, actor=actor, steps=definitions(receiver_port))
    return {name: zip.path for name, zip in made.items()}
