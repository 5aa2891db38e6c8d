"""The action HTTP request, performed as the worker performs it."""

import asyncio
from typing import Any

import orjson
import pytest
from aiohttp import web

from tests.integration.connectors.conftest import OpenClient, Receiver, listening
from tests.integration.connectors.performing import KEY, opened, performed
from zipped.catalog import Failed, Outcome, Succeeded, Unknown
from zipped.http import Client


def _output(outcome: Outcome) -> Any:
    assert isinstance(outcome, Succeeded), outcome
    return outcome.output


async def test_a_get_gives_the_answer_as_output(client: Client, receiver: Receiver) -> None:
    url = receiver.answer("/orders", '{"id":42}', Content_Type="application/json")
    outcome = await performed(client, "http", "request", {"url": url, "query": {"a": "x y", "b": [1, True, None]}})
    output = _output(outcome)
    assert output.pop("headers")["content-type"] == "application/json"
    assert output == {
        "status": 200,
        "body": {"id": 42},
        "bodyType": "json",
        "size": 9,
        "url": f"{url}?a=x+y&b=1&b=true",
        "redirects": 0,
    }
    seen = receiver.seen[0]
    assert (seen.method, seen.path, seen.body) == ("GET", "/orders?a=x+y&b=1&b=true", b"")
    assert "idempotency-key" not in seen.headers
    assert "content-type" not in seen.headers


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
async def test_a_write_carries_its_key(method: str, client: Client, receiver: Receiver) -> None:
    url = receiver.answer("/", status=204)
    input = {"method": method, "url": url, "json": {"b": "{{ trigger.body.b }}"}, "headers": {"X-N": 5}}
    scope = {"trigger": {"body": {"b": [1, None]}}}
    outcome = await performed(client, "http", "request", input, scope=scope, depth=3)
    assert _output(outcome)["bodyType"] == "empty"
    seen = receiver.seen[0]
    assert (seen.method, orjson.loads(seen.body)) == (method, {"b": [1, None]})
    assert (seen.headers["idempotency-key"], seen.headers["webhook-id"]) == (KEY, KEY)
    assert (seen.headers["content-type"], seen.headers["x-n"]) == ("application/json", "5")
    assert seen.headers["x-zipped-depth"] == "4"


async def test_the_author_s_own_key_and_content_type_stay(client: Client, receiver: Receiver) -> None:
    url = receiver.answer("/")
    headers = {"idempotency-key": "mine", "Content-Type": "application/xml"}
    await performed(client, "http", "request", {"method": "POST", "url": url, "raw": "<a/>", "headers": headers})
    seen = receiver.seen[0]
    assert (seen.headers["idempotency-key"], seen.headers["content-type"], seen.body) == (
        "mine", "application/xml", b"<a/>",
    )  # fmt: skip


async def test_a_form_is_sent_as_a_form(client: Client, receiver: Receiver) -> None:
    url = receiver.answer("/")
    await performed(client, "http", "request", {"method": "POST", "url": url, "form": {"a": "ä&", "b": [1, 2]}})
    seen = receiver.seen[0]
    assert (seen.headers["content-type"], seen.body) == ("application/x-www-form-urlencoded", b"a=%C3%A4%26&b=1&b=2")


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 410, 422, 501])
async def test_a_refusal_is_not_retried(status: int, client: Client, receiver: Receiver) -> None:
    url = receiver.answer("/", '{"error":"no"}', status=status, Retry_After="5")
    outcome = await performed(client, "http", "request", {"url": url})
    assert isinstance(outcome, Failed)
    assert (outcome.code, outcome.retryable, outcome.retry_after) == (f"http_{status}", False, None)
    assert outcome.message.startswith(f"127.0.0.1 answered {status} ")
    assert (outcome.detail["status"], outcome.detail["body"]) == (status, '{"error":"no"}')


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_server_that_is_busy_is_tried_again(
    status: int, method: str, client: Client, receiver: Receiver
) -> None:
    url = receiver.answer("/", status=status)
    outcome = await performed(client, "http", "request", {"method": method, "url": url})
    assert isinstance(outcome, Failed)
    assert (outcome.code, outcome.retryable, outcome.retry_after) == (f"http_{status}", True, None)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("5", 5.0),
        (" 0 ", 0.0),
        ("3601", 3600.0),
        ("9" * 400, 3600.0),
        ("Sun, 22 Nov 2026 12:00:30 GMT", 30.0),
        ("Sun, 22 Nov 2026 11:00:00 GMT", 0.0),
        ("Mon, 22 Nov 2027 12:00:00 GMT", 3600.0),
        ("soon", None),
        ("-5", None),
        ("5.5", None),
        ("", None),
    ],
)
async def test_retry_after_is_read_and_capped(
    value: str, seconds: float | None, client: Client, receiver: Receiver
) -> None:
    url = receiver.answer("/", status=503, Retry_After=value)
    outcome = await performed(client, "http", "request", {"url": url})
    assert isinstance(outcome, Failed)
    assert outcome.retry_after == seconds


