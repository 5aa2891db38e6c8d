"""What clients send as `after`: their own cursors, others', old ones, and whatever else they can think of."""

import base64
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from api.watch.hub import Hub
from tests.api.graphql.acts import live_zip
from tests.api.graphql.watching import event, make_run, move, refusal, update, watch
from tests.fixtures.graphql import Api
from tests.integration.watch.reading import moment
from zipped import ids
from zipped.db import Database
from zipped.services.run_cursor import NOTHING, Place, Snapshot
from zipped.services.run_updates import MAX_AGE

NOBODYS = "01990000-0000-7000-8000-000000000000"


@pytest.fixture
def api(watched_api: Api) -> Api:
    """One whose runs can be watched."""
    return watched_api


async def test_somebody_elses_cursor_shows_nothing_of_theirs(api: Api, database: Database) -> None:
    # given
    ada, eve = await api.person(), await api.person()
    hers, mine = await live_zip(ada), await live_zip(eve)
    cursor = (await event(await watch(api, ada, zipId=hers["id"])))["cursor"]
    await make_run(database, ada, hers["id"])
    run_id = await make_run(database, eve, mine["id"])

    # when
    socket = await watch(api, eve, workspaceId=eve.workspace_id, after=cursor)

    # then
    assert await update(socket) == (ids.encode("run", run_id), "QUEUED", 0)
    public = await move(database, run_id)
    assert await update(socket) == (public, "RUNNING", 1)


NO_CURSORS = (
    "",
    "x",
    "null",
    "0",
    "AAAA",
    "\ud83d\ude00",
    "9" * 70_000,
    base64.b64encode(bytes(60)).decode(),
    "A" * 44,
)


async def test_a_cursor_that_is_none_is_refused_by_name(api: Api, hub: Hub, subtests: pytest.Subtests) -> None:
    ada = await api.person()
    for after in NO_CURSORS:
        with subtests.test(ascii(after[:20])):
            socket = await watch(api, ada, workspaceId=ada.workspace_id, after=after)

            assert await refusal(socket) == {
                "message": "after is not a cursor of runUpdates.",
                "extensions": {"code": "VALIDATION", "path": ["after"]},
            }
    assert hub.topics == 0


async def test_cursors_made_up_with_care_harm_nobody(api: Api, database: Database) -> None:
    # given
    ada = await api.person()
    zip = await live_zip(ada)
    run_id = await make_run(database, ada, zip["id"])
    real = (await moment(database)).cursor
    far = Place(1 << 62, run_id)
    many = frozenset(range(3, real.since.xmax))
    made_up = {
        "everything again": (replace(real, since=NOTHING), "QUEUED"),
        "a crowd of open transactions": (replace(real, since=Snapshot(3, real.since.xmax, many)), "QUEUED"),
        "a place beyond the end": (replace(real, until=real.since, place=far), None),
        "of tomorrow": (replace(real, at=real.at + 86_400_000), None),
        "of the year 300,000": (replace(real, at=1 << 53), None),
        "two snapshots the wrong way round": (replace(real, until=NOTHING, place=Place(0, run_id)), None),
    }

    # when
    sockets = {
        name: (await watch(api, ada, zipId=zip["id"], after=cursor.encode()), first)
        for name, (cursor, first) in made_up.items()
    }
    for name, (socket, first) in sockets.items():
        if first is not None:
            assert (await update(socket))[1] == first, name
    public = await move(database, run_id)

    # then: from there on each is told what changes
    for name, (socket, _) in sockets.items():
        async for status in statuses(socket):
            if status == (public, "RUNNING", 1):
                break
        assert status == (public, "RUNNING", 1), name


async def statuses(socket: Any) -> AsyncIterator[tuple[str, str, int]]:
    while True:
        yield await update(socket)


@pytest.mark.parametrize(
    ("change", "reason"), [({"at": -MAX_AGE - 1}, "TOO_OLD"), ({"database": b"anothers"}, "OTHER_DATABASE")]
)
async def test_a_cursor_of_no_use_says_why_and_begins_anew(
    api: Api, database: Database, change: dict[str, Any], reason: str
) -> None:
    # given
    ada = await api.person()
    zip = await live_zip(ada)
    now = await moment(database)
    cursor = replace(now.cursor, **{name: now.at + v if name == "at" else v for name, v in change.items()})

    # when
    socket = await watch(api, ada, zipId=zip["id"], after=cursor.encode())
    begun = await event(socket)
    run_id = await make_run(database, ada, zip["id"])

    # then
    assert (begun["__typename"], begun["reason"]) == ("Resync", reason)
    assert await update(socket) == (ids.encode("run", run_id), "QUEUED", 0)
