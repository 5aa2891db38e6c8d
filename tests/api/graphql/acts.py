"""What tests of GraphQL do over and over: make and publish zips, let somebody into a workspace, count rows."""

from typing import Any

from sqlalchemy import text

from tests.fixtures.graphql import Api, Client, Person
from zipped import ids
from zipped.db import Database

GREET = {
    "steps": [
        {"id": "greet", "app": "data", "action": "set_fields", "input": {"fields": {"hi": "{{ trigger.body.name }}"}}}
    ]
}


async def act(client: Client, name: str, selection: str, /, **input: Any) -> dict[str, Any]:
    """The result of a mutation, its input by name."""
    return await client.mutate(name, selection, input)


async def make_zip(person: Person, selection: str = "", /, **input: Any) -> dict[str, Any]:
    """A new zip in draft, with its trigger."""
    given = {"workspaceId": person.workspace_id, "name": "A zip", "definition": GREET, **input}
    made = await act(person, "createZip", f"zip {{ id revision trigger {{ id url }} {selection} }}", **given)
    zip: dict[str, Any] = made["zip"]
    return zip


async def live_zip(person: Person, **input: Any) -> dict[str, Any]:
    """A published zip."""
    zip = await make_zip(person, **input)
    done = await act(person, "publishZip", "version { id number }", zipId=zip["id"], revision=1)
    return {**zip, "version": done["version"]}


async def make_connection(person: Person, **input: Any) -> dict[str, Any]:
    """A connection of the kind basic."""
    given = {
        "workspaceId": person.workspace_id,
        "name": "A connection",
        "kind": "basic",
        "fields": {"username": "ada", "password": "canary-password"},
        "hosts": ["api.example.com"],
        **input,
    }
    made = await act(person, "createConnection", "connection { id revision }", **given)
    connection: dict[str, Any] = made["connection"]
    return connection


async def join(api: Api, person: Person, workspace_id: str, role: str) -> None:
    """Make somebody a member of another workspace."""
    await rows(
        api.platform.database,
        "insert into membership (workspace_id, user_id, role) values (:workspace, :user, :role) returning role",
        workspace=ids.decode(workspace_id, "wsp"),
        user=ids.decode(person.user_id, "usr"),
        role=role,
    )


async def program(person: Person, scope: str) -> Client:
    """A program of this person's, with a token of that scope."""
    made = await act(person, "createApiToken", "token", workspaceId=person.workspace_id, name="Test", scope=scope)
    return person.by(made["token"])


async def rows(database: Database, sql: str, **values: Any) -> list[tuple[Any, ...]]:
    """What stands in the tables, whoever's it is."""
    async with database.begin() as session:
        return [tuple(row) for row in await session.execute(text(sql), values)]
