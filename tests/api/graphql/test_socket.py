"""graphql-transport-ws: what a client can do wrong, each with its one answer; and streams that end when they must."""

import json
from typing import Any

import aiohttp
import pytest

from api.graphql import socket as transport
from tests.fixtures.graphql import PASSWORD, Api, Person
from tests.fixtures.sockets import bearer, connect

TYPENAME = {"query": "{ __typename }"}


async def browser_cookie(api: Api, person: Person) -> str:
    given = f'email: "{person.email}", password: "{PASSWORD}", delivery: COOKIES'
    answer = await api.anonymous.post(
        {"query": f"mutation {{ signIn(input: {{{given}}}) {{ __typename }} }}"}, headers={"origin": api.base}
    )
    return "; ".join(cookie.partition(";")[0] for cookie in answer.cookies)


async def test_queries_run_over_a_socket(api: Api) -> None:
    person = await api.person()
    socket = await connect(api)
    await socket.init(bearer(person))

    await socket.run("1", "{ viewer { user { id } } }")

    payload = {"data": {"viewer": {"user": {"id": person.user_id}}}}
    assert await socket.hear() == {"id": "1", "type": "next", "payload": payload}
    assert await socket.hear() == {"id": "1", "type": "complete"}


async def test_only_this_protocol_is_spoken(api: Api, subtests: pytest.Subtests) -> None:
    for protocols in ((), ("graphql-ws",), ("mqtt", "graphql-ws")):
        with subtests.test(str(protocols)):
            socket = await connect(api, protocols=protocols)
            assert await socket.closed() == (4406, "Subprotocol not acceptable: use graphql-transport-ws")


async def test_only_our_own_page_opens_a_socket(api: Api, subtests: pytest.Subtests) -> None:
    person = await api.person()
    cookie = await browser_cookie(api, person)

    for origin in ("https://evil.example.com", "null", api.base + ".evil.example.com", "http://127.0.0.1:1"):
        with subtests.test(origin):
            with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
                await connect(api, origin=origin, cookie=cookie)
            assert caught.value.status == 403

    ours = await connect(api, origin=api.base, cookie=cookie)
    await ours.init()
    # Without an Origin it is no browser, and cookies count for nothing.
    program = await connect(api, cookie=cookie)
    await program.say({"type": "connection_init"})
    assert await program.closed() == (4403, "Sign in, or refresh the session.")


async def test_who_is_not_let_in(api: Api, subtests: pytest.Subtests) -> None:
    cases: list[tuple[Any, int, str]] = [
        (None, 4403, "Sign in, or refresh the session."),
        ({}, 4403, "Sign in, or refresh the session."),
        ({"authorization": "Bearer nonsense"}, 4403, "The access token is not one of ours."),
        ({"Authorization": "Bearer zpt_nope"}, 4403, "The API token is unknown, revoked or has run out."),
        ({"authorization": "Basic eDp5"}, 4403, "authorization takes “Bearer ” and a token."),
        ({"authorization": 5}, 4403, "authorization takes “Bearer ” and a token."),
        ([], 4400, "The payload of connection_init is an object, or left out"),
        ("x", 4400, "The payload of connection_init is an object, or left out"),
        (5, 4400, "The payload of connection_init is an object, or left out"),
    ]
    for payload, code, reason in cases:
        with subtests.test(str(payload)):
            socket = await connect(api)
            await socket.say({"type": "connection_init", "payload": payload})
            assert await socket.closed() == (code, reason)


@pytest.mark.parametrize("initialised", [False, True])
async def test_messages_that_break_the_protocol_close_the_socket(
    api: Api, initialised: bool, subtests: pytest.Subtests
) -> None:
    person = await api.person()
    id = "The id of an operation is a text of 1 to 128 characters"
    cases: list[tuple[Any, int, str]] = [
        ("xyz", 4400, "That is not JSON: unexpected character, expected a JSON value: line 1 column 1 (char 0)."),
        ("", 4400, "That is not JSON: Input is a zero-length, empty document: line 1 column 1 (char 0)."),
        ("[" * 100_000, 4400, "That is not JSON: depth limit exceeded: line 1 column 1026 (char 1025)."),
        (
            '{"type": NaN}',
            4400,
            "That is not JSON: unexpected character, expected a JSON value: line 1 column 10 (char 9).",
        ),
        ("null", 4400, "A message is a JSON object"),
        ("1", 4400, "A message is a JSON object"),
        ('"x"', 4400, "A message is a JSON object"),
        ("[]", 4400, "A message is a JSON object"),
        ("{}", 4400, "A message has a type, which is text"),
        ({"type": None}, 4400, "A message has a type, which is text"),
        ('{"type": ' + "[" * 1000 + "]" * 1000 + "}", 4400, "A message has a type, which is text"),
        ({"type": "start"}, 4400, "Unknown message type 'start'"),
        ({"type": "ü" * 100}, 4400, "Unknown message type '" + "ü" * 49),
        ({"type": "x" * 5000}, 4400, "Unknown message type '" + "x" * 98),
        ({"type": "subscribe"}, 4400, id),
        ({"type": "subscribe", "id": 5, "payload": TYPENAME}, 4400, id),
        ({"type": "subscribe", "id": [1], "payload": TYPENAME}, 4400, id),
        ({"type": "subscribe", "id": "", "payload": TYPENAME}, 4400, id),
        ({"type": "subscribe", "id": "x" * 129, "payload": TYPENAME}, 4400, id),
        ({"type": "complete"}, 4400, id),
        ({"type": "complete", "id": {}}, 4400, id),
    ]
    for message, code, reason in cases:
        with subtests.test(str(message)[:60]):
            socket = await connect(api)
            if initialised:
                await socket.init(bearer(person))
            await socket.say(message)
            assert await socket.closed() == (code, reason)


