"""The client against servers that behave and servers that don't."""

import asyncio
import ssl
from pathlib import Path

import pytest
from aiohttp import web

from tests.integration.connectors.certificates import certificate_for
from tests.integration.connectors.conftest import OpenClient, Receiver, listening, serving
from zipped.catalog import OpenConnection
from zipped.http import (
    BadRequest,
    BadUrl,
    Client,
    Denied,
    HostNotBound,
    TimedOut,
    TooManyRedirects,
    Unreachable,
)

SECRET = OpenConnection(
    id="con_1",
    kind="header",
    fields={},
    headers={"X-Api-Key": "canary-123456", "Authorization": "Bearer canary-654321"},
    hosts=("127.0.0.1",),
)


async def test_a_request_arrives_as_it_was_written(client: Client, receiver: Receiver) -> None:
    url = receiver.answer("/orders", '{"ok":true}', status=201, Content_Type="application/json", X_Two="2")
    answer = await client.request(
        "POST",
        f"{url}?a=1&b=%20x",
        timeout=5,
        headers={"X-One": "ä", "Content-Type": "text/plain"},
        body=b"hello",
        depth=4,
    )
    seen = receiver.seen[0]
    assert (seen.method, seen.path, seen.body) == ("POST", "/orders?a=1&b=%20x", b"hello")
    assert seen.headers == {
        "host": f"127.0.0.1:{receiver.port}",
        "user-agent": "Zipped/0.1.0",
        "accept": "*/*",
        "accept-encoding": "gzip, deflate",
        "x-one": "ä",
        "content-type": "text/plain",
        "content-length": "5",
        "x-zipped-depth": "5",
    }
    assert (answer.status, answer.reason, answer.body) == (201, "Created", b'{"ok":true}')
    assert (answer.headers["x-two"], answer.url, answer.redirects) == ("2", f"{url}?a=1&b=%20x", 0)


async def test_repeated_headers_are_joined(client: Client, receiver: Receiver) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.Response()
        for value in ("a=1; Expires=Sun, 22 Nov 2026 00:00:00 GMT", "b=2"):
            response.headers.add("Set-Cookie", value)
            response.headers.add("X-Many", value[:3])
        return response

    answer = await client.request("GET", receiver.route("/", handler), timeout=5)
    assert answer.headers["set-cookie"] == "a=1; Expires=Sun, 22 Nov 2026 00:00:00 GMT\nb=2"
    assert answer.headers["x-many"] == "a=1, b=2"


async def test_no_cookie_is_kept_between_calls(client: Client, receiver: Receiver) -> None:
    url = receiver.answer("/", Set_Cookie="session=abc")
    for _ in range(2):
        await client.request("GET", url, timeout=5)
    assert ["cookie" in seen.headers for seen in receiver.seen] == [False, False]


@pytest.mark.parametrize(
    "url",
    [
        "", "example.com/x", "ftp://example.com/", "http://", "http:///x", "https://user:pw@example.com/",
        "http://exa mple.com/", "http://example.com\r\nX: y/", "http://a\x00b/", "http://example.com:99999/",
        "http://[::1", "http://example.com/" + "x" * 9000, "javascript:alert(1)", "//example.com/", "http://..",
    ],
)  # fmt: skip
async def test_an_address_that_can_not_be_used_is_refused(url: str, client: Client) -> None:
    with pytest.raises(BadUrl) as error:
        await client.request("GET", url, timeout=5)
    assert (error.value.sent, error.value.retryable) == (False, False)


@pytest.mark.parametrize(
    "headers",
    [
        {"X": "a\r\nEvil: 1"}, {"X": "a\nb"}, {"X": "a\0"}, {"X\r\nEvil": "1"}, {"": "x"}, {"a b": "x"}, {"ä": "x"},
        {"Host": "evil.example"}, {"Content-Length": "0"}, {"transfer-encoding": "chunked"}, {"Connection": "close"},
        {"X-Zipped-Depth": "0"}, {"X": "\ud800"}, {"X": "x" * 8193}, {f"X-{n}": "x" for n in range(101)},
    ],
)  # fmt: skip
async def test_headers_that_would_split_or_fool_are_refused(
    headers: dict[str, str], client: Client, receiver: Receiver
) -> None:
    with pytest.raises(BadRequest):
        await client.request("GET", receiver.url, timeout=5, headers=headers)
    assert receiver.seen == []


