"""Everything somebody can have, with its ids; and for every root field how a stranger could ask for it."""

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from tests.api.graphql.acts import GREET, act, live_zip, make_connection
from tests.fixtures.graphql import PASSWORD, Api, Person
from zipped.db import Database
from zipped.models import Base


@dataclass(frozen=True)
class World:
    """One person's things."""

    person: Person
    workspace: str
    zip: str
    version: str
    trigger: str
    run: str
    event: str
    connection: str
    token: str
    session: str
    step_test: str
    zip_cursor: str

    @property
    def ids(self) -> set[str]:
        """All of them."""
        return {
            self.workspace,
            self.zip,
            self.version,
            self.trigger,
            self.run,
            self.event,
            self.connection,
            self.token,
            self.session,
            self.step_test,
        }


async def make_world(api: Api) -> World:
    """A person with one of everything."""
    person = await api.person()
    zip = await live_zip(person)
    run = (await act(person, "runZip", "run { id event { id } }", zipId=zip["id"], input={"name": "Ada"}))["run"]
    tried = await act(person, "testStep", "test { id }", zipId=zip["id"], stepId="greet", revision=1)
    connection = await make_connection(person)
    token = await act(
        person, "createApiToken", "apiToken { id }", workspaceId=person.workspace_id, name="ci", scope="READ"
    )
    session = await act(api.anonymous, "signIn", "session { id }", email=person.email, password=PASSWORD)
    zips = await person("query Q($w: ID!) { zips(workspaceId: $w) { pageInfo { endCursor } } }", w=person.workspace_id)
    return World(
        person=person,
        workspace=person.workspace_id,
        zip=zip["id"],
        version=zip["version"]["id"],
        trigger=zip["trigger"]["id"],
        run=run["id"],
        event=run["event"]["id"],
        connection=connection["id"],
        token=token["apiToken"]["id"],
        session=session["session"]["id"],
        step_test=tried["test"]["id"],
        zip_cursor=zips.data["zips"]["pageInfo"]["endCursor"],
    )


async def rows_of(database: Database, world: World) -> dict[str, list[str]]:
    """Every row of a workspace, by table."""
    found = {}
    async with database.begin() as session:
        for table in Base.metadata.sorted_tables:
            if "workspace_id" in table.columns:
                rows = await session.execute(
                    text(f'select to_jsonb(t)::text from "{table.name}" t where workspace_id = :id order by 1'),
                    {"id": world.workspace[4:]},
                )
                found[table.name] = [_without_use(row) for row in rows.scalars()]
    return found


def _without_use(row: str) -> str:
    """When a token was last used is no part of what may not change."""
    told = json.loads(row)
    told.pop("last_used_at", None)
    return json.dumps(told, sort_keys=True)


#: A root field that takes no id of anybody's things, and why there is nothing to try.
NAMES_NOTHING = {
    "viewer": "the caller's own",
    "apps": "the same for everybody",
    "signUp": "names nobody's things",
    "signIn": "needs the password",
    "signOut": "needs the token of the session",
    "refreshSession": "needs the token of the session",
    "changePassword": "the caller's own, and needs the password",
    "isSignUpOpen": "the same for everybody",
    "updateProfile": "the caller's own",
}


def queries(of: World, by: World) -> dict[str, list[dict[str, Any]]]:
    """The arguments by which `by` could ask for what is `of`'s."""
    each = [of.workspace, of.zip, of.version, of.trigger, of.run, of.event, of.connection, of.token, of.session]
    return {
        "node": [{"id": id} for id in each],
        "workspace": [{"id": of.workspace}],
        "zip": [{"id": of.zip}],
        "zips": [{"workspaceId": of.workspace}, {"workspaceId": by.workspace, "after": of.zip_cursor}],
        "trigger": [{"id": of.trigger}],
        "triggers": [{"workspaceId": of.workspace}],
        "run": [{"id": of.run}],
        "runs": [{"workspaceId": of.workspace}, {"workspaceId": by.workspace, "filter": {"zipId": of.zip}}],
        "runCounts": [{"workspaceId": of.workspace}, {"workspaceId": by.workspace, "filter": {"zipId": of.zip}}],
        "event": [{"id": of.event}],
        "events": [{"workspaceId": of.workspace}, {"workspaceId": by.workspace, "filter": {"zipId": of.zip}}],
        "eventCounts": [{"workspaceId": of.workspace}, {"workspaceId": by.workspace, "filter": {"zipId": of.zip}}],
        "connection": [{"id": of.connection}],
        "connections": [{"workspaceId": of.workspace}],
        "previewInput": [
            {"zipId": of.zip, "stepId": "greet", "input": {"hi": "{{ trigger.body.name }}"}},
            {"zipId": by.zip, "stepId": "greet", "input": {"hi": "{{ trigger.body.name }}"}, "eventId": of.event},
        ],
        "validateDefinition": [{"workspaceId": of.workspace, "definition": GREET}],
    }


def mutations(of: World, by: World) -> dict[str, list[dict[str, Any]]]:
    """The inputs by which `by` could change what is `of`'s; harmless ones first, deletions last."""
    return {
        "createApiToken": [{"workspaceId": of.workspace, "name": "mine now", "scope": "READ"}],
        "createConnection": [
            {
                "workspaceId": of.workspace,
                "name": "mine now",
                "kind": "basic",
                "fields": {"username": "eve", "password": "eve's password"},
                "hosts": ["evil.example.com"],
            }
        ],
        "createZip": [{"workspaceId": of.workspace, "name": "mine now", "definition": GREET}],
        "updateZip": [{"zipId": of.zip, "revision": 1, "name": "mine now"}],
        "publishZip": [{"zipId": of.zip, "revision": 2}],
        "pauseZip": [{"zipId": of.zip}],
        "resumeZip": [{"zipId": of.zip}],
        "rollbackZip": [{"zipId": of.zip, "versionId": of.version}, {"zipId": by.zip, "versionId": of.version}],
        "updateTrigger": [{"triggerId": of.trigger, "revision": 1, "settings": {}}],
        "rotateHookToken": [{"triggerId": of.trigger}],
        "testStep": [
            {"zipId": of.zip, "stepId": "greet", "revision": 2, "send": True},
            {"zipId": by.zip, "stepId": "greet", "revision": 1, "eventId": of.event},
        ],
        "runZip": [{"zipId": of.zip, "input": {}}],
        "cancelRun": [{"runId": of.run}],
        "updateConnection": [{"connectionId": of.connection, "revision": 1, "name": "mine now"}],
        "testConnection": [{"connectionId": of.connection}],
        "revokeApiToken": [{"apiTokenId": of.token}],
        "revokeSession": [{"sessionId": of.session}],
        "deleteConnection": [{"connectionId": of.connection}],
        "deleteZip": [{"zipId": of.zip}],
    }


def subscriptions(of: World) -> dict[str, list[dict[str, Any]]]:
    """The arguments by which a stranger could watch what is `of`'s."""
    return {"runUpdates": [{"workspaceId": of.workspace}, {"zipId": of.zip}, {"runId": of.run}]}
