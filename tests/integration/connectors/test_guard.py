"""Nothing but public addresses is ever dialled: every attempt to connect is counted by the interpreter itself."""

import asyncio
import itertools
import socket
import sys
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
from aiohttp import web

from tests.integration.connectors.conftest import OpenClient, Receiver, listening, serving
from zipped.http import BadUrl, Denied, Guard, OutsideError, TimedOut, Unreachable

_DIALLED: list[Any] = []
_COUNTING = False


def _audit(event: str, arguments: tuple[Any, ...]) -> None:
    if _COUNTING and event == "socket.connect" and arguments[0].family != socket.AF_UNIX:
        _DIALLED.append(arguments[1])


sys.addaudithook(_audit)


@contextmanager
def counting() -> Iterator[list[Any]]:
    """Every address that this process tries to connect to meanwhile."""
    global _COUNTING
    _DIALLED.clear()
    _COUNTING = True
    try:
        yield _DIALLED
    finally:
        _COUNTING = False


#: What names resolve to in these tests; no name server is asked.
NAMES = {
    "metadata.google.internal": ["169.254.169.254"],
    "localtest.example": ["127.0.0.1"],
    "private.example": ["10.0.0.8"],
    "half.example": ["1.1.1.1", "10.0.0.8"],
    "six.example": ["fd00::8"],
    "mapped.example": ["::ffff:10.0.0.8"],
    "nat64.example": ["64:ff9b::a00:8"],
    "zero.example": ["0.0.0.0"],
    "zone.example": ["fe80::1%eth0"],
    "odd.example": ["not an address"],
}


async def _fake_lookup(host: str) -> Sequence[str]:
    if host in NAMES:
        return NAMES[host]
    if host not in ("localhost", socket.gethostname().lower()):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
    infos = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return [str(info[4][0]) for info in infos]


TARGETS = [
    "127.0.0.1", "127.0.0.2", "127.1", "127.0.1", "0", "0.0.0.0", "0x7f.1", "0x7f000001", "0x7f.0.0.1", "0177.0.0.1",
    "017700000001", "2130706433", "127.0.0.1.", "127。0。0。1", "①②⑦.⓪.⓪.①", "\uff11\uff12\uff17.0.0.1",
    "%31%32%37.0.0.1",
    "localhost", "localhost.", "LOCALHOST", "ⓛocalhost", "[::1]", "[::]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]", "[::127.0.0.1]", "[::ffff:0:127.0.0.1]", "[64:ff9b::7f00:1]", "[64:ff9b::169.254.169.254]",
    "[64:ff9b:1::7f00:1]", "[2002:7f00:1::]", "[2002:a9fe:a9fe::1]", "[2001:0:4136:e378:8000:63bf:80ff:fffe]",
    "[fe80::1]", "[fe80::1%25eth0]", "[fe80::1%eth0]", "[::1%251]", "[fd00:ec2::254]", "[fc00::1]", "[fec0::1]",
    "[ff02::1]", "[::ffff:169.254.169.254]", "169.254.169.254", "169.254.170.2", "100.100.100.200", "192.0.0.192",
    "168.63.129.16", "10.0.0.1", "172.16.0.1", "192.168.0.1", "100.64.0.1", "198.18.0.1", "224.0.0.1", "240.0.0.1",
    "255.255.255.255", "metadata.google.internal", "localtest.example", "private.example", "half.example",
    "six.example", "mapped.example", "nat64.example", "zero.example", "zone.example", "odd.example",
    socket.gethostname(), "evil@127.0.0.1", "evil:x@localhost", "example.com#@127.0.0.1", "[v1.x]",
    "127.0.0.1%00.example",
]  # fmt: skip


@pytest.mark.parametrize("host", TARGETS)
async def test_no_target_inside_is_dialled(host: str, receiver: Receiver, open_client: OpenClient) -> None:
    client = await open_client(guard=Guard(lookup=_fake_lookup))
    with counting() as dialled:
        for scheme, port in (("http", receiver.port), ("https", receiver.port), ("http", 80)):
            with pytest.raises((Denied, BadUrl, Unreachable)) as refused:
                await client.request("GET", f"{scheme}://{host}:{port}/latest/meta-data", timeout=5)
            assert not refused.value.sent
    assert dialled == []
    assert receiver.seen == []


