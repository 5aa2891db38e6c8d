"""`runUpdates` with the stock clients of npm, whose socket is killed again and again in the middle of 200 runs."""

import asyncio
from pathlib import Path
from typing import Any

import orjson
import pytest

import connectors
from api.watch.hub import Hub
from tests.api.graphql.acts import act, live_zip
from tests.fixtures.graphql import Person, StartApi
from tests.integration.acting import Stage, relaying, working
from tests.integration.stored import rows
from zipped import ids
from zipped.catalog import Catalog
from zipped.db import Database
from zipped.settings import Settings

RUNS = 200
PATIENCE = 120.0  # seconds, on a machine that does much else

STEPS = {
    "steps": [
        {"id": "greet", "app": "data", "action": "set_fields", "input": {"fields": {"hi": "{{ trigger.body.n }}"}}},
        {"id": "wait", "app": "flow", "action": "delay", "input": {"amount": 3}},
    ]
}


class RealActions(Stage):
    """A worker's catalogue as it is."""

    def catalog(self) -> Catalog:
        return connectors.load()


@pytest.mark.node
@pytest.mark.parametrize("client", ["graphql-ws", "urql"])
async def test_a_killed_socket_in_the_middle_of_200_runs_misses_nothing_and_hears_nothing_twice(
    start_api: StartApi, listening_hub: Hub, settings: Settings, database: Database, node_folder: Path, client: str
) -> None:
    # given
    api = await start_api(signup="open", hub=listening_hub)
    ada = await api.person()
    zip = await live_zip(ada, definition=STEPS)
    address = api.base.replace("http://", "ws://") + "/graphql"
    node = await asyncio.create_subprocess_exec(
        *("node", "watch_runs.mjs", address, str(ada.token), zip["id"], str(RUNS), client),
        cwd=node_folder,
        stdout=asyncio.subprocess.PIPE,
    )
    assert node.stdout is not None

    # when
    async with asyncio.timeout(PATIENCE), working(settings, RealActions()), relaying(settings, database):
        first = await node.stdout.readline()
        for number in range(0, RUNS, 10):
            some = (start(ada, zip["id"], number + one) for one in range(10))
            assert {answer["__typename"] for answer in await asyncio.gather(*some)} == {"RunZipSuccess"}
        told: dict[str, Any] = orjson.loads(await node.stdout.readline())
        ended = await node.wait()

    # then
    final = {
        (ids.encode("run", run_id), seq, status.upper())
        for run_id, seq, status in await rows(database, "select id, seq, status from zip_run")
    }
    updates = [tuple(update) for update in told["updates"]]
    assert (first, ended, told["resyncs"]) == (b"watching\n", 0, ["STARTED"])
    assert len(final) == RUNS
    assert {status for _, _, status in final} == {"SUCCEEDED"}
    assert {update for update in updates if update[2] == "SUCCEEDED"} == final  # nothing is missed
    assert len(set(updates)) == len(updates)  # and nothing doubled
    assert told["kills"] >= 5
    assert told["sockets"] in (told["kills"], told["kills"] + 1)


async def start(person: Person, zip_id: str, number: int) -> dict[str, Any]:
    return await act(person, "runZip", "run { id }", zipId=zip_id, input={"n": number})
