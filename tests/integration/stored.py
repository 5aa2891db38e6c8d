"""Rows that tests of runs start from, made by plain SQL, and how to look at what came of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import text

from zipped.db import Database


@dataclass(frozen=True, slots=True)
class StoredZip:
    """A zip with one version and a trigger."""

    workspace_id: UUID
    zip_id: UUID
    version_id: UUID
    trigger_id: UUID


MAKE_ZIP = text(
    """
    with w as (insert into workspace (name) values ('Tests') returning id),
    z as (
        insert into zip (workspace_id, name, state, draft)
        select id, :name, 'live', '{}' from w returning id, workspace_id
    ), v as (
        insert into zip_version (workspace_id, zip_id, number, definition)
        select workspace_id, id, 1, cast(:definition as jsonb) from z returning id
    ), t as (
        insert into trigger (workspace_id, zip_id, kind, settings, token_hash, token_sealed, cursor)
        select workspace_id, id, 'webhook', '{}', sha256(uuid_send(id)), '', '{}' from z returning id
    )
    select z.workspace_id, z.id, v.id, t.id from z, v, t
    """
)

MAKE_RUNS = text(
    """
    with ids as materialized (select uuidv7() as event_id, uuidv7() as run_id from generate_series(1, :count)),
    e as (
        insert into event
            (id, workspace_id, zip_id, trigger_id, outcome, method, headers, body_size, run_id)
        select event_id, :workspace_id, :zip_id, :trigger_id, 'accepted', 'POST', :headers,
               length(cast(:body as bytea)), run_id
        from ids
    ), b as (
        insert into event_body (event_id, workspace_id, body) select event_id, :workspace_id, :body from ids
    )
    insert into zip_run (id, workspace_id, zip_id, version_id, event_id, root_run_id)
    select run_id, :workspace_id, :zip_id, :version_id, event_id, run_id from ids returning id
    """
)


def step(step_id: str, action: str, **more: Any) -> dict[str, Any]:
    """A step of a definition; `action` is "app.key"."""
    app, _, key = action.partition(".")
    return {"id": step_id, "app": app, "action": key, **more}


async def make_zip(database: Database, steps: Sequence[dict[str, Any]] = (), *, name: str = "Tested") -> StoredZip:
    """A live zip with these steps, in a workspace of its own."""
    definition = orjson.dumps({"steps": list(steps)}).decode()
    async with database.begin() as session:
        return StoredZip(*(await session.execute(MAKE_ZIP, {"name": name, "definition": definition})).one())


async def make_runs(
    database: Database,
    stored_zip: StoredZip,
    count: int = 1,
    *,
    body: bytes = b"{}",
    headers: bytes = b'[["Content-Type","application/json"]]',
) -> list[UUID]:
    """Queued runs of the zip, in the order of their ids; nobody has rung for them."""
    async with database.begin() as session:
        rows = await session.execute(
            MAKE_RUNS,
            {
                "count": count,
                "workspace_id": stored_zip.workspace_id,
                "zip_id": stored_zip.zip_id,
                "version_id": stored_zip.version_id,
                "trigger_id": stored_zip.trigger_id,
                "body": body,
                "headers": headers,
            },
        )
        return sorted(rows.scalars())


async def make_worker(database: Database) -> UUID:
    """A living worker's row."""
    async with database.begin() as session:
        made = await session.execute(
            text("insert into worker (host, pid, version) values ('test', 1, '0') returning id")
        )
        worker_id: UUID = made.scalar_one()
    return worker_id


async def one(database: Database, sql: str, **parameters: Any) -> Any:
    """The single row of a query."""
    async with database.begin() as session:
        return (await session.execute(text(sql), parameters)).one()


async def rows(database: Database, sql: str, **parameters: Any) -> list[Any]:
    """All rows of a query, as tuples."""
    async with database.begin() as session:
        return [tuple(row) for row in (await session.execute(text(sql), parameters)).all()]


async def execute(database: Database, sql: str, **parameters: Any) -> None:
    """A statement in a transaction of its own."""
    async with database.begin() as session:
        await session.execute(text(sql), parameters)


async def run_row(database: Database, run_id: UUID) -> Any:
    """The run as it is stored."""
    return await one(database, "select * from zip_run where id = :id", id=run_id)


async def messages(database: Database, topic: str) -> list[dict[str, Any]]:
    """Everything in the outbox for a topic, in order of writing."""
    found = await rows(database, "select body from zip_outbox where topic = :topic order by id", topic=topic)
    return [orjson.loads(body) for (body,) in found]
