"""What has changed since a watcher's cursor: exactly once each, whatever order the transactions commit in.

A reading is one statement, which has one snapshot. It tells that snapshot, `now`, and the runs whose last write the
cursor's snapshot does not see; `now` is the next cursor. What commits meanwhile is in neither and comes next time. A
run that was written twice in between is found once, as it is now.

The runs come in the order of (`changed_xid`, id), which an index has for each kind of watching, so that a page costs
what it holds. Where a page is full the next one goes on from its place, up to the snapshot the first page saw: what
was written later waits for the reading after.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from hashlib import blake2b
from typing import Any, Final, Literal, NamedTuple
from uuid import UUID

from sqlalchemy import TextClause, text

from zipped.lines import Row, Statements
from zipped.services.run_cursor import DATABASE_BYTES, NOTHING, Cursor, Place, Snapshot

Kind = Literal["zip", "run", "workspace"]

MAX_AGE: Final = 7 * 24 * 3600 * 1000  # milliseconds; after that a list is read faster than what changed in it
START: Final = Place(0, UUID(int=0))


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

    #: Rows of `zip_run`.
    runs: list[Row]
    cursor: Cursor
    #: Whether nothing more had changed when this was read.
    complete: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """What one statement saw: which moment, and a page for each that was wanted, in their order."""

    now: Now
    pages: list[Page]


Unusable = Literal["other_database", "too_old"]


def unusable(cursor: Cursor, now: Now) -> Unusable | None:
    """Why nothing can be read from this cursor on; None when it can."""
    newest = cursor.until or cursor.since
    # One from the future is of a history that was rewound under the same name.
    if cursor.database != now.database or newest.xmax > now.snapshot.xmax:
        return "other_database"
    return "too_old" if now.at - cursor.at > MAX_AGE else None


async def read(statements: Statements, wanted: Sequence[tuple[Watched, Cursor | None]], *, limit: int) -> Reading:
    """For each what has changed since its cursor, or all of it without one; at most `limit` runs each.

    A page whose cursor was not usable, which `unusable` knows by `now`, means nothing.
    """
    kinds = frozenset(watched.kind for watched, _ in wanted)
    rows = list(await statements.execute(statement(kinds), parameters(wanted, limit=limit) if wanted else {}))
    now = _now(rows[0])
    found: list[list[Row]] = [[] for _ in wanted]
    for row in rows:
        if row.position is not None:
            found[row.position].append(row)
    pages = [_page(cursor, runs, now=now, limit=limit) for (_, cursor), runs in zip(wanted, found, strict=True)]
    return Reading(now, pages)


def _now(row: Any) -> Now:
    xmin, xmax, running = row.snapshot.split(":")
    return Now(
        database=blake2b(row.history.encode(), digest_size=DATABASE_BYTES).digest(),
        at=row.at,
        snapshot=Snapshot(int(xmin), int(xmax), frozenset(map(int, running.split(","))) if running else frozenset()),
    )


def _page(cursor: Cursor | None, runs: list[Row], *, now: Now, limit: int) -> Page:
    since = cursor.since if cursor else NOTHING
    until = (cursor.until if cursor else None) or now.snapshot
    if len(runs) == limit:
        place = Place(runs[-1].changed_xid, runs[-1].id)
        after = Cursor(database=now.database, at=now.at, since=since, until=until, place=place)
    elif until == now.snapshot:
        after = now.cursor
    else:
        after = Cursor(database=now.database, at=now.at, since=until)
    return Page(runs, after, complete=after.since == now.snapshot)


def parameters(wanted: Sequence[tuple[Watched, Cursor | None]], *, limit: int) -> dict[str, Any]:
    """The values of `statement`."""
    cursors = [cursor for _, cursor in wanted]
    places = [(cursor.place if cursor else None) or START for cursor in cursors]
    return {
        "kinds": [watched.kind for watched, _ in wanted],
        "ids": [watched.id for watched, _ in wanted],
        "workspace_ids": [watched.workspace_id for watched, _ in wanted],
        "since": [str(cursor.since if cursor else NOTHING) for cursor in cursors],
        "until": [str(cursor.until) if cursor and cursor.until else None for cursor in cursors],
        "xids": [str(place.xid) for place in places],
        "run_ids": [place.run_id for place in places],
        "limit": limit,
    }


# Which history of writes this is: a copy restored elsewhere has another system identifier or oid, and one rewound or
# promoted another timeline. Each may give a transaction id to two different transactions.
NOW: Final = """
    moment as materialized (
        select pg_current_snapshot() as snapshot,
               cast(extract(epoch from clock_timestamp()) * 1000 as bigint) as at,
               (select system_identifier from pg_control_system()) || ' '
               || substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8) || ' '
               || (select oid from pg_database where datname = current_database()) as history
    )
