"""What outsiders may rely on under /hooks: every status with its exact answer, and what it leaves behind."""

import asyncio
import hashlib
import hmac
import time
from collections.abc import Awaitable, Callable
from ipaddress import ip_network

import orjson
import pytest
from sqlalchemy import text

from tests.api.hooks.ledger import counts, events, rows
from tests.fixtures.hooks import Hook
from tests.fixtures.serving import Said, Serving
from zipped.db import Database

MakeHook = Callable[..., Awaitable[Hook]]

SECRET = "correct horse battery"


def check_headers(said: Said) -> None:
    """What every answer under /hooks carries, so that no browser runs any of it."""
    assert said.headers["content-security-policy"] == "sandbox"
    assert said.headers["x-content-type-options"] == "nosniff"
    assert said.headers["cache-control"] == "no-store"
    assert "set-cookie" not in said.headers


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


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
@pytest.mark.parametrize("media", ["text/plain", "application/octet-stream", "multipart/form-data; boundary=x", ""])
async def test_202_for_any_bytes_that_do_not_say_they_are_json(
    server: Serving, make_hook: MakeHook, database: Database, method: str, media: str
) -> None:
    # given
    hook = await make_hook()
    body = b"--x\r\n\xff\x00 { filepath: '/etc/passwd' }"

    # when
    said = await server.send(method, hook.path, data=body, headers={"content-type": media})

    # then
    assert said.status == 202
    [event] = await events(database, expect=1)
    assert (event.method, event.body) == (method, body)


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


@pytest.mark.parametrize(
    ("body", "message", "position"),
    [
        (b"", "Input is a zero-length, empty document", (1, 1, 0)),
        (b'{"a":\n 1,}', "trailing comma is not allowed", (2, 3, 8)),
        (b"[NaN]", "unexpected character", (1, 2, 1)),
        (b'["\\ud800"]', "no low surrogate in string", (1, 3, 2)),
        (b'{"n":"\x00"}', "unexpected control character in string", (1, 7, 6)),
        ('["ü",\n"ö" x]'.encode(), "unexpected character", (2, 5, 12)),
        (b'{"a":"ok",\n"b":"\xff"}', "not UTF-8", (2, 6, 16)),
        (b"\xef\xbb\xbf{}", "UTF-8 byte order mark (BOM) is not supported", (1, 1, 0)),
        (b"[" * 100_000, "depth limit exceeded", (1, 1026, 1025)),
        (b"[1] 2", "unexpected content after document", (1, 5, 4)),
    ],
)
async def test_400_malformed_json_with_its_position(
    server: Serving,
    make_hook: MakeHook,
    database: Database,
    body: bytes,
    message: str,
    position: tuple[int, int, int],
) -> None:
    # given
    hook = await make_hook()

    # when
    said = await server.post(hook.path, body, idempotency_key="k")

    # then
    assert said.status == 400
    error = said.json()["error"]
    assert error["code"] == "malformed_json"
    assert (error["line"], error["column"], error["offset"]) == position
    assert error["message"].startswith(f"The body is not JSON: {message}")
    assert error["message"].endswith(f" at line {position[0]}, column {position[1]}.")
    check_headers(said)
    [event] = await events(database, expect=1)
    assert (event.outcome, event.reason, event.run_id) == ("malformed", error["message"], None)
    assert (event.body or b"", event.body_size) == (body[:4096], len(body))
    assert await counts(database) == (0, 0, 0, 1)


@pytest.mark.parametrize("media", ["application/json; charset=utf-8", "application/vnd.api+json", "TEXT/JSON"])
async def test_400_for_every_json_media_type(server: Serving, make_hook: MakeHook, media: str) -> None:
    hook = await make_hook()
    assert (await server.post(hook.path, b"{", content_type=media)).status == 400


async def test_400_loop(server: Serving, make_hook: MakeHook, database: Database) -> None:
    # given
    hook = await make_hook()

    # when
    said = await server.post(hook.path, x_zipped_depth="9")

    # then
    message = "This came through 9 zips that called each other; at most 8 may."
    assert said.status == 400
    assert said.json() == {"error": {"code": "loop", "message": message}}
    [event] = await events(database, expect=1)
    assert (event.outcome, event.reason, event.run_id) == ("throttled", message, None)
    assert (await server.post(hook.path, x_zipped_depth="not a number")).status == 202