async def test_a_method_that_is_not_known_is_refused(client: Client, receiver: Receiver) -> None:
    for method in ("CONNECT", "TRACE", "get", "GET /x HTTP/1.1\r\n"):
        with pytest.raises(BadUrl, match="is no method"):
            await client.request(method, receiver.url, timeout=5)
    assert receiver.seen == []


@pytest.mark.parametrize(
    ("status", "method", "followed"),
    [
        (301, "GET", ("GET", b"")),
        (301, "POST", ("GET", b"")),
        (302, "POST", ("GET", b"")),
        (302, "PUT", ("PUT", b"body")),
        (303, "PUT", ("GET", b"")),
        (303, "HEAD", ("HEAD", b"")),
        (307, "POST", ("POST", b"body")),
        (308, "PATCH", ("PATCH", b"body")),
    ],
)
async def test_a_redirect_is_followed_as_its_status_says(
    status: int, method: str, followed: tuple[str, bytes], client: Client, receiver: Receiver
) -> None:
    url = receiver.answer("/from", status=status, Location="/to?x=1#part")
    receiver.answer("/to", "there")
    body = None if method in ("GET", "HEAD") else b"body"
    headers = {"Content-Type": "text/plain", "X-Kept": "1"}
    answer = await client.request(method, url, timeout=5, headers=headers, body=body)
    last = receiver.seen[-1]
    assert (last.method, last.body) == followed
    assert last.headers["x-kept"] == "1"
    assert ("content-type" in last.headers) is (method == followed[0])
    assert (answer.status, answer.url, answer.redirects) == (200, f"{receiver.url}/to?x=1", 1)


async def test_redirects_end_after_five(client: Client, receiver: Receiver) -> None:
    for hop in range(10):
        receiver.answer(f"/{hop}", status=302, Location=f"/{hop + 1}")
    receiver.answer("/end", "there")
    receiver.answer("/5", "there")
    assert (await client.request("GET", f"{receiver.url}/0", timeout=5)).redirects == 5
    receiver.answer("/5", status=302, Location="/end")
    with pytest.raises(TooManyRedirects) as error:
        await client.request("GET", f"{receiver.url}/0", timeout=5)
    assert error.value.sent
    assert "/end" not in [seen.path for seen in receiver.seen]


async def test_redirects_are_not_followed_when_not_wanted(client: Client, receiver: Receiver) -> None:
    url = receiver.answer("/from", "moved", status=302, Location="/to")
    answer = await client.request("GET", url, timeout=5, max_redirects=0)
    assert (answer.status, answer.headers["location"], answer.body) == (302, "/to", b"moved")
    assert len(receiver.seen) == 1


async def test_no_secret_crosses_to_another_origin(client: Client, receiver: Receiver, other: Receiver) -> None:
    # /from → /same (same origin) → the other receiver → back to the first: once dropped, a secret stays dropped.
    receiver.answer("/from", status=307, Location="/same")
    receiver.answer("/same", status=307, Location=f"{other.url}/across")
    other.answer("/across", status=307, Location=f"{receiver.url}/back")
    receiver.answer("/back", "done")
    headers = {"Cookie": "typed=1", "X-Plain": "kept"}
    await client.request("POST", f"{receiver.url}/from", timeout=5, headers=headers, connection=SECRET, body=b"x")

    visited = [*receiver.seen[:2], *other.seen, *receiver.seen[2:]]
    assert [seen.path for seen in visited] == ["/from", "/same", "/across", "/back"]
    assert ["x-api-key" in seen.headers for seen in visited] == [True, True, False, False]
    assert ["authorization" in seen.headers for seen in visited] == [True, True, False, False]
    assert ["cookie" in seen.headers for seen in visited] == [True, True, False, False]
    assert [seen.headers["x-plain"] for seen in visited] == ["kept"] * 4
    assert "canary" not in str(other.seen)


