"""A client of `runUpdates` over a real socket."""

from typing import Any
from uuid import UUID

from tests.fixtures.graphql import Api, Person
from tests.fixtures.sockets import Socket, connect
from tests.integration.stored import StoredZip, make_runs, one
from tests.integration.watch.reading import write
from zipped import ids
from zipped.db import Database

WATCH = """
subscription Watch($zipId: ID, $runId: ID, $workspaceId: ID, $after: String) {
  runUpdates(zipId: $zipId, runId: $runId, workspaceId: $workspaceId, after: $after) {
    __typename
    ... on RunUpdate { cursor run { id status seq } }
    ... on Resync { cursor reason }
  }
}
"""


async def opened(api: Api, person: Person) -> Socket:
    """A socket of somebody signed in."""
    socket = await connect(api)
    await socket.init({"authorization": f"Bearer {person.token}"})
    return socket


async def watch(api: Api, person: Person, **arguments: Any) -> Socket:
    """A socket that watches, as operation w."""
    socket = await opened(api, person)
    await socket.run("w", WATCH, **arguments)
    return socket


async def event(socket: Socket) -> dict[str, Any]:
    """The next event of operation w."""
    message = await socket.hear()
    assert (message["id"], message["type"], list(message["payload"])) == ("w", "next", ["data"]), message
    told: dict[str, Any] = message["payload"]["data"]["runUpdates"]
    return told


async def update(socket: Socket) -> tuple[str, str, int]:
    """Run, status and seq of the next event."""
    told = await event(socket)
    assert told["__typename"] == "RunUpdate", told
    return told["run"]["id"], told["run"]["status"], told["run"]["seq"]


async def refusal(socket: Socket) -> dict[str, Any]:
    """The single error that operation w ended with, without what is said of each problem."""
    message = await socket.hear()
    assert (message["id"], message["type"]) == ("w", "error"), message
    [error] = message["payload"]
    error["extensions"].pop("issues", None)
    return dict(error)


async def make_run(database: Database, person: Person, zip_id: str) -> UUID:
    """A queued run of a person's live zip."""
    row = await one(
        database,
        "select z.workspace_id, z.id, z.live_version_id, t.id from zip z join trigger t on t.zip_id = z.id "
        "where z.id = :id",
        id=ids.decode(zip_id, "zip"),
    )
    [run_id] = await make_runs(database, StoredZip(*row))
    return run_id


async def move(database: Database, run_id: UUID, status: str = "running") -> str:
    """One write of the run, by whoever owns it; its public id."""
    await write(database, run_id, status=status)
    return ids.encode("run", run_id)