async def test_401_bad_signature(server: Serving, make_hook: MakeHook, database: Database) -> None:
    # given
    hook = await make_hook(secrets=("the old secret", SECRET), settings={"signature": {"prefix": "sha256="}})
    body = b'{"n":1}'
    good = "sha256=" + hmac.new(SECRET.encode(), body, "sha256").hexdigest()
    old = "sha256=" + hmac.new(b"the old secret", body, "sha256").hexdigest()

    # when
    unsigned = await server.post(hook.path, body)
    forged = await server.post(hook.path, body + b" ", x_signature=good)
    accepted = await server.post(hook.path, body, x_signature=good)
    by_old_secret = await server.post(hook.path, body, x_signature=old)

    # then
    for said in (unsigned, forged):
        assert said.status == 401
        assert said.headers["www-authenticate"] == "Signature"
        assert said.json() == {
            "error": {"code": "bad_signature", "message": "The signature is missing, wrong or too old."}
        }
        check_headers(said)
    assert [accepted.status, by_old_secret.status] == [202, 202]
    found = await events(database, expect=4)
    assert sorted((event.outcome, event.reason) for event in found) == [
        ("accepted", ""),
        ("accepted", ""),
        ("bad_signature", "The signature does not match the body and any of the secrets."),
        (
            "bad_signature",
            "There is no hex signature in the header x-signature that begins with “sha256=”.",
        ),
    ]
    for event in found:
        assert dict(orjson.loads(event.headers)).get("x-signature", "***") == "***"
    assert (await counts(database))[:3] == (2, 2, 0)


async def test_401_old_timestamp(server: Serving, make_hook: MakeHook) -> None:
    # given
    hook = await make_hook(secrets=(SECRET,), settings={"signature": {"timestampHeader": "X-Timestamp"}})

    async def post(stamp: int) -> Said:
        signature = hmac.new(SECRET.encode(), b"%d.{}" % stamp, "sha256").hexdigest()
        return await server.post(hook.path, b"{}", x_signature=signature, x_timestamp=str(stamp))

    # then
    assert (await post(int(time.time()))).status == 202
    assert (await post(int(time.time()) - 360)).status == 401


@pytest.mark.parametrize("gone", ["unknown", "deleted", "rotated", "manual", "empty", "deeper", "binary"])
async def test_404_is_one_and_the_same(server: Serving, make_hook: MakeHook, database: Database, gone: str) -> None:
    # given
    hook = await make_hook()
    path = {"unknown": hook.path + "x", "empty": "/hooks/", "deeper": hook.path + "/x", "binary": "/hooks/%ff%00"}.get(
        gone, hook.path
    )
    changes = {
        "deleted": "update zip set deleted_at = now()",
        "rotated": "update trigger set token_hash = '\\x00'",
        "manual": "update trigger set kind = 'manual'",
    }
    async with database.begin() as session:
        await session.execute(text(changes.get(gone, "select 1")))

    # when
    said = await server.post(path)

    # then
    assert said.status == 404
    assert said.body == b'{"error":{"code":"unknown_hook","message":"No zip listens at this address."}}'
    check_headers(said)
    assert await counts(database) == (0, 0, 0, 0)


async def test_404_from_the_commit_of_a_rotation_on(server: Serving, make_hook: MakeHook, database: Database) -> None:
    # given: the door has the trigger in its cache
    hook = await make_hook()
    assert (await server.post(hook.path)).status == 202

    # when
    async with database.begin() as session:
        await session.execute(text("update trigger set token_hash = sha256('new')"))

    # then
    assert (await server.post(hook.path)).status == 404
    assert (await server.post("/hooks/new")).status == 202
    assert await counts(database) == (2, 2, 0, 2)


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


