"""What has changed since a watcher's cursor: exactly once each, whatever order the transactions commit in.

A reading is a transaction with one snapshot (REPEATABLE READ). It begins by asking for that snapshot, `now`; then it
finds the runs whose last write the cursor's snapshot does not see, and `now` is the next cursor. What commits
meanwhile is in neither and comes next time. A run that was written twice in between is found once, as it is now.

The runs come in the order of (`changed_xid`, id), which an index has for each kind of watching, so that a page costs
what it holds. Where a page is full the next one goes on from its place, up to the snapshot the first page saw: what
was written later waits for the reading after.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from typing import Any, Final, Literal, NamedTuple
from uuid import UUID

from sqlalchemy import Integer, TextClause, column, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from zipped.models import ZipRun
from zipped.services.run_cursor import DATABASE_BYTES, Cursor, Place, Snapshot

Kind = Literal["zip", "run", "workspace"]

MAX_AGE: Final = 7 * 24 * 3600 * 1000  # milliseconds; after that a list is read faster than what changed in it
START: Final = Place(0, UUID(int=0))

# Which history of writes this is: a copy restored elsewhere has another system identifier or oid, and one rewound or
# promoted another timeline. Each may give a transaction id to two different transactions.
NOW = text(
    """
    select cast(pg_current_snapshot() as text) as snapshot,
           cast(extract(epoch from clock_timestamp()) * 1000 as bigint) as at,
           (select system_identifier from pg_control_system()) || ' '
           || substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8) || ' '
           || (select oid from pg_database where datname = current_database()) as history,
           current_setting('transaction_isolation') as isolation,
           -- For this transaction: a page is cut from the index that has its order. The planner, who can't know how
           -- little a cursor has not seen, would sometimes rather collect all runs of the zip and sort them.
           set_config('enable_sort', 'off', true), set_config('enable_bitmapscan', 'off', true),
           set_config('enable_seqscan', 'off', true)
    """
)


class Watched(NamedTuple):
    """The runs of a zip or of a workspace, or one run."""

    kind: Kind
    id: UUID
    workspace_id: UUID


@dataclass(frozen=True)
class Now:
    """What a reading sees, and of which database."""

    database: bytes
    #: By the database's clock, in milliseconds since 1970.
    at: int
    snapshot: Snapshot

    @cached_property
    def cursor(self) -> Cursor:
        """For who has been told everything."""
        return Cursor(database=self.database, at=self.at, since=self.snapshot)


@dataclass(frozen=True, slots=True)
class Page:
    """Runs that changed, and the cursor for who has been told of them."""

    runs: list[ZipRun]
    cursor: Cursor
    #: Whether nothing more had changed when this was read.
    complete: bool


Unusable = Literal["other_database", "too_old"]


async def now(session: AsyncSession) -> Now:
    """What this transaction sees. It must have one snapshot: `begin_as(…, one_snapshot=True)`."""
    row = (await session.execute(NOW)).one()
    if row.isolation != "repeatable read":
        raise RuntimeError("What changed can only be read in a transaction with one snapshot.")
    xmin, xmax, running = row.snapshot.split(":")
    return Now(
        database=blake2b(row.history.encode(), digest_size=DATABASE_BYTES).digest(),
        at=row.at,
        snapshot=Snapshot(int(xmin), int(xmax), frozenset(map(int, running.split(","))) if running else frozenset()),
    )


def unusable(cursor: Cursor, now: Now) -> Unusable | None:
    """Why nothing can be read from this cursor on; None when it can."""
    newest = cursor.until or cursor.since
    # One from the future is of a history that was rewound under the same name.
    if cursor.database != now.database or newest.xmax > now.snapshot.xmax:
        return "other_database"
    return "too_old" if now.at - cursor.at > MAX_AGE else None


async def changes(
    session: AsyncSession, wanted: Sequence[tuple[Watched, Cursor]], *, now: Now, limit: int
) -> list[Page]:
    """For each what has changed since its cursor, at most `limit` runs; in the transaction that `now` is of.

    Every cursor must be usable.
    """
    found: list[list[ZipRun]] = [[] for _ in wanted]
    for kind in ("zip", "run", "workspace"):
        positions = [position for position, (watched, _) in enumerate(wanted) if watched.kind == kind]
        if positions:
            for run, position in await _read(session, kind, wanted, positions, now=now, limit=limit):
                found[position].append(run)
    return [_page(cursor, runs, now=now, limit=limit) for (_, cursor), runs in zip(wanted, found, strict=True)]


def _page(cursor: Cursor, runs: list[ZipRun], *, now: Now, limit: int) -> Page:
    until = cursor.until or now.snapshot
    if len(runs) == limit:
        place = Place(runs[-1].changed_xid, runs[-1].id)
        after = Cursor(database=now.database, at=now.at, since=cursor.since, until=until, place=place)
    elif until == now.snapshot:
        after = now.cursor
    else:
        after = Cursor(database=now.database, at=now.at, since=until)
    return Page(runs, after, complete=after.since == now.snapshot)


# The workspace stands beside each id: what a caller was allowed to watch is what is read, even without policies; in a
# form that no index takes, so that the one which is meant is taken.
WANTED = """
    with wanted as materialized (
        select position, id, workspace_id, cast(since as pg_snapshot) as since, cast(until as pg_snapshot) as until,
               cast(xid as xid8) as xid, run_id,
               array(select pg_snapshot_xip(cast(since as pg_snapshot))) as running,
               greatest(pg_snapshot_xmax(cast(since as pg_snapshot)), cast(xid as xid8)) as first_xid
        from unnest(
            cast(:positions as int[]), cast(:ids as uuid[]), cast(:workspace_ids as uuid[]),
            cast(:since as text[]), cast(:until as text[]), cast(:xids as text[]), cast(:run_ids as uuid[])
        ) as given(position, id, workspace_id, since, until, xid, run_id)
    )
