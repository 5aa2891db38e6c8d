"""What a worker needs to know of runs it has claimed, read for a whole batch at once.

Every function takes ids and answers a dictionary by id; what does not exist is not in it. The ids come from claimed
runs and their versions, so that the workspace is given with them; connections name it all the same, for their ids
come from what an author wrote.

What may be large, bodies, outputs and inputs, comes with its size, and itself only within a `limit` of bytes: who asks
learns what it would be before it is in memory.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import text

from zipped.engine.outcome import AttemptStatus
from zipped.engine.run import Effect
from zipped.lines import Statements


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """What a run's trigger received, as it was stored."""

    method: str
    query: bytes
    headers: bytes
    body_size: int
    #: None: it is larger than was asked for.
    body: bytes | None


@dataclass(frozen=True, slots=True)
class StoredOutput:
    """What a finished step returned, as JSON."""

    size: int
    #: None: all of the run's together are larger than was asked for.
    value: bytes | None


@dataclass(frozen=True, slots=True)
class StoredDefinition:
    """A version's document."""

    document: Any
    #: Bytes of its text.
    size: int


@dataclass(frozen=True, slots=True)
class StoredAttempt:
    """An attempt that an earlier owner of the run left behind, at the step that is next."""

    step_id: str
    path: str
    attempt: int
    generation: int
    epoch: int
    effect: Effect
    status: AttemptStatus
    idempotency_key: str
    #: Bytes of what was sent; None where nothing was.
    input_size: int | None
    #: None, too, when it isn't the first of its generation, or larger than was asked for.
    input: bytes | None
    maybe_repeated: bool


@dataclass(frozen=True, slots=True)
class SealedConnection:
    """A connection with its secrets still sealed."""

    id: UUID
    workspace_id: UUID
    kind: str
    public: dict[str, Any]
    sealed: bytes
    hosts: tuple[str, ...]


VERSIONS = text(
    "select id, definition, octet_length(cast(definition as text)) as size from zip_version "
    "where id = any (cast(:ids as uuid[]))"
)

ZIP_NAMES = text("select id, name from zip where id = any (cast(:ids as uuid[]))")

EVENTS = text(
    """
    select e.id, e.method, e.query, e.headers, octet_length(b.body) as size,
           case when octet_length(b.body) <= coalesce(cast(:limit as int), octet_length(b.body)) then b.body end as body
    from event e left join event_body b on b.event_id = e.id and b.event_id = any (cast(:with_body as uuid[]))
    where e.id = any (cast(:ids as uuid[]))
    """
)

OUTPUTS = text(
    """
    select run_id, step_id, octet_length(output) as size,
           case when cast(:limit as int) is null
                  or sum(octet_length(output)) over (partition by run_id) <= cast(:limit as int)
                then output end as output
    from (
        select distinct on (run_id, step_id) run_id, step_id, output from step_attempt
        where run_id = any (cast(:ids as uuid[])) and path = '' and output is not null
          and (cast(:step_ids as text[]) is null or step_id = any (cast(:step_ids as text[])))
        order by run_id, step_id, attempt desc
    ) as latest
    """
)

# Of equal inputs one is enough: the first of a generation is what every later try sends again.
ATTEMPTS = text(
    """
    select a.run_id, a.step_id, a.path, a.attempt, a.generation, a.epoch, a.effect, a.status, a.idempotency_key,
           octet_length(a.input) as input_size,
           case when a.attempt = min(a.attempt) filter (where a.input is not null)
                over (partition by a.run_id, a.generation)
                 and octet_length(a.input) <= coalesce(cast(:limit as int), octet_length(a.input))
                then a.input end as input, a.maybe_repeated
    from unnest(cast(:run_ids as uuid[]), cast(:step_ids as text[])) as at(run_id, step_id)
    join step_attempt a on a.run_id = at.run_id and a.step_id = at.step_id and a.path = ''
    order by a.run_id, a.attempt
    """
)

CONNECTIONS = text(
    """
    select c.id, c.workspace_id, c.kind, c.public, c.sealed, c.hosts from connection c
    join unnest(cast(:workspace_ids as uuid[]), cast(:ids as uuid[])) as used(workspace_id, id)
      on c.id = used.id and c.workspace_id = used.workspace_id
    """
)


async def definitions(statements: Statements, version_ids: Collection[UUID]) -> dict[UUID, StoredDefinition]:
    """The documents of versions; they never change, so they may be kept."""
    rows = await statements.execute(VERSIONS, {"ids": list(version_ids)})
    return {row.id: StoredDefinition(row.definition, row.size) for row in rows}


async def zip_names(statements: Statements, zip_ids: Collection[UUID]) -> dict[UUID, str]:
    """What zips are called now."""
    rows = await statements.execute(ZIP_NAMES, {"ids": list(zip_ids)})
    return {row.id: row.name for row in rows}


async def events(
    statements: Statements, event_ids: Collection[UUID], *, with_body: Collection[UUID], limit: int | None
) -> dict[UUID, StoredEvent]:
    """What was received; the body is empty where retention has taken it, and for events not among `with_body`."""
    parameters = {"ids": list(event_ids), "with_body": list(with_body), "limit": limit}
    return {
        row.id: StoredEvent(row.method, row.query, row.headers, row.size or 0, row.body if row.size else b"")
        for row in await statements.execute(EVENTS, parameters)
    }


async def outputs(
    statements: Statements, run_ids: Collection[UUID], *, step_ids: Collection[str] | None, limit: int | None
) -> dict[UUID, dict[str, StoredOutput]]:
    """What finished steps of runs returned, by step id; of all steps when None are named.

    A step that failed and was passed says so there.
    """
    parameters = {"ids": list(run_ids), "step_ids": None if step_ids is None else list(step_ids), "limit": limit}
    found: dict[UUID, dict[str, StoredOutput]] = defaultdict(dict)
    for row in await statements.execute(OUTPUTS, parameters):
        found[row.run_id][row.step_id] = StoredOutput(row.size, row.output)
    return found


async def attempts(
    statements: Statements, places: Sequence[tuple[UUID, str]], *, limit: int | None
) -> dict[UUID, list[StoredAttempt]]:
    """The attempts of one step of each run, (run id, step id), in order; only a generation's first has its input."""
    parameters = {
        "run_ids": [run_id for run_id, _ in places],
        "step_ids": [step_id for _, step_id in places],
        "limit": limit,
    }
    found: dict[UUID, list[StoredAttempt]] = defaultdict(list)
    for row in await statements.execute(ATTEMPTS, parameters):
        found[row.run_id].append(StoredAttempt(*row[1:]))
    return found


async def connections(
    statements: Statements, used: Collection[tuple[UUID, UUID]]
) -> dict[tuple[UUID, UUID], SealedConnection]:
    """Connections by (workspace, id); one of another workspace is not found."""
    pairs = list(used)
    parameters = {"workspace_ids": [workspace for workspace, _ in pairs], "ids": [one for _, one in pairs]}
    return {
        (row.workspace_id, row.id): SealedConnection(
            row.id, row.workspace_id, row.kind, row.public, row.sealed, tuple(row.hosts)
        )
        for row in await statements.execute(CONNECTIONS, parameters)
    }
