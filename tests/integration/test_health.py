"""The health server of relay and worker, over real sockets."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest

from zipped import health
from zipped.errors import SettingsError, Unavailable
from zipped.health import Health, HealthServer

HOST = "127.0.0.1"


class Process:
    """Somebody who is asked how it is."""

    def __init__(self) -> None:
        self.answer: Health | Exception = Health(ready=True, facts={"slots": 64})

    async def health(self) -> Health:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.fixture
def process() -> Process:
    return Process()


@pytest.fixture
async def port(process: Process) -> AsyncIterator[int]:
    server = HealthServer(process.health)
    yield await server.start(host=HOST, port=20_000)
    await server.stop()


async def send(port: int, request: bytes) -> bytes:
    reader, writer = await asyncio.open_connection(HOST, port)
    writer.write(request)
    async with asyncio.timeout(5):
        answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    return answer


async def get(port: int, path: str, method: str = "GET") -> tuple[int, bytes]:
    answer = await send(port, f"{method} {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split()[1]), body


async def test_alive_says_only_that_the_loop_turns(process: Process, port: int) -> None:
    process.answer = Unavailable()

    assert await get(port, "/livez") == (200, b'{"status":"alive"}\n')


async def test_ready_degraded_and_unready(process: Process, port: int) -> None:
    status, body = await get(port, "/readyz")
    assert (status, json.loads(body)) == (200, {"status": "ready", "degraded": [], "slots": 64})

    process.answer = Health(ready=True, degraded=("broker",))
    status, body = await get(port, "/readyz?verbose=1")
    assert (status, json.loads(body)) == (200, {"status": "degraded", "degraded": ["broker"]})

    process.answer = Health(ready=False)
    status, body = await get(port, "/readyz")
    assert (status, json.loads(body)["status"]) == (503, "unready")


async def test_a_check_that_fails_is_not_ready(process: Process, port: int) -> None:
    process.answer = Unavailable("The database is away.")

    status, body = await get(port, "/readyz")

    assert (status, json.loads(body)) == (
        503,
        {"status": "unready", "degraded": [], "reason": "The database is away."},
    )


async def test_metrics_are_prometheus(port: int) -> None:
    status, body = await get(port, "/metrics")

    assert status == 200
    assert b"# TYPE zipped_runs_claimed_total counter" in body


async def test_everything_else_is_refused(port: int) -> None:
    assert (await get(port, "/"))[0] == 404
    assert (await get(port, "/livez", "POST"))[0] == 405
    assert await get(port, "/livez", "HEAD") == (200, b"")


@pytest.mark.parametrize(
    "request_bytes",
    [b"\r\n\r\n", b"nonsense\r\n\r\n", b"\xff\x00\r\n\r\n", b"GET /" + b"x" * 100_000 + b" HTTP/1.1\r\n\r\n"],
)
async def test_whatever_a_stranger_sends_the_next_one_is_served(port: int, request_bytes: bytes) -> None:
    with suppress(ConnectionError):  # cut off in the middle of sending: fine
        assert await send(port, request_bytes) == b""

    assert (await get(port, "/livez"))[0] == 200


async def test_who_says_nothing_is_cut_off(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "REQUEST_TIMEOUT", 0.1)

    assert await send(port, b"GET /livez") == b""


async def test_a_taken_port_leads_to_the_next_one(process: Process, port: int) -> None:
    second = HealthServer(process.health)

    assert await second.start(host=HOST, port=port) > port

    await second.stop()


async def test_when_none_is_free_the_option_is_named(
    process: Process, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "PORTS_TRIED", 1)

    with pytest.raises(SettingsError, match=f"--health-port: none of {port} to {port}"):
        await HealthServer(process.health).start(host=HOST, port=port)