async def test_413_by_announcement_and_by_count(server: Serving, make_hook: MakeHook, database: Database) -> None:
    # given
    hook = await make_hook(settings={"maxBodyBytes": 10_000})

    async def chunks() -> object:  # no Content-Length
        for _ in range(11):
            yield b"x" * 1000

    # when
    exact = await server.send("POST", hook.path, data=b"x" * 10_000)
    announced = await server.send("POST", hook.path, data=b"x" * 10_001)
    counted = await server.send("POST", hook.path, data=chunks())

    # then
    assert exact.status == 202
    for said in (announced, counted):
        assert said.status == 413
        assert said.json() == {
            "error": {"code": "too_large", "message": "The body is larger than 10000 bytes.", "limit": 10_000}
        }
        assert said.headers["connection"] == "close"
        check_headers(said)
    found = await events(database, expect=3)
    assert sorted((event.outcome, event.body_size, len(event.body or b"")) for event in found) == [
        ("accepted", 10_000, 10_000),
        ("too_large", 10_001, 0),
        ("too_large", 11_000, 4096),
    ]


async def test_413_before_the_rest_is_read(server: Serving, make_hook: MakeHook) -> None:
    # given: a body of 1 GB is announced, and none of it is sent
    hook = await make_hook()
    head = f"POST {hook.path} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000\r\n\r\n".encode()

    # when
    started = time.monotonic()
    said = await server.raw(head + b"x" * 100)

    # then
    assert said.startswith(b"HTTP/1.1 413 ")
    assert time.monotonic() - started < 4


async def test_415_compressed(server: Serving, make_hook: MakeHook, database: Database) -> None:
    # given
    import gzip

    hook = await make_hook()

    # when
    said = await server.post(hook.path, gzip.compress(b"{}"), content_encoding="gzip")
    plain = await server.post(hook.path, b"{}", content_encoding="identity")

    # then
    assert said.status == 415
    assert said.headers["accept-encoding"] == "identity"
    message = "The body is compressed; send it as it is, without Content-Encoding."
    assert said.json() == {"error": {"code": "content_encoding", "message": message}}
    assert plain.status == 202
    found = await events(database, expect=2)
    assert sorted(event.outcome for event in found) == ["accepted", "malformed"]


async def test_503_for_a_webhook_whose_secrets_cannot_be_opened(
    start_server: Callable[..., Awaitable[Serving]], make_hook: MakeHook, database: Database
) -> None:
    # given: an api with another ZIPPED_SECRET_KEY
    signed, plain = await make_hook(secrets=(SECRET,)), await make_hook()
    server = await start_server(secret_key=bytes(32))

    # when
    refused, taken = await asyncio.gather(server.post(signed.path), server.post(plain.path))

    # then: nobody passes unverified, nothing is lost that is sent again, and nobody else is harmed
    assert (refused.status, refused.json()["error"]["code"]) == (503, "unavailable")
    assert "retry-after" in refused.headers
    assert taken.status == 202
    assert await counts(database) == (1, 1, 0, 1)


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


async def test_429_by_the_triggers_own_limit(server: Serving, make_hook: MakeHook, database: Database) -> None:
    # given
    hook = await make_hook(settings={"ratePerSecond": 0.01, "rateBurst": 3})
    other = await make_hook()

    # when
    said = [await server.post(hook.path) for _ in range(5)]

    # then
    assert [one.status for one in said] == [202, 202, 202, 429, 429]
    assert said[3].headers["retry-after"] == "100"
    assert said[3].json() == {"error": {"code": "throttled", "message": "Too many requests; try again in 100 s."}}
    check_headers(said[3])
    assert (await server.post(other.path)).status == 202
    found = await events(database, expect=6)
    assert sorted(event.outcome for event in found) == ["accepted"] * 4 + ["throttled"] * 2
    assert (await counts(database))[:2] == (4, 4)


async def test_429_for_who_tries_addresses(server: Serving, make_hook: MakeHook) -> None:
    # given
    hook = await make_hook()

    # when
    said = [await server.post(f"/hooks/guess-{number}") for number in range(130)]

    # then: known addresses go on working from the same place
    assert [one.status for one in said[:100]] == [404] * 100
    assert said[-1].status == 429
    assert said[-1].headers["retry-after"] == "1"
    assert (await server.post(hook.path)).status == 202