async def test_a_secret_goes_only_to_hosts_it_is_bound_to(client: Client, receiver: Receiver) -> None:
    for hosts in ((), ("api.example.com",), (f"127.0.0.1:{receiver.port + 1}",)):
        bound = OpenConnection(id="con_1", kind="header", fields={}, headers=SECRET.headers, hosts=hosts)
        with pytest.raises(HostNotBound, match="may not be used with"):
            await client.request("GET", receiver.url, timeout=5, connection=bound)
    assert receiver.seen == []


async def test_a_connection_s_header_wins_over_a_typed_one(client: Client, receiver: Receiver) -> None:
    receiver.answer("/")
    headers = {"authorization": "Basic typed"}
    await client.request("GET", f"{receiver.url}/", timeout=5, headers=headers, connection=SECRET)
    assert receiver.seen[0].headers["authorization"] == "Bearer canary-654321"


async def test_nobody_listening_is_surely_not_sent(open_client: OpenClient) -> None:
    async def nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        pass

    async with listening(nothing) as port:
        pass
    client = await open_client(port)
    with pytest.raises(Unreachable, match=f"127.0.0.1:{port} can't be reached") as error:
        await client.request("POST", f"http://127.0.0.1:{port}/", timeout=5, body=b"x")
    assert (error.value.sent, error.value.retryable) == (False, True)


async def test_waiting_for_a_free_connection_is_surely_not_sent(open_client: OpenClient) -> None:
    entered = asyncio.Event()

    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        entered.set()
        await reader.read()

    async with listening(hang) as port:
        client = await open_client(port, connections=1)
        first = asyncio.create_task(client.request("GET", f"http://127.0.0.1:{port}/", timeout=5))
        async with asyncio.timeout(5):
            await entered.wait()
        with pytest.raises(TimedOut) as error:
            await client.request("POST", f"http://127.0.0.1:{port}/", timeout=0.1, body=b"x")
        assert not error.value.sent
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)


async def test_a_certificate_nobody_vouches_for_is_refused(open_client: OpenClient, tmp_path: Path) -> None:
    authority, server = certificate_for("127.0.0.1", tmp_path)
    async with serving(ssl_context=server) as receiver:
        receiver.answer("/", "secure")
        url = f"https://127.0.0.1:{receiver.port}/"
        stranger = await open_client(receiver.port)
        with pytest.raises(Unreachable, match=r"certificate of .* is not valid") as error:
            await stranger.request("POST", url, timeout=5, body=b"x", connection=SECRET)
        assert (error.value.sent, error.value.retryable) == (False, True)
        assert receiver.seen == []

        friend = await open_client(receiver.port, tls=ssl.create_default_context(cafile=authority))
        assert (await friend.request("GET", url, timeout=5)).body == b"secure"


async def test_a_certificate_of_another_host_is_refused(open_client: OpenClient, tmp_path: Path) -> None:
    authority, server = certificate_for("other.example", tmp_path)
    async with serving(ssl_context=server) as receiver:
        client = await open_client(receiver.port, tls=ssl.create_default_context(cafile=authority))
        with pytest.raises(Unreachable, match="certificate"):
            await client.request("GET", f"https://127.0.0.1:{receiver.port}/", timeout=5)
        assert receiver.seen == []


async def test_a_redirect_from_https_to_http_is_refused(
    open_client: OpenClient, receiver: Receiver, tmp_path: Path
) -> None:
    authority, server = certificate_for("127.0.0.1", tmp_path)
    async with serving(ssl_context=server) as secure:
        secure.answer("/", status=302, Location=f"{receiver.url}/plain")
        context = ssl.create_default_context(cafile=authority)
        client = await open_client(secure.port, receiver.port, tls=context)
        with pytest.raises(Denied, match="from https to http"):
            await client.request("GET", f"https://127.0.0.1:{secure.port}/", timeout=5)
    assert receiver.seen == []


async def test_plain_http_on_a_tls_port_and_the_reverse(open_client: OpenClient, receiver: Receiver) -> None:
    client = await open_client(receiver.port)
    with pytest.raises(Unreachable, match="secure connection") as error:
        await client.request("GET", f"https://127.0.0.1:{receiver.port}/", timeout=5)
    assert not error.value.sent