@pytest.mark.parametrize("port", [0, 22, 25, 1023, 2375, 5432, 6379, 9092, 11211])
async def test_ports_of_other_services_are_not_dialled(port: int, open_client: OpenClient) -> None:
    client = await open_client(guard=Guard(lookup=_fake_lookup))
    with counting() as dialled:
        for host in ("1.1.1.1", "example.com"):
            with pytest.raises((Denied, BadUrl)):
                await client.request("GET", f"http://{host}:{port}/", timeout=5)
    assert dialled == []


async def test_the_last_wall_holds_by_itself(receiver: Receiver) -> None:
    guard = Guard()
    where = (socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", ("127.0.0.1", receiver.port))
    with pytest.raises(OSError, match="may not be dialled"):
        guard.open_socket(where)
    opened = Guard(allow=frozenset({("127.0.0.1", receiver.port)})).open_socket(where)
    opened.close()
    await guard.close()


def _flipping(answers: Sequence[Sequence[str]]) -> tuple[Callable[[str], Awaitable[Sequence[str]]], list[int]]:
    turns = itertools.count()
    asked: list[int] = []

    async def lookup(host: str) -> Sequence[str]:
        asked.append(next(turns))
        return answers[asked[-1] % len(answers)]

    return lookup, asked


async def test_a_name_that_changes_its_answer_never_leads_inside(open_client: OpenClient) -> None:
    async def ok(request: web.Request) -> web.StreamResponse:
        return web.Response(text="public", headers={"Connection": "close"})

    inside: list[object] = []

    async def count(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inside.append(writer)

    # 127.0.0.1 plays the public address (it is allowed), 127.0.0.2 on the same port is inside.
    async with serving() as public:
        public.route("/", ok)
        async with listening(count, "127.0.0.2", public.port):
            lookup, asked = _flipping([["127.0.0.1"], ["127.0.0.2"], ["127.0.0.1", "127.0.0.2"]])
            guard = Guard(allow=frozenset({("127.0.0.1", public.port)}), lookup=lookup, cache_seconds=0)
            client = await open_client(guard=guard)
            outcomes = []
            with counting() as dialled:
                for _ in range(201):
                    try:
                        answer = await client.request("GET", f"http://rebind.example:{public.port}/", timeout=5)
                        outcomes.append(answer.body.decode())
                    except Denied:
                        outcomes.append("denied")
            assert inside == []
            assert {where[0] for where in dialled} == {"127.0.0.1"}
            assert len(asked) == 201
            assert outcomes == ["public", "denied", "denied"] * 67


async def test_a_name_is_looked_up_once_for_many_callers(receiver: Receiver, open_client: OpenClient) -> None:
    receiver.answer("/", "ok")
    lookup, asked = _flipping([["127.0.0.1"]])
    client = await open_client(guard=Guard(allow=frozenset({("127.0.0.1", receiver.port)}), lookup=lookup))
    url = f"http://name.example:{receiver.port}/"
    answers = await asyncio.gather(*(client.request("GET", url, timeout=5) for _ in range(30)))
    assert [answer.status for answer in answers] == [200] * 30
    assert len(asked) == 1
    assert {seen.headers["host"] for seen in receiver.seen} == {f"name.example:{receiver.port}"}


async def test_a_name_whose_server_hangs_blocks_one_look_up_however_many_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zipped.http.guard.LOOKUP_TIMEOUT", 0.05)
    answered, asked = asyncio.Event(), list[str]()

    async def lookup(host: str) -> Sequence[str]:
        asked.append(host)
        await answered.wait()
        return ["1.1.1.1"]

    guard = Guard(lookup=lookup)
    for _ in range(3):
        with pytest.raises(Unreachable, match=r"Nobody answered who hangs\.example is within"):
            await guard.addresses("hangs.example", 443)
    answered.set()
    found = await guard.addresses("hangs.example", 443)
    await guard.close()

    assert found == ["1.1.1.1"]
    assert asked == ["hangs.example"]


async def test_the_operator_can_allow_a_name_at_a_port(receiver: Receiver, open_client: OpenClient) -> None:
    receiver.answer("/", "ok")
    lookup, _ = _flipping([["127.0.0.1"]])
    client = await open_client(guard=Guard(allow=frozenset({("intern.example", receiver.port)}), lookup=lookup))
    answer = await client.request("GET", f"http://INTERN.example.:{receiver.port}/", timeout=5)
    assert answer.body == b"ok"
    with pytest.raises(Denied):
        await client.request("GET", f"http://intern.example:{receiver.port + 1}/", timeout=5)
    with pytest.raises(Denied):
        await client.request("GET", f"http://other.example:{receiver.port}/x", timeout=5)


@pytest.mark.parametrize(
    "target",
    [
        "http://127.0.0.2:{inside}/",
        "http://169.254.169.254/",
        "http://[::1]:{inside}/",
        "http://[fe80::1%25eth0]/",
        "http://inside.example:{inside}/",
        "http://2130706434:{inside}/",
        "//127.0.0.2:{inside}/",
        "gopher://127.0.0.1:{inside}/",
        "file:///etc/passwd",
    ],
)
async def test_a_redirect_does_not_lead_inside(target: str, receiver: Receiver, open_client: OpenClient) -> None:
    inside: list[object] = []

    async def count(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inside.append(writer)

    async def lookup(host: str) -> Sequence[str]:
        return ["127.0.0.2"]

    async with listening(count, "127.0.0.2") as port:
        url = receiver.answer("/go", status=302, Location=target.format(inside=port))
        client = await open_client(guard=Guard(allow=frozenset({("127.0.0.1", receiver.port)}), lookup=lookup))
        with counting() as dialled, pytest.raises((Denied, BadUrl)) as refused:
            await client.request("GET", url, timeout=5)
    assert refused.value.sent  # the first hop was
    assert inside == []
    assert {where[0] for where in dialled} == {"127.0.0.1"}


async def test_the_environment_names_no_proxy(
    receiver: Receiver, open_client: OpenClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxied: list[object] = []

    async def proxy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        proxied.append(writer)

    async with listening(proxy) as port:
        for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{port}")
        client = await open_client(receiver.port)
        answer = await client.request("GET", receiver.answer("/", "direct"), timeout=5)
    assert answer.body == b"direct"
    assert proxied == []


async def test_mail_goes_through_the_same_guard(open_client: OpenClient) -> None:
    client = await open_client(guard=Guard(lookup=_fake_lookup))
    with counting() as dialled:
        for host in TARGETS:
            if host.isascii() and "@" not in host:
                with pytest.raises(OutsideError) as refused:
                    await client.connect(host.strip("[]"), 587, timeout=5)
                assert not refused.value.sent
        for port in (80, 5432, 6379):
            with pytest.raises(Denied):
                await client.connect("1.1.1.1", port, timeout=5)
    assert dialled == []


async def test_an_allowed_mail_server_is_connected(open_client: OpenClient) -> None:
    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 hello\r\n")
        await writer.drain()
        await reader.read()

    async with listening(greet) as port:
        for client, trusted in ((await open_client(port), False), (await open_client(), True)):
            connection = await client.connect("127.0.0.1", port, timeout=5, trusted=trusted)
            async with asyncio.timeout(5):
                assert await asyncio.get_running_loop().sock_recv(connection, 100) == b"220 hello\r\n"
            connection.close()


async def test_a_look_up_that_never_ends_is_ended(monkeypatch: pytest.MonkeyPatch, open_client: OpenClient) -> None:
    async def lookup(host: str) -> Sequence[str]:
        await asyncio.Event().wait()
        return []

    monkeypatch.setattr("zipped.http.guard.LOOKUP_TIMEOUT", 0.05)
    client = await open_client(guard=Guard(lookup=lookup))
    with pytest.raises(Unreachable, match=r"Nobody answered who slow\.example is"):
        await client.request("GET", "http://slow.example/", timeout=5)


async def test_a_name_that_does_not_exist_is_unreachable(open_client: OpenClient) -> None:
    async def lookup(host: str) -> Sequence[str]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    client = await open_client(guard=Guard(lookup=lookup))
    with pytest.raises(Unreachable, match=r"There is no server called no\.example: name or service not known") as error:
        await client.request("GET", "http://no.example/", timeout=5)
    assert (error.value.sent, error.value.retryable) == (False, True)


async def test_connecting_takes_no_longer_than_it_may(open_client: OpenClient) -> None:
    async def lookup(host: str) -> Sequence[str]:
        await asyncio.Event().wait()
        return []

    client = await open_client(guard=Guard(lookup=lookup))
    with pytest.raises(TimedOut) as error:
        await client.connect("slow.example", 587, timeout=0.05)
    assert not error.value.sent
