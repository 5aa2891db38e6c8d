"""The real processes on Apache Kafka and PostgreSQL, each of which can be killed, frozen and started again."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import aiohttp
import psutil

from zipped.embedded.kafka import ApacheKafka
from zipped.embedded.ports import free_port
from zipped.embedded.postgres import EmbeddedPostgres
from zipped.embedded.process import importable, spawn, stop
from zipped.embedded.server import Server
from zipped.migrations import upgrade

SECRET_KEY = "c4" * 32
DOWN = 0.5  # seconds a killed process stays down
STOP = (signal.SIGTERM, 20.0)
UP_TIMEOUT = 90.0  # seconds; Kafka was seen to take 13 after SIGKILL
POLL = 0.05  # seconds


Command = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fleet:
    """How many of each of our processes, and Python's words for each. `make chaos` has the default.

    Another command stands in for a release with a fault in it, or runs the process under a profiler.
    """

    apis: int = 2
    relays: int = 2
    workers: int = 3
    api: Command = ("-m", "api")
    relay: Command = ("-m", "relay", "--health-port", "0")
    worker: Command = ("-m", "worker", "--health-port", "0")

    def commands(self) -> dict[str, Command]:
        """By name: api-1, api-2, relay-1 …"""
        counts = (("api", self.apis), ("relay", self.relays), ("worker", self.workers))
        return {
            f"{kind}-{number}": tuple(word.format(number=number) for word in getattr(self, kind))
            for kind, count in counts
            for number in range(1, count + 1)
        }


class Cluster:
    """A fleet, a broker and a database below one folder."""

    def __init__(self, folder: Path, *, receiver_port: int, fleet: Fleet | None = None) -> None:
        self.folder = folder
        self.postgres = EmbeddedPostgres(folder / "postgres")
        self.kafka = ApacheKafka(folder / "kafka", port=free_port())
        self._receiver_port = receiver_port
        self._commands = (fleet or Fleet()).commands()
        self.ports = {name: free_port() for name in self._commands if name.startswith("api-")}
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        #: Parts that are being hit; whoever wants to hit one waits for its turn.
        self._busy: dict[str, asyncio.Lock] = {}

    @property
    def apis(self) -> list[str]:
        """The address of each api."""
        return [f"http://127.0.0.1:{port}" for port in self.ports.values()]

    def environment(self, name: str = "api-1") -> Mapping[str, str]:
        """What a process of ours is told."""
        return importable(
            {
                "PATH": os.environ["PATH"],
                "ZIPPED_DATABASE_URL": self.postgres.url(),
                "ZIPPED_KAFKA_BOOTSTRAP_SERVERS": self.kafka.address(),
                "ZIPPED_SECRET_KEY": SECRET_KEY,
                "ZIPPED_PORT": str(self.ports.get(name, 8000)),
                "ZIPPED_PUBLIC_URL": self.apis[0],
                "ZIPPED_OUTBOUND_ALLOW": f"127.0.0.1:{self._receiver_port}",
            }
        )

    def start_servers(self) -> None:
        """Start database and broker, and make the tables. Call it in the main thread without a running loop."""
        self.postgres.start()
        self.kafka.start()
        upgrade(self.postgres.url())

    async def start_processes(self) -> None:
        """Start ours, and wait until every api takes traffic."""
        for name in self._commands:
            self._spawn(name)
        await self.until_up()

    async def until_up(self) -> None:
        """Wait until every part is there and every api says that it may take traffic. Raises TimeoutError."""
        async with aiohttp.ClientSession() as http:
            for api in self.apis:
                await _until(partial(_ready, http, api))
        for name in self._commands:
            await _until(partial(asyncio.to_thread, self._running, name))

    async def kill(self, part: str) -> None:
        """SIGKILL, then start it again; returns when it is up."""
        async with self._busy.setdefault(part, asyncio.Lock()):
            if part == "postgres":
                self.postgres.kill()
                await self._restart(self.postgres)
            elif part == "kafka":
                self.kafka.kill()
                await self._restart(self.kafka)
            else:
                self._processes[part].kill()
                self._processes[part].wait()
                await asyncio.sleep(DOWN)
                self._spawn(part)

    async def freeze(self, part: str, seconds: float) -> None:
        """SIGSTOP to a process, SIGCONT after `seconds`."""
        async with self._busy.setdefault(part, asyncio.Lock()):
            process = psutil.Process(self._processes[part].pid)
            process.suspend()
            await asyncio.sleep(seconds)
            process.resume()

    async def supervise(self) -> None:
        """Start again what ends by itself, as any supervisor does: a worker that was declared dead leaves."""
        while True:
            for name, process in list(self._processes.items()):
                if process.poll() is not None and not self._busy.setdefault(name, asyncio.Lock()).locked():
                    self._spawn(name)
            await asyncio.sleep(POLL)

    def pids(self) -> dict[str, int]:
        """The process id of everything that runs, servers included."""
        ours = {name: process.pid for name, process in self._processes.items()}
        return {**ours, "kafka": self.kafka.pid, "postgres": self.postgres.pid}

    def stop(self) -> None:
        """End everything, the database last."""
        for process in self._processes.values():
            process.send_signal(signal.SIGCONT)
            process.send_signal(signal.SIGTERM)
        for process in self._processes.values():
            stop(process, STOP)
        self.kafka.stop()
        self.postgres.stop()

    def _spawn(self, name: str) -> None:
        with (self.folder / f"{name}.log").open("ab") as log:
            command = [sys.executable, *self._commands[name]]
            self._processes[name] = spawn(
                command,
                env=self.environment(name),
                cwd=self.folder,
                output=log,
                death_signal=signal.SIGKILL,
            )

    def _running(self, name: str) -> bool:
        return name in self._processes and self._processes[name].poll() is None

    async def _restart(self, server: Server) -> None:
        await asyncio.sleep(DOWN)
        server.prepare()
        server.spawn()
        await _until(partial(asyncio.to_thread, server.ready))


async def _until(ready: Callable[[], Awaitable[bool]]) -> None:
    """Ask again and again. Raises TimeoutError."""
    async with asyncio.timeout(UP_TIMEOUT):
        while True:
            if await ready():
                return
            await asyncio.sleep(POLL)


async def _ready(http: aiohttp.ClientSession, api: str) -> bool:
    try:
        async with http.get(f"{api}/readyz", timeout=aiohttp.ClientTimeout(total=2)) as answer:
            return answer.status == 200
    except (aiohttp.ClientError, TimeoutError, OSError):
        return False
