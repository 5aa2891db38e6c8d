"""`runUpdates` as a client sees it: over a real socket, with its own ids and with others'."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import jwt
import pytest

from api.graphql import socket as transport
from api.graphql.subscriptions import run_updates as subscription
from api.watch.hub import Hub
from tests.api.graphql.acts import live_zip, rows
from tests.api.graphql.watching import event, make_run, move, opened, refusal, update, watch
from tests.fixtures.graphql import Api
from tests.fixtures.sockets import Socket, connect
from tests.fixtures.waiting import until
from zipped import ids
from zipped.crypto import derive
from zipped.db import Database
from zipped.errors import Unavailable
from zipped.services import runs, step_attempts

NOBODYS = "01990000-0000-7000-8000-000000000000"


@pytest.fixture
def api(watched_api: Api) -> Api:
    """One whose runs can be watched."""
    return watched_api


async def test_a_zips_runs_are_told_as_they_change(api: Api, database: Database) -> None:
    # given
    ada = await api.person()
    zip, other = await live_zip(ada), await live_zip(ada)
    before = await make_run(database, ada, zip["id"])

    # when
    socket = await watch(api, ada, zipId=zip["id"])
    begun = await event(socket)
    await move(database, await make_run(database, ada, other["id"]))
    run_id = await make_run(database, ada, zip["id"])
    queued = await update(socket)
    public = await move(database, run_id, "succeeded")
    done = await update(socket)

    # then
    assert (begun["__typename"], begun["reason"]) == ("Resync", "STARTED")
    assert (queued, done) == ((public, "QUEUED", 0), (public, "SUCCEEDED", 1))
    assert before != run_id


async def test_a_run_comes_as_it_is_and_a_workspace_with_all_its_runs(api: Api, database: Database) -> None:
    # given
    ada = await api.person()
    run_ids = [await make_run(database, ada, (await live_zip(ada))["id"]) for _ in range(2)]
    public = [ids.encode("run", run_id) for run_id in run_ids]

    # when
    of_run = await watch(api, ada, runId=public[0])
    of_workspace = await watch(api, ada, workspaceId=ada.workspace_id)
    first = await update(of_run)
    begun = await event(of_workspace)
    for run_id in run_ids:
        await move(database, run_id)
    second = await update(of_run)
    both = {await update(of_workspace), await update(of_workspace)}

    # then
    assert (first, second) == ((public[0], "QUEUED", 0), (public[0], "RUNNING", 1))
    assert begun["reason"] == "STARTED"
    assert both == {(public[0], "RUNNING", 1), (public[1], "RUNNING", 1)}


async def test_after_a_killed_socket_the_cursor_brings_what_was_missed_and_nothing_else(
    api: Api, hub: Hub, database: Database
) -> None:
    # given
    ada = await api.person()
    zip = await live_zip(ada)
    socket = await watch(api, ada, zipId=zip["id"])
    await event(socket)
    told = await make_run(database, ada, zip["id"])
    heard = await event(socket)
    connection(socket).abort()
    await until(lambda: hub.topics == 0)

    # when
    missed = await make_run(database, ada, zip["id"])
    await move(database, missed)
    again = await watch(api, ada, zipId=zip["id"], after=heard["cursor"])

    # then
    assert heard["run"]["id"] == ids.encode("run", told)
    assert await update(again) == (ids.encode("run", missed), "RUNNING", 1)
    public = await move(database, told)
    assert await update(again) == (public, "RUNNING", 1)


@pytest.mark.parametrize(
    ("arguments", "path", "names"),
    [
        ({}, ["zipId"], "none"),
        ({"zipId": f"zip_{NOBODYS}", "runId": f"run_{NOBODYS}"}, ["runId"], "zipId and runId"),
        ({"runId": f"run_{NOBODYS}", "workspaceId": f"wsp_{NOBODYS}"}, ["workspaceId"], "runId and workspaceId"),
    ],
)
async def test_exactly_one_thing_is_watched(
    api: Api, hub: Hub, arguments: dict[str, str], path: list[str], names: str
) -> None:
    socket = await watch(api, await api.person(), **arguments)

    assert await refusal(socket) == {
        "message": f"runUpdates takes one of zipId, runId and workspaceId, not {names}.",
        "extensions": {"code": "VALIDATION", "path": path},
    }
    assert hub.topics == 0


@pytest.mark.parametrize(("name", "prefix"), [("zipId", "run"), ("runId", "zip"), ("workspaceId", "usr")])
async def test_an_id_of_another_kind_is_refused_by_name(api: Api, name: str, prefix: str) -> None:
    socket = await watch(api, await api.person(), **{name: f"{prefix}_{NOBODYS}"})

    error = await refusal(socket)

    assert error["extensions"] == {"code": "VALIDATION", "path": [name]}
    assert f"“{prefix}_{NOBODYS}” is the id of a" in error["message"]


@pytest.mark.parametrize("whose", ["nobody's", "somebody else's"])
@pytest.mark.parametrize(("name", "noun"), [("zipId", "zip"), ("runId", "run"), ("workspaceId", "workspace")])
async def test_what_is_not_the_callers_is_not_there(
    api: Api, hub: Hub, database: Database, name: str, noun: str, whose: str
) -> None:
    # given
    ada, eve = await api.person(), await api.person()
    zip = await live_zip(ada)
    run_id = await make_run(database, ada, zip["id"])
    theirs = {"zipId": zip["id"], "runId": ids.encode("run", run_id), "workspaceId": ada.workspace_id}
    mine = await watch(api, ada, zipId=zip["id"])
    cursor = (await event(mine))["cursor"]
    id = theirs[name] if whose == "somebody else's" else f"{theirs[name][:3]}_{NOBODYS}"

    # when
    plain, resumed = await watch(api, eve, **{name: id}), await watch(api, eve, **{name: id}, after=cursor)

    # then
    refused = {
        "message": f"There is no {noun} by this id, or it isn't yours to see.",
        "extensions": {"code": "NOT_FOUND", "path": [name]},
    }
    assert [await refusal(plain), await refusal(resumed)] == [refused, refused]
    assert hub.topics == 1


def connection(socket: Socket) -> asyncio.Transport:
    """Its TCP connection."""
    under = socket.ws._response.connection
    assert under is not None
    assert isinstance(under.transport, asyncio.Transport)
    return under.transport


async def test_it_ends_with_the_token(api: Api, hub: Hub, database: Database) -> None:
    # given
    ada = await api.person()
    zip = await live_zip(ada)
    now = int(datetime.now(UTC).timestamp())
    claims = {
        "iss": api.base,
        "aud": "zipped-api",
        "sub": ada.user_id,
        "sid": ada.session_id,
        "iat": now - 590,
        "nbf": now - 590,
        "exp": now + 3,
    }
    token = jwt.encode(claims, derive(bytes(range(32)), "access"), algorithm="HS256")
    socket = await connect(api)
    await socket.init({"authorization": f"Bearer {token}"})
    await socket.run("w", "subscription W($zip: ID) { runUpdates(zipId: $zip) { __typename } }", zip=zip["id"])
    assert (await socket.hear())["type"] == "next"
    assert hub.topics == 1

    # then
    assert await socket.closed() == (4403, "Token expired")
    await until(lambda: hub.topics == 0)


async def test_it_ends_with_the_membership(
    api: Api, hub: Hub, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    monkeypatch.setattr(transport, "RECHECK", 0.1)
    ada, eve = await api.person(), await api.person()
    socket, other = (
        await watch(api, ada, workspaceId=ada.workspace_id),
        await watch(api, eve, workspaceId=eve.workspace_id),
    )
    await event(socket)
    await event(other)

    # when
    await rows(
        database,
        "delete from membership where workspace_id = :id returning role",
        id=ids.decode(ada.workspace_id, "wsp"),
    )

    # then
    assert await socket.closed() == (4403, "Your memberships have changed")
    await until(lambda: hub.topics == 1)


async def test_half_an_event_is_not_passed_over(api: Api, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    ada = await api.person()
    zip = await live_zip(ada)
    with_steps = """subscription W($zip: ID, $after: String) { runUpdates(zipId: $zip, after: $after) {
        ... on RunUpdate { cursor run { id steps { stepId } } } ... on Resync { cursor } } }"""
    socket = await opened(api, ada)
    await socket.run("w", with_steps, zip=zip["id"])
    cursor = (await event(socket))["cursor"]

    async def away(*_: Any) -> None:
        raise Unavailable

    # when
    with monkeypatch.context() as patch:
        patch.setattr(step_attempts, "by_run_ids", away)
        run_id = await make_run(database, ada, zip["id"])
        closed = await socket.closed()
    again = await opened(api, ada)
    await again.run("w", with_steps, zip=zip["id"], after=cursor)

    # then
    assert closed == (1013, "The service can't take this right now; nothing was stored; try again.")
    assert (await event(again))["run"] == {"id": ids.encode("run", run_id), "steps": []}


async def test_who_comes_while_the_database_is_away_waits_for_it(
    api: Api, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    monkeypatch.setattr(subscription, "RETRY", 0.01)
    ada = await api.person()
    run_id = await make_run(database, ada, (await live_zip(ada))["id"])
    tries = 0
    by_ids = runs.by_ids

    async def away_at_first(*arguments: Any) -> Any:
        nonlocal tries
        tries += 1
        if tries < 4:
            raise Unavailable
        return await by_ids(*arguments)

    monkeypatch.setattr(runs, "by_ids", away_at_first)

    # when
    socket = await watch(api, ada, runId=ids.encode("run", run_id))

    # then
    assert await update(socket) == (ids.encode("run", run_id), "QUEUED", 0)
    assert tries == 4


async def test_who_stops_reading_is_let_go_and_harms_nobody(
    api: Api, hub: Hub, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    monkeypatch.setattr(transport, "SEND_TIMEOUT", 1.0)
    ada = await api.person()
    zip = await live_zip(ada)
    run_id = await make_run(database, ada, zip["id"])
    quick = await watch(api, ada, zipId=zip["id"])
    slow = await opened(api, ada)
    large = "subscription W($zip: ID) { runUpdates(zipId: $zip) { ... on RunUpdate { run { error { message } } } } }"
    await slow.run("w", large, zip=zip["id"])
    await slow.hear()
    await event(quick)

    # when
    connection(slow).pause_reading()
    for number in range(1, 31):
        await rows(
            database,
            "update zip_run set seq = seq + 1, changed_xid = pg_current_xact_id(), status = 'failed', "
            "error_code = 'long', error_message = repeat('x', 1000000) where id = :id returning seq",
            id=run_id,
        )
        assert await update(quick) == (ids.encode("run", run_id), "FAILED", number)
    await until(lambda: hub.subscribers == 1)

    # then
    public = await move(database, run_id)
    assert await update(quick) == (public, "RUNNING", 31)
    connection(slow).abort()
