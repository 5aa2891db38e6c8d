"""Streams over a socket: they end when their client, their token or their reader does, and starve nobody."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from functools import partial

import aiohttp
import jwt
import pytest
import strawberry
from sqlalchemy import text

from api.graphql import socket as transport
from api.graphql.context import Context, Info
from api.graphql.schema import Schema
from tests.fixtures.graphql import Api, Person, StartApi
from tests.fixtures.sockets import Socket, bearer, connect
from tests.fixtures.waiting import until
from zipped.crypto import derive
from zipped.errors import NotFound

#: What the streams below have begun and ended, by name; and the loaders that were made.
BEGUN: list[str] = []
ENDED: list[str] = []
MADE: list[Context] = []


def counting(context: Context) -> object:
    """A loader."""
    MADE.append(context)
    return object()


@strawberry.type
class Tick:
    """What the streams below yield."""

    number: int
    text: str = ""

    @strawberry.field
    def loaded(self, info: Info) -> bool:
        """Asks for a loader twice."""
        return info.context.loader(counting) is info.context.loader(counting)


@strawberry.type
class Subscription:
    """Streams of every temper."""

    @strawberry.subscription
    async def ready(self, name: str, most: int = 3, size: int = 0) -> AsyncIterator[Tick]:
        """Always has the next one ready: it never gives the loop a turn by itself."""
        BEGUN.append(name)
        try:
            for number in range(most):
                yield Tick(number=number, text="x" * size)
        finally:
            ENDED.append(name)

    @strawberry.subscription
    async def quiet(self, name: str) -> AsyncIterator[Tick]:
        """One, and then nothing for ever."""
        BEGUN.append(name)
        try:
            yield Tick(number=0)
            await asyncio.Event().wait()
        finally:
            ENDED.append(name)

    @strawberry.subscription
    async def missing(self) -> AsyncIterator[Tick]:
        """Nothing to watch."""
        nothing: tuple[Tick, ...] = ()
        for tick in nothing:
            yield tick
        raise NotFound("There is no such run.")

    @strawberry.subscription
    async def broken(self) -> AsyncIterator[Tick]:
        """Breaks after one."""
        yield Tick(number=0)
        raise RuntimeError("the secret is xyzzy")


@pytest.fixture(scope="module")
def streaming(schema: Schema) -> Schema:
    return Schema(query=schema.query, mutation=schema.mutation, subscription=Subscription)


@pytest.fixture
async def api(start_api: StartApi, streaming: Schema) -> Api:
    for told in (BEGUN, ENDED, MADE):
        told.clear()
    return await start_api(streaming, signup="open")


async def opened(api: Api, person: Person) -> Socket:
    socket = await connect(api)
    await socket.init(bearer(person))
    return socket


async def test_a_stream_is_told_to_its_end(api: Api) -> None:
    socket = await opened(api, await api.person())

    await socket.run("a", 'subscription { ready(name: "a") { number } }')

    assert [await socket.hear() for _ in range(4)] == [
        *({"id": "a", "type": "next", "payload": {"data": {"ready": {"number": n}}}} for n in range(3)),
        {"id": "a", "type": "complete"},
    ]
    assert (BEGUN, ENDED) == (["a"], ["a"])


async def test_complete_ends_the_stream_and_frees_its_id(api: Api) -> None:
    socket = await opened(api, await api.person())

    for name in ("first", "second", "third"):
        await socket.run("same", f'subscription {{ quiet(name: "{name}") {{ number }} }}')
        assert (await socket.hear())["type"] == "next"
        await socket.say({"type": "complete", "id": "same"})
        await until(partial(ENDED.__contains__, name))

    assert ENDED == ["first", "second", "third"]
    await socket.say({"type": "ping"})
    assert await socket.hear() == {"type": "pong"}


async def test_an_id_in_use_closes_the_socket_and_ends_everything(api: Api) -> None:
    socket = await opened(api, await api.person())
    id = "ü" * 100
    await socket.run(id, 'subscription { quiet(name: "one") { number } }')
    assert (await socket.hear())["type"] == "next"

    await socket.run(id, "{ __typename }")

    assert await socket.closed() == (4409, "Subscriber for " + "ü" * 52)
    await until(lambda: ENDED == ["one"])


async def test_a_socket_carries_twenty_operations(api: Api) -> None:
    socket = await opened(api, await api.person())
    for number in range(20):
        await socket.run(str(number), f'subscription {{ quiet(name: "{number}") {{ number }} }}')
        assert (await socket.hear())["type"] == "next"

    await socket.run("more", "{ __typename }")

    refused = {
        "message": "A socket carries at most 20 operations at once.",
        "extensions": {"code": "BAD_REQUEST"},
    }
    assert await socket.hear() == {"id": "more", "type": "error", "payload": [refused]}
    await socket.say({"type": "complete", "id": "7"})
    await until(lambda: ENDED == ["7"])
    await socket.run("more", "{ __typename }")
    assert (await socket.hear())["type"] == "next"
    await socket.ws.close()
    await until(lambda: len(ENDED) == 20)


async def test_errors_of_a_stream_end_it_in_its_own_words_or_masked(api: Api) -> None:
    socket = await opened(api, await api.person())

    await socket.run("1", "subscription { missing { number } }")
    missing = await socket.hear()
    await socket.run("2", "subscription { broken { number } }")
    first, broken = await socket.hear(), await socket.hear()

    assert missing == {
        "id": "1",
        "type": "error",
        "payload": [{"message": "There is no such run.", "extensions": {"code": "NOT_FOUND"}}],
    }
    assert first["type"] == "next"
    reference = broken["payload"][0]["extensions"]["reference"]
    assert broken["payload"][0]["message"] == f"Something went wrong on our side. The log has it under {reference}."
    assert "xyzzy" not in str(broken)


async def test_loaders_are_new_for_each_event(api: Api) -> None:
    socket = await opened(api, await api.person())

    await socket.run("a", 'subscription { ready(name: "a") { loaded } }')

    heard = [await socket.hear() for _ in range(4)]
    assert [message["payload"]["data"] for message in heard[:3]] == [{"ready": {"loaded": True}}] * 3
    assert len(MADE) == 3


async def test_a_stream_that_is_always_ready_starves_nobody(api: Api) -> None:
    person = await api.person()
    socket = await opened(api, person)
    await socket.run("a", 'subscription { ready(name: "a", most: 1000000) { number } }')
    assert (await socket.hear())["type"] == "next"

    async with asyncio.timeout(10):
        assert (await person("{ __typename }")).data == {"__typename": "Query"}
    socket.ws._response.close()  # the cable is pulled, no goodbye

    await until(lambda: ENDED == ["a"])


async def test_who_reads_too_slowly_is_let_go(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    assert transport.SEND_TIMEOUT == 10
    monkeypatch.setattr(transport, "SEND_TIMEOUT", 0.2)
    socket = await opened(api, await api.person())

    # Nothing is read any more: some megabytes go into buffers on the way, then the server waits.
    await socket.run("a", 'subscription { ready(name: "a", most: 100000, size: 100000) { text } }')

    await until(lambda: ENDED == ["a"])


async def test_a_socket_ends_with_its_token(api: Api) -> None:
    person = await api.person()
    now = int(datetime.now(UTC).timestamp())
    claims = {
        "iss": api.base,
        "aud": "zipped-api",
        "sub": person.user_id,
        "sid": person.session_id,
        "iat": now - 590,
        "nbf": now - 598,
        "exp": now + 2,
    }
    token = jwt.encode(claims, derive(bytes(range(32)), "access"), algorithm="HS256")
    socket = await connect(api)
    await socket.init({"authorization": f"Bearer {token}"})
    await socket.run("a", 'subscription { quiet(name: "a") { number } }')

    assert await socket.closed() == (4403, "Token expired")
    await until(lambda: ENDED == ["a"])


async def test_a_socket_ends_at_once_when_its_session_does(api: Api) -> None:
    person = await api.person()
    socket = await opened(api, person)
    await socket.run("a", 'subscription { quiet(name: "a") { number } }')
    assert (await socket.hear())["type"] == "next"

    await person.mutate("signOut", "signedOut", {})

    assert await socket.closed() == (4403, "Signed out")
    await until(lambda: ENDED == ["a"])


async def test_a_socket_ends_at_once_when_its_api_token_does(api: Api) -> None:
    person = await api.person()
    made = await person.mutate(
        "createApiToken",
        "token apiToken { id }",
        {"workspaceId": person.workspace_id, "name": "ci", "scope": "READ"},
    )
    socket = await connect(api)
    await socket.init({"authorization": f"Bearer {made['token']}"})

    await person.mutate("revokeApiToken", "apiTokenId", {"apiTokenId": made["apiToken"]["id"]})

    assert await socket.closed() == (4403, "Signed out")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("update session set revoked_at = now()", "Signed out"),
        ("update membership set role = 'viewer'", "Your memberships have changed"),
        ("delete from membership", "Your memberships have changed"),
    ],
)
async def test_what_another_process_changed_is_noticed_within_thirty_seconds(
    api: Api, monkeypatch: pytest.MonkeyPatch, change: str, reason: str
) -> None:
    assert transport.RECHECK == 30
    monkeypatch.setattr(transport, "RECHECK", 0.1)
    socket = await opened(api, await api.person())
    async with api.platform.database.begin() as session:
        await session.execute(text(change))

    assert await socket.closed() == (4403, reason)


async def test_nothing_listens_after_a_socket(api: Api) -> None:
    person = await api.person()
    socket = await opened(api, person)
    assert len(api.platform.gate.revocations._listeners) == 1

    await socket.ws.close()

    await until(lambda: not api.platform.gate.revocations._listeners)


async def test_a_hundred_sockets_cut_off_leave_nothing(api: Api) -> None:
    person = await api.person()
    tasks = len(asyncio.all_tasks())
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http:
        many = [await http.ws_connect(f"{api.base}/graphql", protocols=("graphql-transport-ws",)) for _ in range(100)]
        for ws in many:
            await Socket(ws).init(bearer(person))
            await Socket(ws).run("a", 'subscription { quiet(name: "a") { number } }')
        await until(lambda: len(BEGUN) == 100)

    await until(lambda: len(ENDED) == 100)
    await until(lambda: len(asyncio.all_tasks()) <= tasks)
