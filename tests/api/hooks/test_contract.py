"""What outsiders may rely on under /hooks: every status with its exact answer, and what it leaves behind."""

import hashlib
from collections.abc import Awaitable, Callable
from ipaddress import ip_network
from itertools import product

import orjson
import pytest
from sqlalchemy import text

from tests.api.hooks.headers import check_headers
from tests.api.hooks.ledger import counts, events, rows
from tests.fixtures.hooks import MakeHook
from tests.fixtures.serving import Serving
from zipped.db import Database


async def test_202_accepted(server: Serving, make_hook: MakeHook, database: Database) -> None:
    # given
    hook = await make_hook()
    body = b' {"n": 1,\n"nul": "\\u0000", "\xc3\xbc": 1e3, "n": 2}\t'

    # when
    said = await server.post(
        hook.path + "?b=%00&a=1&a",
        body,
        authorization="Bearer s3cret",
        cookie="session=s3cret",
        proxy_authorization="Basic s3cret",
        x_one="1",
        traceparent="00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        x_zipped_depth="8",
    )

    # then
    [event] = await events(database, expect=1)
    [run] = await rows(database, "select * from zip_run")
    assert said.status == 202
    assert said.body == b'{"eventId":"evt_%b","runId":"run_%b"}' % (str(event.id).encode(), str(run.id).encode())
    assert said.headers["content-type"] == "application/json"
    check_headers(said)
    assert (event.outcome, event.method, event.query) == ("accepted", "POST", b"b=%00&a=1&a")
    assert (event.body, event.body_size, event.truncated) == (body, len(body), False)
    assert (event.source_ip, event.dedupe_key) == ("127.0.0.1", None)
    headers = dict(orjson.loads(event.headers))
    assert headers["authorization"] == headers["cookie"] == headers["proxy-authorization"] == "***"
    assert headers["x-one"] == "1"
    assert b"s3cret" not in event.headers
    assert (run.depth, run.traceparent) == (8, "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
    assert await counts(database) == (1, 1, 0, 1)


async def test_202_for_any_bytes_that_do_not_say_they_are_json(
    server: Serving, make_hook: MakeHook, database: Database
) -> None:
    # given
    hook = await make_hook()
    body = b"--x\r\n\xff\x00 { filepath: '/etc/passwd' }"
    medias = ("text/plain", "application/octet-stream", "multipart/form-data; boundary=x", "")
    sent = list(product(("POST", "PUT", "PATCH"), medias))

    # when
    said = [await server.send(method, hook.path, data=body, headers={"content-type": media}) for method, media in sent]

    # then
    assert [one.status for one in said] == [202] * len(sent)
    found = await events(database, expect=len(sent))
    assert [(event.method, event.body) for event in found] == [(method, body) for method, _ in sent]


async def test_202_draft_and_paused_say_so(server: Serving, make_hook: MakeHook, database: Database) -> None:
    for state, outcome in (("draft", "draft"), ("paused", "zip_off")):
        hook = await make_hook(state=state)
        said = await server.post(hook.path, b"[]", idempotency_key="k")
        [event] = await rows(database, "select * from event where trigger_id = :id", id=hook.trigger_id)
        assert said.status == 202
        assert said.body == b'{"eventId":"evt_%b","runId":null,"outcome":"%b"}' % (
            str(event.id).encode(),
            outcome.encode(),
        )
        assert event.outcome == outcome
        check_headers(said)
    assert await counts(database) == (0, 0, 0, 2)


async def test_a_pause_holds_from_the_moment_it_is_committed(
    server: Serving, make_hook: MakeHook, database: Database
) -> None:
    # given: the door has the trigger in its cache
    hook = await make_hook()
    assert (await server.post(hook.path)).json()["runId"] is not None

    # when
    async with database.begin() as session:
        await session.execute(text("update zip set state = 'paused' where id = :id"), {"id": hook.zip_id})
    said = await server.post(hook.path)

    # then
    assert (said.status, said.json()["runId"], said.json()["outcome"]) == (202, None, "zip_off")


async def test_200_duplicate_409_other_body(server: Serving, make_hook: MakeHook, database: Database) -> None:
    # given
    hook = await make_hook()
    first = await server.post(hook.path, b'{"n":1}', idempotency_key="order 7")
    assert first.status == 202

    # when
    again = await server.post(hook.path, b'{"n":1}', idempotency_key="order 7")
    other = await server.post(hook.path, b'{"n":2}', idempotency_key="order 7")
    others_header = await server.post(hook.path, b'{"n":2}', webhook_id="order 7")

    # then
    assert (again.status, again.body) == (200, first.body)
    assert again.headers["idempotent-replayed"] == "true"
    ids = first.json()
    assert other.status == 409
    assert other.json() == {
        "error": {
            "code": "key_reused",
            "message": "This key was used with another body before; send a new event under a new key.",
            **ids,
        }
    }
    for said in (again, other):
        check_headers(said)
    assert others_header.status == 202
    found = await events(database, expect=4)
    assert [(event.outcome, event.dedupe_key) for event in found] == [
        ("accepted", "idempotency-key:order 7"),
        ("duplicate", "idempotency-key:order 7"),
        ("conflict", "idempotency-key:order 7"),
        ("accepted", "webhook-id:order 7"),
    ]
    assert await counts(database) == (2, 2, 2, 4)


@pytest.mark.parametrize(
    ("chosen", "headers", "key"),
    [
        ({}, {"idempotency-key": "a", "webhook-id": "b"}, "idempotency-key:a"),
        ({}, {"idempotency-key": "  ", "webhook-id": "b"}, "webhook-id:b"),
        ({}, {"idempotency-key": "ü"}, "idempotency-key:Ã¼"),
        ({}, {"idempotency-key": "k" * 201}, f"idempotency-key:sha256={hashlib.sha256(b'k' * 201).hexdigest()}"),
        ({"dedupeFrom": "none"}, {"idempotency-key": "a"}, None),
        (
            {"dedupeFrom": "header", "dedupeHeader": "X-GitHub-Delivery"},
            {"idempotency-key": "a", "x-github-delivery": "d"},
            "x-github-delivery:d",
        ),
    ],
)
async def test_where_the_key_comes_from(
    server: Serving,
    make_hook: MakeHook,
    database: Database,
    chosen: dict[str, object],
    headers: dict[str, str],
    key: str | None,
) -> None:
    hook = await make_hook(settings=chosen)
    said = await server.post(hook.path, **headers)
    assert said.status == 202
    [event] = await events(database, expect=1)
    assert event.dedupe_key == key


async def test_405_and_what_get_and_delete_do(server: Serving, make_hook: MakeHook, database: Database) -> None:
    # given
    hook = await make_hook()
    wide = await make_hook(settings={"methods": ["POST", "GET", "DELETE"]})

    # when
    refused = await server.send("GET", hook.path)
    strange = await server.send("PROPFIND", hook.path)
    got = await server.send("GET", wide.path + "?a=1")
    deleted = await server.send("DELETE", wide.path)

    # then
    for said in (refused, strange):
        assert said.status == 405
        assert said.headers["allow"] == "POST, PUT, PATCH, HEAD, OPTIONS"
        assert said.json() == {
            "error": {"code": "method_not_allowed", "message": "This webhook takes POST, PUT, PATCH."}
        }
        check_headers(said)
    assert [got.status, deleted.status] == [202, 202]
    found = await events(database, expect=2)
    assert [(event.method, event.query, event.body) for event in found] == [
        ("GET", b"a=1", b""),
        ("DELETE", b"", b""),
    ]


async def test_head_and_options_run_nothing(server: Serving, make_hook: MakeHook, database: Database) -> None:
    hook = await make_hook(settings={"methods": ["POST", "GET"]})
    for method, status in (("HEAD", 200), ("OPTIONS", 204)):
        said = await server.send(method, hook.path)
        assert (said.status, said.body) == (status, b"")
        assert said.headers["allow"] == "POST, GET, HEAD, OPTIONS"
        check_headers(said)
        assert (await server.send(method, hook.path + "x")).status == 404
    assert await counts(database) == (0, 0, 0, 0)


async def test_the_source_is_who_a_trusted_proxy_says(
    start_server: Callable[..., Awaitable[Serving]], make_hook: MakeHook, database: Database
) -> None:
    # given
    hook = await make_hook()
    trusting = await start_server(trusted_proxies=(ip_network("127.0.0.0/8"),))
    alone = await start_server()

    # when
    for server in (trusting, alone):
        await server.post(hook.path, x_forwarded_for="6.6.6.6, 198.51.100.1")

    # then
    assert [event.source_ip for event in await events(database, expect=2)] == ["198.51.100.1", "127.0.0.1"]