async def test_an_author_may_want_to_see_any_status(client: Client, receiver: Receiver) -> None:
    url = receiver.answer("/", "gone", status=410)
    output = _output(await performed(client, "http", "request", {"url": url, "failOnError": False}))
    assert (output["status"], output["body"], output["bodyType"]) == (410, "gone", "text")


async def test_redirects_are_followed_or_shown(client: Client, receiver: Receiver) -> None:
    url = receiver.answer("/from", status=302, Location="/to")
    receiver.answer("/to", "there")
    assert _output(await performed(client, "http", "request", {"url": url}))["redirects"] == 1
    shown = _output(await performed(client, "http", "request", {"url": url, "followRedirects": False}))
    assert (shown["status"], shown["headers"]["location"], shown["redirects"]) == (302, "/to", 0)
    outcome = await performed(client, "http", "request", {"url": url, "maxRedirects": 0})
    assert isinstance(outcome, Failed)
    assert outcome.code == "http_302"


@pytest.mark.parametrize(
    ("method", "outcome"),
    [("GET", Failed), ("PUT", Failed), ("DELETE", Failed), ("POST", Unknown), ("PATCH", Unknown)],
)
async def test_a_request_that_was_sent_and_never_answered(
    method: str, outcome: type[Outcome], open_client: OpenClient
) -> None:
    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async def slam(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")

    for handler, told in ((hang, "did not answer within"), (slam, "broke the connection")):
        async with listening(handler) as port:
            client = await open_client(port)
            input = {"method": method, "url": f"http://127.0.0.1:{port}/"}
            found = await performed(client, "http", "request", input, timeout=1.0 if handler is slam else 0.2)
            assert isinstance(found, outcome)
            assert isinstance(found, Failed | Unknown)
            assert told in found.message
            assert isinstance(found, Unknown) or found.retryable


async def test_a_write_to_nobody_was_surely_not_sent(open_client: OpenClient) -> None:
    async def nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        pass

    async with listening(nothing) as port:
        pass
    client = await open_client(port)
    outcome = await performed(client, "http", "request", {"method": "POST", "url": f"http://127.0.0.1:{port}/"})
    assert isinstance(outcome, Failed)
    assert (outcome.code, outcome.retryable) == ("unreachable", True)


@pytest.mark.parametrize(
    ("input", "code"),
    [
        ({"url": "http://169.254.169.254/latest"}, "address_denied"),
        ({"url": "http://localhost:22/"}, "address_denied"),
        ({"url": "http://[::ffff:10.0.0.1]/"}, "address_denied"),
        ({"url": "ftp://example.com/"}, "bad_url"),
        ({"url": "http://a b/"}, "bad_url"),
        ({"url": "http://[::1", "query": {"a": 1}}, "bad_url"),
        ({"url": "http://example.com/", "headers": {"Host": "x"}}, "bad_request"),
        ({"url": "http://example.com/", "headers": {"X": "a\r\nb"}}, "bad_request"),
        ({"url": "http://example.com/", "json": 1, "raw": "x"}, "bad_input"),
        ({"url": "http://example.com/", "method": "TRACE"}, "bad_input"),
        ({}, "bad_input"),
        ({"url": "http://example.com/", "timeout": 5}, "bad_input"),
    ],
)
async def test_a_bad_input_is_one_clear_error(input: dict[str, Any], code: str, client: Client) -> None:
    outcome = await performed(client, "http", "request", {"method": "POST", **input})
    assert isinstance(outcome, Failed)
    assert (outcome.code, outcome.retryable) == (code, False)
    assert outcome.message


async def test_an_answer_that_is_too_large_fails(client: Client, receiver: Receiver) -> None:
    url = receiver.answer("/", b"x" * 1_048_577)
    outcome = await performed(client, "http", "request", {"url": url, "maxBytes": 10_485_760})
    assert isinstance(outcome, Failed)
    assert (outcome.code, outcome.retryable) == ("answer_too_large", False)
    assert isinstance(await performed(client, "http", "request", {"url": url, "maxBytes": 5}), Failed)


async def test_json_that_is_wanted_and_not_there_fails(client: Client, receiver: Receiver) -> None:
    url = receiver.answer("/", "<html>", Content_Type="text/html")
    outcome = await performed(client, "http", "request", {"url": url, "responseType": "json"})
    assert isinstance(outcome, Failed)
    assert (outcome.code, outcome.detail["body"]) == ("bad_json", "<html>")


@pytest.mark.parametrize("levels", [100, 5000])
async def test_an_answer_nested_too_deeply_fails_or_is_text(levels: int, client: Client, receiver: Receiver) -> None:
    url = receiver.answer("/", "[" * levels + "]" * levels, Content_Type="application/json")
    outcome = await performed(client, "http", "request", {"url": url})
    if levels == 100:  # and one more level for the output itself
        assert isinstance(outcome, Failed)
        assert outcome.code == "output_too_deep"
    else:
        assert _output(outcome)["bodyType"] == "text"


async def test_what_can_not_be_stored_is_replaced(client: Client, receiver: Receiver) -> None:
    url = receiver.answer("/", b'{"a":"x\\u0000y"}', Content_Type="application/json", X_Odd="a\udcffb")
    output = _output(await performed(client, "http", "request", {"url": url}))
    assert output["body"] == {"a": "x\ufffdy"}
    orjson.dumps(output)


@pytest.mark.parametrize(
    ("kind", "fields", "header", "value"),
    [
        ("basic", {"username": "ada", "password": "canary-123456"}, "authorization", "Basic YWRhOmNhbmFyeS0xMjM0NTY="),
        ("bearer", {"token": "canary-123456"}, "authorization", "Bearer canary-123456"),
        ("header", {"name": "X-Key", "value": "canary-123456"}, "x-key", "canary-123456"),
    ],
)
async def test_a_connection_signs_the_request_and_never_shows(
    kind: str, fields: dict[str, str], header: str, value: str, client: Client, receiver: Receiver
) -> None:
    async def echo(request: web.Request) -> web.StreamResponse:
        told = {"headers": dict(request.headers), "quoted": f"%63anary-123456 {request.headers}"}
        return web.json_response(told, status=int(request.query.get("status", 200)), headers={"X-Echo": value})

    url = receiver.route("/echo", echo)
    connection = opened(kind, fields, "127.0.0.1")
    for status, expected in ((200, Succeeded), (404, Failed), (503, Failed)):
        input = {"url": url, "query": {"status": status}}
        outcome = await performed(client, "http", "request", input, connection=connection)
        assert isinstance(outcome, expected)
        assert receiver.seen[-1].headers[header] == value
        assert "***" in repr(outcome)
        for secret in ("canary", "YWRhOmNhbmFyeS0xMjM0NTY", "Y2FuYXJ5LTEyMzQ1N"):
            assert secret not in repr(outcome)


async def test_a_connection_s_secret_is_not_sent_to_another_host(client: Client, receiver: Receiver) -> None:
    connection = opened("bearer", {"token": "canary-123456"}, "api.example.com")
    outcome = await performed(client, "http", "request", {"url": receiver.url}, connection=connection)
    assert isinstance(outcome, Failed)
    assert (outcome.code, outcome.retryable) == ("host_not_bound", False)
    assert receiver.seen == []


async def test_a_secret_that_would_split_the_request_is_refused(client: Client, receiver: Receiver) -> None:
    connection = opened("bearer", {"token": "canary-123456\r\nEvil: 1"}, "127.0.0.1")
    outcome = await performed(client, "http", "request", {"url": receiver.url}, connection=connection)
    assert isinstance(outcome, Failed)
    assert outcome.code == "bad_request"
    assert "canary" not in repr(outcome)
    assert receiver.seen == []


@pytest.mark.parametrize("kind", ["basic", "bearer", "header"])
async def test_trying_a_connection_says_what_the_server_says(kind: str, client: Client, receiver: Receiver) -> None:
    import connectors

    declared = connectors.load().connection_kind(kind)
    assert declared is not None
    assert declared.test is not None
    fields = {
        "username": "ada",
        "password": "canary-123456",
        "token": "canary-123456",
        "name": "X-Key",
        "value": "canary",
    }
    for status, ok, told in ((200, True, "It works"), (401, False, "refused the credentials"), (500, False, "500")):
        url = receiver.answer("/me", status=status)
        result = await declared.test(client, opened(kind, {**fields, "testUrl": url}, "127.0.0.1"))
        assert (result.ok, told in result.message) == (ok, True)
    assert len(receiver.seen) == 3

    unbound = await declared.test(client, opened(kind, {**fields, "testUrl": receiver.url}, "example.com"))
    inside = await declared.test(client, opened(kind, {**fields, "testUrl": "http://10.0.0.1/"}, "10.0.0.1"))
    untried = await declared.test(client, opened(kind, fields, "127.0.0.1"))
    assert [unbound.ok, inside.ok, untried.ok] == [False, False, True]
    assert len(receiver.seen) == 3
