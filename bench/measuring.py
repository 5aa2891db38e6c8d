"""One measurement after the other, each of them as a plain dictionary with its raw samples."""

import asyncio
import re
import subprocess
from dataclasses import asdict
from typing import Any

from sqlalchemy import text

from bench import usage
from bench.children import child
from bench.load import Order
from tests.cluster import Cluster
from tests.live_zips import LiveZip
from zipped import ids
from zipped.db import Database
from zipped.embedded.ports import free_port
from zipped.embedded.postgres import SUPERUSER

DRAIN_TIMEOUT = 120.0  # seconds until everything that was accepted is over
POLL = 0.1  # seconds
OPEN_CONNECTIONS = 16  # kept by an open loop; more are opened when all are busy

#: What has to be done until everything that was accepted is over, by the partial indexes.
LEFT = text(
    """
    select exists (select from zip_run where status = 'queued') or exists (select from zip_run where status = 'running')
        or exists (select from zip_run where status = 'waiting')
        or exists (select from zip_outbox where published_at is null)
    """
)
COUNT = text("select count(*) filter (where status = 'succeeded'), count(*) from zip_run")
FINISHED_BY = text("select count(*) from zip_run where finished_at <= :moment")
NOW = text("select clock_timestamp()")

PGBENCH_TABLES = """
create table bench_one (id uuid primary key, body bytea);
create table bench_event (id uuid primary key, body bytea);
create table bench_run (id uuid primary key, event_id uuid, status text);
create table bench_outbox (id bigint generated always as identity primary key, body bytea);
"""
ONE_ROW = "insert into bench_one values (uuidv7(), repeat('x', 200)::bytea);"
#: What the door has to write for one webhook, as a client without batches would.
THREE_ROWS = """begin;
insert into bench_event values (uuidv7(), repeat('x', 200)::bytea);
insert into bench_run values (uuidv7(), uuidv7(), 'queued');
insert into bench_outbox (body) values (repeat('x', 60)::bytea);
end;
"""


