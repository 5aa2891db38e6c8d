"""Trying a connection against the real other side, and noting what that showed."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final
from uuid import UUID

from sqlalchemy import func
from sqlalchemy.ext.asyncio import AsyncSession

from zipped.catalog import Catalog, ConnectionTest, Outside
from zipped.crypto import SecretBox
from zipped.engine.document import cleaned
from zipped.errors import Conflict
from zipped.faults import facts
from zipped.logs import get_logger
from zipped.masking import Redactor
from zipped.models import Connection
from zipped.services import audit, connections
from zipped.services.audit import Actor
from zipped.services.sealed_connections import kind_of, opened

log = get_logger(__name__)

TIMEOUT: Final = 20.0  # seconds
MAX_MESSAGE: Final = 1000  # characters


def prepare(row: Connection, *, box: SecretBox, catalog: Catalog) -> Callable[[Outside], Awaitable[ConnectionTest]]:
    """The test of a connection, to be called without an open transaction. It never raises and ends after 20 s.

    Raises Conflict for a kind that can't be tried, and for a secret that can't be opened.
    """
    test = kind_of(row, catalog).test
    if test is None:
        raise Conflict("Connections of this kind can't be tried.", path=("connectionId",))
    connection = opened(row, box=box, catalog=catalog)

    async def run(outside: Outside) -> ConnectionTest:
        try:
            async with asyncio.timeout(TIMEOUT):
                shown = await test(outside, connection)
        except TimeoutError:
            return ConnectionTest(ok=False, message=f"There was no answer within {TIMEOUT:g} seconds.")
        except Exception as error:  # a connector's mistake must not become the caller's
            log.error("connection.test_failed", connection_id=connection.id, kind=connection.kind, **facts(error))
            return ConnectionTest(ok=False, message="The test itself failed; the log says why.")
        # The other side may have echoed what it was sent.
        return ConnectionTest(ok=shown.ok, message=Redactor(connection.secrets).text(shown.message))

    return run


async def record(
    session: AsyncSession,
    workspace_id: UUID,
    connection_id: UUID,
    *,
    actor: Actor,
    revision: int,
    shown: ConnectionTest,
) -> Connection:
    """Note what a test of this revision showed; if the connection was changed meanwhile, nothing is noted."""
    row = await connections.locked(session, workspace_id, connection_id)
    if row.revision != revision:
        return row
    await audit.record(
        session,
        actor,
        "testConnection",
        workspace_id=workspace_id,
        subject_id=connection_id,
        detail={"ok": shown.ok},
    )
    message = cleaned(shown.message)[:MAX_MESSAGE]
    return await connections.write(session, row, tested_at=func.now(), test_ok=shown.ok, test_message=message)
