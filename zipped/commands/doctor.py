"""`zipped doctor`: everything a start depends on, each with one line and, when it is wrong, what to do."""

import asyncio
import logging
import shutil
import sys
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import aiohttp
from aiokafka.admin import AIOKafkaAdminClient
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from zipped import migrations
from zipped.broker.client import address, within
from zipped.broker.topics import TOPICS
from zipped.commands.database_answer import require_answer
from zipped.crypto import SecretBox
from zipped.database_check import VERSION
from zipped.db import Database
from zipped.embedded.environment import DataFolder
from zipped.errors import ZippedError
from zipped.services import outbox, partitions, workers
from zipped.services.rows import seal_name
from zipped.settings import Settings

LEAST_DISK = 1 << 30  # bytes
CLOCK_TOLERANCE = 2.0  # seconds
OUTBOX_TOLERANCE = 60.0  # seconds a message may wait for the relay
CONNECT_TIMEOUT = 3.0  # seconds
BROKER_TIMEOUT = 5.0  # seconds

CLOCK = text("select clock_timestamp()")
SEALED = text("select workspace_id, id, token_sealed from trigger order by id desc limit 1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """The result of one check."""

    subject: str
    fine: bool
    told: str


def doctor(folder: DataFolder, environ: Mapping[str, str]) -> int:
    """Print every finding; 0 when all is fine, else 1."""
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # its reason is in the finding
    findings = asyncio.run(_examine(folder, environ))
    for finding in findings:
        print(f"{'ok   ' if finding.fine else 'WRONG'}  {finding.subject:<10} {finding.told}")
    return 0 if all(finding.fine for finding in findings) else 1


async def _examine(folder: DataFolder, environ: Mapping[str, str]) -> list[Finding]:
    findings = [_python(), _disk(folder)]
    try:
        settings = Settings.from_environ(environ)
    except ZippedError as error:
        return [*findings, Finding(subject="settings", fine=False, told=error.message)]
    findings.append(Finding(subject="settings", fine=True, told=f"for {settings.public_url}"))
    findings += [finding async for finding in _database(settings)]
    findings += [await _broker(settings), await _api(settings)]
    return findings


def _python() -> Finding:
    return Finding(subject="python", fine=sys.version_info >= (3, 11), told=sys.version.split()[0])


def _disk(folder: DataFolder) -> Finding:
    place = folder.path if folder.path.exists() else folder.path.parent
    free = shutil.disk_usage(place).free
    if free < LEAST_DISK:
        told = f"{free >> 20} MB free at {place}: the door refuses when the disk is full; make room"
        return Finding(subject="disk", fine=False, told=told)
    return Finding(subject="disk", fine=True, told=f"{free >> 30} GB free at {place}")


async def _database(settings: Settings) -> AsyncIterator[Finding]:
    """Everything asked of the database; stops at what makes the following meaningless."""
    try:
        await require_answer(settings.database_url)
    except ZippedError as error:
        yield Finding(subject="database", fine=False, told=error.message)
        return
    database = Database(settings.database_url, application_name="zipped doctor", pool_size=1)
    try:
        yield await _server(database)
        async with database.begin() as session:
            yield await _clock(session)
            tables = await _tables(session)
            yield tables
            if not tables.fine:
                return
            yield await _key(session, settings)
            yield await _outbox(session)
            yield await _workers(session)
            yield await _partitions(session)
        yield await _policies(database)
    finally:
        await database.dispose()


async def _server(database: Database) -> Finding:
    try:
        await database.check_version()
        async with database.begin() as session:
            release = await session.scalar(text("show server_version"))
        writable = await database.is_writable()
    except ZippedError as error:
        return Finding(subject="database", fine=False, told=error.message)
    told = "takes writes" if writable else "is read-only: ZIPPED_DATABASE_URL must name the primary"
    return Finding(subject="database", fine=writable, told=f"PostgreSQL {release} {told}")


async def _policies(database: Database) -> Finding:
    try:
        await database.check_second_wall()
    except ZippedError as error:
        return Finding(subject="policies", fine=False, told=error.message)
    return Finding(subject="policies", fine=True, told="zipped_api sees only the workspaces of its caller")


async def _clock(session: AsyncSession) -> Finding:
    theirs = await session.scalar(CLOCK)
    apart = abs((datetime.now(UTC) - theirs).total_seconds()) if theirs else 0.0
    told = f"{apart:.1f} s from the database's" + ("" if apart <= CLOCK_TOLERANCE else "; synchronise them (NTP)")
    return Finding(subject="clock", fine=apart <= CLOCK_TOLERANCE, told=told)


async def _tables(session: AsyncSession) -> Finding:
    there = await session.scalar(text("select to_regclass('alembic_version')"))
    found = await session.scalar(VERSION) if there else None
    wanted = migrations.head()
    fine = not migrations.is_behind(found)
    told = f"at {found}" if fine else f"at {found or 'nothing'}, this release needs {wanted}: run `zipped migrate`"
    return Finding(subject="tables", fine=fine, told=told)


async def _key(session: AsyncSession, settings: Settings) -> Finding:
    row = (await session.execute(SEALED)).one_or_none()
    if row is None:
        return Finding(subject="secret key", fine=True, told="nothing is sealed yet")
    try:
        SecretBox(settings.secret_key).open(row.token_sealed, aad=seal_name(row.workspace_id, row.id))
    except ZippedError as error:
        return Finding(subject="secret key", fine=False, told=error.message)
    return Finding(subject="secret key", fine=True, told="opens what is sealed")


async def _outbox(session: AsyncSession) -> Finding:
    age = await outbox.oldest_age(session)
    if age <= OUTBOX_TOLERANCE:
        return Finding(subject="outbox", fine=True, told="nothing waits long for the relay")
    told = f"the oldest message waits for {age:.0f} s: is the relay running, does the broker answer?"
    return Finding(subject="outbox", fine=False, told=told)


async def _workers(session: AsyncSession) -> Finding:
    number = len(await workers.alive(session))
    told = f"{number} running" if number else "none running: what is accepted waits until one is started"
    return Finding(subject="workers", fine=number > 0, told=told)


async def _partitions(session: AsyncSession) -> Finding:
    filled = await partitions.filled_defaults(session)
    told = f"rows lie in {', '.join(filled)}, for no partition was made for them: is a relay running?"
    return Finding(subject="partitions", fine=not filled, told=told if filled else "in place")


async def _broker(settings: Settings) -> Finding:
    try:
        where = address(settings)
        present = await within(BROKER_TIMEOUT, _topics(where), what=f"The broker at {where}")
    except ZippedError as error:
        told = f"{error.message} Webhooks are still accepted; their runs start late."
        return Finding(subject="broker", fine=False, told=told)
    if missing := [topic for topic in TOPICS if topic not in present]:
        told = f"{where} has no topic {' and '.join(missing)}; relay and worker make them when they start"
        return Finding(subject="broker", fine=False, told=told)
    return Finding(subject="broker", fine=True, told=f"answers at {where}, with our topics")


async def _topics(where: str) -> list[str]:
    client = AIOKafkaAdminClient(bootstrap_servers=where, request_timeout_ms=int(BROKER_TIMEOUT * 1000))
    try:
        await client.start()
        return list(await client.list_topics())
    finally:
        await client.close()


async def _api(settings: Settings) -> Finding:
    url = f"{settings.public_url}/readyz"
    try:
        limit = aiohttp.ClientTimeout(total=CONNECT_TIMEOUT)
        async with aiohttp.ClientSession(timeout=limit) as client, client.get(url) as answer:
            status = answer.status
    except (aiohttp.ClientError, OSError, TimeoutError):
        return Finding(subject="api", fine=False, told=f"{url} does not answer from here; is the api running?")
    told = f"{url} answers" if status == 200 else f"{url} answers {status}: see its body and the api's log"
    return Finding(subject="api", fine=status == 200, told=told)