class Bench:
    """Measures a cluster that is up."""

    def __init__(self, cluster: Cluster, database: Database, zips: dict[str, LiveZip], token: str) -> None:
        self._cluster = cluster
        self._database = database
        self._zips = zips
        self._token = token

    async def closed(self, name: str, *, connections: int, seconds: float) -> dict[str, Any]:
        """As many as it takes, over so many connections that each send the next when the last is answered."""
        return await self._load(name, self._order(name, connections=connections, seconds=seconds))

    async def open(self, name: str, *, rate: float, seconds: float) -> dict[str, Any]:
        """So many a second whatever happens, with a subscription that hears their runs end."""
        zip_id = ids.encode("zip", self._zips[name].id)
        order = self._order(name, connections=OPEN_CONNECTIONS, seconds=seconds, rate=rate, zip_id=zip_id)
        return await self._load(name, order)

    async def echo(self, *, connections: int, seconds: float) -> dict[str, Any]:
        """A bare ASGI application on uvicorn under the same load."""
        port = free_port()
        serving = ["bench.echo", str(port)]
        async with child(serving, self._cluster.environment()) as server:
            order = Order(host="127.0.0.1", port=port, path="/", seconds=seconds, connections=connections)
            async with child(["bench.load"], self._cluster.environment(), order=asdict(order)) as load:
                before = usage.cpu({"echo": server.pid})
                measured = await load.go()
                used = _difference(usage.cpu({"echo": server.pid}), before)
        return {**measured, "cpu": used, "done": len(measured["accept_ms"])}

    async def bare(self, what: str, *, seconds: float, rate: float = 0) -> dict[str, Any]:
        """bench.bare on the same database and broker."""
        await self._make_database()
        servers, url = self._cluster.kafka.address(), self._url()
        words = ["bench.bare", what, servers, url, str(seconds), str(rate)]
        async with child(words, self._cluster.environment()) as client:
            return {"ms": await client.go()}

    async def pgbench(self, *, one_row: bool, clients: int, seconds: int) -> dict[str, Any]:
        """PostgreSQL's own client, and PostgreSQL's processor time for a transaction."""
        await self._make_database()
        script = self._cluster.folder / "pgbench.sql"
        script.write_text(ONE_ROW if one_row else THREE_ROWS)
        postgres = self._cluster.postgres
        command = [str(postgres.programs / "pgbench"), "-n", "-M", "prepared", "-f", str(script), "-c", str(clients)]
        command += ["-j", "1", "-T", str(seconds), "-h", str(postgres.socket_folder), "-U", SUPERUSER, "bench"]
        before = usage.cpu({"postgres": postgres.pid})
        done = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, check=False)
        used = _difference(usage.cpu({"postgres": postgres.pid}), before)
        rate = re.search(r"tps = ([\d.]+)", done.stdout)
        count = re.search(r"actually processed: (\d+)", done.stdout)
        if done.returncode != 0 or rate is None or count is None:
            raise RuntimeError(f"pgbench: {done.stderr.strip()}")
        return {"tps": float(rate[1]), "done": int(count[1]), "cpu": used}

    async def idle(self, *, seconds: float) -> dict[str, Any]:
        """Nothing is asked of it."""
        before = usage.cpu(self._cluster.pids())
        await asyncio.sleep(seconds)
        return {"seconds": seconds, "cpu": _difference(usage.cpu(self._cluster.pids()), before)}

    def memory(self) -> dict[str, dict[str, float]]:
        """MB of each process."""
        return usage.memory(self._cluster.pids())

    async def settle(self) -> None:
        """Wait until nothing is left to do. Raises TimeoutError."""
        async with asyncio.timeout(DRAIN_TIMEOUT):
            while True:
                async with self._database.begin() as session:
                    if not await session.scalar(LEFT):
                        return
                await asyncio.sleep(POLL)

    def _order(
        self, name: str, *, connections: int, seconds: float, rate: float | None = None, zip_id: str | None = None
    ) -> Order:
        return Order(
            host="127.0.0.1",
            port=self._cluster.ports["api-1"],
            path=self._zips[name].path,
            seconds=seconds,
            connections=connections,
            rate=rate,
            name=f"{name}-{asyncio.get_running_loop().time()}",
            zip_id=zip_id,
            token=self._token if zip_id else None,
        )

    async def _load(self, name: str, order: Order) -> dict[str, Any]:
        loop = asyncio.get_running_loop()
        succeeded, accepted = await self._counts()
        finished = await self._one(FINISHED_BY, moment=await self._one(NOW))
        async with child(["bench.load"], self._cluster.environment(), order=asdict(order)) as load:
            before, began = usage.cpu(self._cluster.pids()), loop.time()
            measured = await load.go()
            ended, moment = loop.time(), await self._one(NOW)
            await self.settle()
            drained, used = loop.time(), _difference(usage.cpu(self._cluster.pids()), before)
        succeeded_now, accepted_now = await self._counts()
        return {
            **measured,
            "zip": name,
            "rate": order.rate,
            "connections": order.connections,
            "seconds": round(measured["ended"] - measured["began"], 3),
            "drain_seconds": round(drained - ended, 3),
            "whole_seconds": round(drained - began, 3),
            "cpu": used,
            "accepted": accepted_now - accepted,
            "done": succeeded_now - succeeded,
            "done_in_time": await self._one(FINISHED_BY, moment=moment) - finished,
            "memory": self.memory(),
        }

    async def _counts(self) -> tuple[int, int]:
        async with self._database.begin() as session:
            row = (await session.execute(COUNT)).one()
        return row[0], row[1]

    async def _one(self, query: Any, **values: Any) -> Any:
        async with self._database.begin() as session:
            return await session.scalar(query, values)

    async def _make_database(self) -> None:
        """A database of its own on the same server, once."""
        postgres = self._cluster.postgres
        found = await asyncio.to_thread(
            postgres.sql, "select 1 from pg_database where datname = 'bench'", database="postgres"
        )
        if not found:
            await asyncio.to_thread(postgres.sql, "create database bench", database="postgres")
            await asyncio.to_thread(postgres.sql, PGBENCH_TABLES, database="bench")

    def _url(self) -> str:
        return self._cluster.postgres.url("bench", role=SUPERUSER).replace("+asyncpg", "")


def _difference(after: dict[str, float], before: dict[str, float]) -> dict[str, float]:
    return {name: round(after[name] - before[name], 3) for name in after}