"""
MINE = """
    zip_run.workspace_id is not distinct from wanted.workspace_id
    and zip_run.changed_xid < pg_snapshot_xmax(wanted.until)
    and pg_visible_in_snapshot(zip_run.changed_xid, wanted.until)
    and (zip_run.changed_xid, zip_run.id) > (wanted.xid, wanted.run_id)
"""
# What a snapshot does not see are the few transactions that ran then and all that came after. Asking the index for
# these two, rather than for everything from the oldest that ran (`changed_xid >= pg_snapshot_xmin(since) and not
# pg_visible_in_snapshot(changed_xid, since)`), keeps readings short while somebody leaves a transaction open.
# xid8 compares by leakproof functions, so that indexes serve under policies too.
RAN_THEN = "zip_run.changed_xid = any (wanted.running)"
CAME_AFTER = "zip_run.changed_xid >= wanted.first_xid"


def _list(column_name: str) -> TextClause:
    def part(unseen: str) -> str:
        return f"""
            select * from zip_run where zip_run.{column_name} = wanted.id and {unseen} and {MINE}
            order by zip_run.changed_xid, zip_run.id limit :limit
        """

    return text(
        f"""
        {WANTED}
        select r.*, wanted.position from wanted cross join lateral (
            ({part(RAN_THEN)}) union all ({part(CAME_AFTER)}) order by changed_xid, id limit :limit
        ) r
        order by wanted.position, r.changed_xid, r.id
        """
    )


ONE = text(
    f"""
    {WANTED}
    select zip_run.*, wanted.position
    from wanted join zip_run on zip_run.id = wanted.id and ({RAN_THEN} or {CAME_AFTER}) and {MINE}
    """
)

STATEMENTS: Final = {"zip": _list("zip_id"), "workspace": _list("workspace_id"), "run": ONE}


async def _read(
    session: AsyncSession,
    kind: str,
    wanted: Sequence[tuple[Watched, Cursor]],
    positions: list[int],
    *,
    now: Now,
    limit: int,
) -> list[tuple[ZipRun, int]]:
    chosen = [wanted[position] for position in positions]
    places = [cursor.place or START for _, cursor in chosen]
    values: dict[str, Any] = {
        "positions": positions,
        "ids": [watched.id for watched, _ in chosen],
        "workspace_ids": [watched.workspace_id for watched, _ in chosen],
        "since": [str(cursor.since) for _, cursor in chosen],
        "until": [str(cursor.until or now.snapshot) for _, cursor in chosen],
        "xids": [str(place.xid) for place in places],
        "run_ids": [place.run_id for place in places],
    }
    if kind != "run":
        values["limit"] = limit
    query = select(ZipRun, column("position", Integer)).from_statement(STATEMENTS[kind])
    return [(run, position) for run, position in (await session.execute(query, values)).all()]