async def test_order_of_messages(api: Api) -> None:
    person = await api.person()
    early = await connect(api)
    await early.run("1", "{ __typename }")
    assert await early.closed() == (4401, "Unauthorized")

    twice = await connect(api)
    await twice.init(bearer(person))
    await twice.say({"type": "connection_init"})
    assert await twice.closed() == (4429, "Too many initialisation requests")

    binary = await connect(api)
    await binary.ws.send_bytes(b'{"type":"connection_init"}')
    assert await binary.closed() == (4400, "Messages are text, not binary")


async def test_pings_are_answered_before_and_after_init(api: Api) -> None:
    person = await api.person()
    socket = await connect(api)

    await socket.say({"type": "ping"})
    assert await socket.hear() == {"type": "pong"}
    await socket.say({"type": "pong", "payload": {"any": "thing"}})
    await socket.init(bearer(person))
    await socket.say({"type": "ping", "payload": {"x": 1}})
    assert await socket.hear() == {"type": "pong"}
    await socket.say({"type": "complete", "id": "never heard of"})
    await socket.say({"type": "ping"})
    assert await socket.hear() == {"type": "pong"}


async def test_messages_have_a_size(api: Api) -> None:
    socket = await connect(api)

    await socket.say(json.dumps({"type": "ping", "payload": "x" * 300_000}))

    assert (await socket.closed())[0] == 1009


async def test_init_must_come_in_time(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    assert transport.INIT_TIMEOUT == 10
    monkeypatch.setattr(transport, "INIT_TIMEOUT", 0.05)
    socket = await connect(api)

    assert await socket.closed() == (4408, "Connection initialisation timeout")


async def test_documents_that_are_none_are_errors_of_their_operation_alone(api: Api, subtests: pytest.Subtests) -> None:
    person = await api.person()
    socket = await connect(api)
    await socket.init(bearer(person))
    query = "The parameter query is missing or not a text: put the GraphQL document there."
    cases: list[tuple[Any, str]] = [
        ({"query": "{"}, "Syntax Error: Expected Name, found <EOF>."),
        (
            {"query": "{" + "__typename " * 2001 + "}"},
            "Syntax Error: Document contains more than 2000 tokens. Parsing aborted.",
        ),
        ({"query": "{ xyzzy }"}, "Cannot query field 'xyzzy' on type 'Query'."),
        ({**TYPENAME, "operationName": "Nope"}, "The document has no operation named “Nope”."),
        ({"query": 5}, query),
        ({}, query),
        (None, 'The request is not an object. It takes {"query": "…", "variables": {…}}.'),
        ([], 'The request is a list: send one operation at a time. It takes {"query": "…", "variables": {…}}.'),
        ({**TYPENAME, "variables": {"a": "\0"}}, "variables.a holds a NUL character (U+0000): remove it."),
        (
            {"query": "query Q($id: ID!) { node(id: $id) { id } }"},
            "Variable '$id' has invalid value: Expected a value of non-null type 'ID!' to be provided.",
        ),
    ]
    for number, (payload, message) in enumerate(cases):
        with subtests.test(message):
            await socket.say({"type": "subscribe", "id": str(number), "payload": payload})
            heard = await socket.hear()
            assert (heard["type"], heard["id"]) == ("error", str(number))
            assert heard["payload"][0]["message"] == message

    await socket.run("after", "{ __typename }")
    assert (await socket.hear())["payload"] == {"data": {"__typename": "Query"}}
    assert await socket.hear() == {"id": "after", "type": "complete"}
