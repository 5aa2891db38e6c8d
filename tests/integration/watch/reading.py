"""A watcher at the level of the service: reads from its cursor on, and remembers what it was told."""

from dataclasses import dataclass, field, replace
from uuid import UUID

from sqlalchemy import text

from tests.integration.stored import StoredZip
from zipped.db import Database
from zipped.services import run_updates
from zipped.services.run_cursor import Cursor
from zipped.services.run_updates import Kind, Now, Page, Watched

WRITE = text(
    """
    update zip_run set seq = seq + 1, status = :status, changed_xid = pg_current_xact_id()
    where id = any(cast(:ids as uuid[]))
    """
)


def watched(stored: StoredZip, kind: Kind = "zip", run_id: UUID | None = None) -> Watched:
    """The zip, its workspace, or a run of it."""
    id = {"zip": stored.zip_id, "workspace": stored.workspace_id, "run": run_id}[kind]
    assert id is not None
    return Watched(kind, id, stored.workspace_id)


async def moment(database: Database) -> Now:
    """The database as it is."""
    async with database.begin_as([], read_only=True) as session:
        return (await run_updates.read(session, [], limit=1)).now


async def changed(database: Database, subject: Watched, cursor: Cursor, *, limit: int = 1000) -> Page:
    """One reading."""
    async with database.begin_as([subject.workspace_id], read_only=True) as session:
        [page] = (await run_updates.read(session, [(subject, cursor)], limit=limit)).pages
        return page


async def write(database: Database, *ids: UUID, status: str = "running") -> None:
    """One write of each of these runs, in one transaction."""
    async with database.begin() as session:
        await session.execute(WRITE, {"ids": list(ids), "status": status})


@dataclass
class Reader:
    """Follows from a cursor, in pages of any size."""

    database: Database
    subject: Watched
    cursor: Cursor
    limit: int = 1000
    #: (run, seq) in the order they were told.
    told: list[tuple[UUID, int]] = field(default_factory=list)

    async def read(self) -> Page:
        """One page."""
        page = await changed(self.database, self.subject, self.cursor, limit=self.limit)
        self.told += [(run.id, run.seq) for run in page.runs]
        self.cursor = page.cursor
        return page

    async def read_all(self) -> None:
        """Until nothing more has changed."""
        while not (await self.read()).complete:
            pass

    def latest(self) -> dict[UUID, int]:
        """The last state told of each run."""
        return dict(self.told)

    def aged(self, milliseconds: int) -> Cursor:
        """The cursor as if it had been made earlier."""
        return replace(self.cursor, at=self.cursor.at - milliseconds)


async def reader(database: Database, subject: Watched, *, limit: int = 1000) -> Reader:
    """One that begins now."""
    return Reader(database, subject, (await moment(database)).cursor, limit)
