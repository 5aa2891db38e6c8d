"""What outsiders may rely on when the door refuses: one status, one reason, one row, and nothing runs."""

import asyncio
import hmac
import time
from collections.abc import Awaitable, Callable

import orjson
import pytest
from sqlalchemy import text

from tests.api.hooks.headers import check_headers
from tests.api.hooks.ledger import counts, events
from tests.fixtures.hooks import MakeHook
from tests.fixtures.serving import Said, Serving
from zipped.clock import ManualClock, SystemClock
from zipped.db import Database

SECRET = "correct horse battery"


MALFORMED: list[tuple[bytes, str, tuple[int, int, int]]] = [
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
]


async def test_400_malformed_json_with_its_position(
    server: Serving, make_hook: MakeHook, database: Database, subtests: pytest.Subtests
) -> None:
    # given
    hook = await make_hook()

    # when
    saids = [await server.post(hook.path, body, idempotency_key="k") for body, _, _ in MALFORMED]

    # then
    found = {event.reason: event for event in await events(database, expect=len(MALFORMED))}
    for (body, message, position), said in zip(MALFORMED, saids, strict=True):
        with subtests.test(message):
            assert said.status == 400
            error = said.json()["error"]
            assert error["code"] == "malformed_json"
            assert (error["line"], error["column"], error["offset"]) == position
            assert error["message"].startswith(f"The body is not JSON: {message}")
            assert error["message"].endswith(f" at line {position[0]}, column {position[1]}.")
            check_headers(said)
            event = found[error["message"]]
            assert (event.outcome, event.run_id) == ("malformed", None)
            assert (event.body or b"", event.body_size) == (body[:4096], len(body))
    assert await counts(database) == (0, 0, 0, len(MALFORMED))


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


async def test_429_for_who_tries_addresses(
    start_server: Callable[..., Awaitable[Serving]], make_hook: MakeHook
) -> None:
    # given: a hundred are free and five more every second, however long the test takes
    clock = ManualClock(SystemClock().now())
    server, hook = await start_server(clock), await make_hook()

    async def guess(times: int) -> list[int]:
        return [(await server.post(f"/hooks/guess-{number}")).status for number in range(times)]

    # when
    first = await guess(101)
    refused = await server.post("/hooks/guess")
    known = await server.post(hook.path)
    clock.advance(1.0)
    later = await guess(6)

    # then: known addresses go on working from the same place
    assert first == [404] * 100 + [429]
    assert (refused.status, refused.headers["retry-after"]) == (429, "1")
    assert known.status == 202
    assert later == [404] * 5 + [429]