"""
# The workspace stands beside each id: what a caller was allowed to watch is what is read, even without policies; in a
# form that no index takes, so that the one which is meant is taken.
WANTED: Final = """
    wanted as materialized (
        select cast(n - 1 as int) as position, kind, id, workspace_id, cast(since as pg_snapshot) as since,
               coalesce(cast(until as pg_snapshot), (select snapshot from moment)) as until,
               cast(xid as xid8) as xid, run_id,
               array(select pg_snapshot_xip(cast(since as pg_snapshot))) as running,
               greatest(pg_snapshot_xmax(cast(since as pg_snapshot)), cast(xid as xid8)) as first_xid
        from unnest(
            cast(:kinds as text[]), cast(:ids as uuid[]), cast(:workspace_ids as uuid[]),
            cast(:since as text[]), cast(:until as text[]), cast(:xids as text[]), cast(:run_ids as uuid[])
        ) with ordinality as given(kind, id, workspace_id, since, until, xid, run_id, n)
    )
"""
MINE: Final = """
    zip_run.workspace_id is not distinct from wanted.workspace_id
    and zip_run.changed_xid < pg_snapshot_xmax(wanted.until)
    and pg_visible_in_snapshot(zip_run.changed_xid, wanted.until)
    and (zip_run.changed_xid, zip_run.id) > (wanted.xid, wanted.run_id)
"""
# What a snapshot does not see are the few transactions that ran then and all that came after. Asking the index for
# these two, rather than for everything from the oldest that ran (`changed_xid >= pg_snapshot_xmin(since) and not
# pg_visible_in_snapshot(changed_xid, since)`), keeps readings short while somebody leaves a transaction open.
# xid8 compares by leakproof functions, so that indexes serve under policies too.
RAN_THEN: Final = "zip_run.changed_xid = any (wanted.running)"
CAME_AFTER: Final = "zip_run.changed_xid >= wanted.first_xid"


def _list(kind: str, column_name: str) -> str:
    def part(unseen: str) -> str:
        return f"""
            select * from zip_run where zip_run.{column_name} = wanted.id and {unseen} and {MINE}
            order by zip_run.changed_xid, zip_run.id limit :limit
        """

    return f"""
        select r.*, wanted.position from wanted cross join lateral (
            ({part(RAN_THEN)}) union all ({part(CAME_AFTER)}) order by changed_xid, id limit :limit
        ) r
        where wanted.kind = '{kind}'
    """


PARTS: Final = {
    "zip": _list("zip", "zip_id"),
    "workspace": _list("workspace", "workspace_id"),
    "run": f"""
        select zip_run.*, wanted.position
        from wanted join zip_run on zip_run.id = wanted.id and ({RAN_THEN} or {CAME_AFTER}) and {MINE}
        where wanted.kind = 'run'
    """,
}


@cache
def statement(kinds: frozenset[Kind]) -> TextClause:
    """A reading of what is of these kinds; its first row is there though nothing has changed.

    For a `Database(by_index=True)`: a page is cut from the index that has its order. The planner, who can't know how
    little a cursor has not seen, would sometimes rather collect all runs of the zip and sort them.
    """
    told = "cast(moment.snapshot as text) as snapshot, moment.at, moment.history"
    if not kinds:
        nothing = "(select null::uuid as id, null::int as position) changed"
        return text(f"with {NOW} select changed.*, {told} from moment, {nothing}")
    parts = " union all ".join(f"({PARTS[kind]})" for kind in sorted(kinds))
    return text(
        f"""
        with {NOW}, {WANTED}, changed as ({parts})
        select changed.*, {told} from moment left join changed on true
        order by changed.position, changed.changed_xid, changed.id
        """
    )
