"""What the history says against the sender's own list: lost, finished twice, stuck, steps missing, wrong keys."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import text

from tests.chaos.receiver import Receiver
from tests.chaos.sender import Delivery
from tests.chaos.zips import CALL
from zipped import ids
from zipped.db import Database
from zipped.engine import path

POLL = 0.5  # seconds
SHOWN = 20  # ids of each kind of failure

UNFINISHED = text(
    """
    select (select count(*) from zip_run where finished_at is null)
         + (select count(*) from zip_outbox where published_at is null)
    """
)
RUNS = text("select id, status from zip_run")
KEYS_TWICE = text(
    "select dedupe_key from event where outcome = 'accepted' group by trigger_id, dedupe_key having count(*) > 1"
)
# The news that a run has finished is written by the very write that finishes it.
FINISHED_TWICE = text(
    """
    select key from zip_outbox
    where topic = 'zip-result' and convert_from(body, 'UTF8')::jsonb ->> 'type' = 'run.finished'
    group by key having count(*) > 1
    """
)
STEPS_MISSING = text(
    """
    select r.id, s.step ->> 'id' as step_id
    from zip_run r join zip_version v on v.id = r.version_id
    cross join lateral json_array_elements(v.definition -> 'steps') s(step)
    where r.status = 'succeeded' and 1 <> (
        select count(*) from step_attempt a
        where a.run_id = r.id and a.step_id = s.step ->> 'id' and a.status = 'succeeded')
    """
)
UNPUBLISHED = text("select key from zip_outbox where published_at is null")


@dataclass(slots=True)
class Verdict:
    """Ids by kind of broken promise; all empty, or it failed."""

    lost: list[str] = field(default_factory=list)
    accepted_twice: list[str] = field(default_factory=list)
    finished_twice: list[str] = field(default_factory=list)
    stuck: list[str] = field(default_factory=list)
    steps_missing: list[str] = field(default_factory=list)
    wrong_keys: list[str] = field(default_factory=list)
    unpublished: list[str] = field(default_factory=list)
    strange_answers: list[str] = field(default_factory=list)

    @property
    def kept(self) -> bool:
        """Whether the promise was kept."""
        return not any(self.broken().values())

    def broken(self) -> dict[str, list[str]]:
        """All kinds, with what was found of each."""
        return {name.replace("_", " "): getattr(self, name) for name in self.__slots__}


async def settle(database: Database, *, seconds: float) -> None:
    """Wait until every run has finished and every message is published, `seconds` at most."""
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while loop.time() < end:
        async with database.begin() as session:
            if not await session.scalar(UNFINISHED):
                return
        await asyncio.sleep(POLL)


async def judge(database: Database, deliveries: Sequence[Delivery], receiver: Receiver) -> Verdict:
    """Compare; nothing may be under way any more."""
    verdict = Verdict()
    async with database.begin() as session:
        statuses = {ids.encode("run", row.id): row.status for row in await session.execute(RUNS)}
        verdict.accepted_twice = [str(key) for key in await session.scalars(KEYS_TWICE)]
        verdict.finished_twice = list(await session.scalars(FINISHED_TWICE))
        missing = await session.execute(STEPS_MISSING)
        verdict.steps_missing = [f"{ids.encode('run', row.id)} {row.step_id}" for row in missing]
        verdict.unpublished = list(await session.scalars(UNPUBLISHED))
    for delivery in deliveries:
        told = set(delivery.run_ids)
        if len(told) != 1:
            verdict.accepted_twice.append(f"{delivery.key} {sorted(told)}")
        verdict.lost += [run_id for run_id in told if statuses.get(run_id) in (None, "failed", "cancelled", "dead")]
    verdict.stuck = [run_id for run_id, status in statuses.items() if status in ("queued", "running", "waiting")]
    done = {run_id for run_id, status in statuses.items() if status == "succeeded"}
    expected = {_key(run_id): run_id for run_id in statuses}
    verdict.wrong_keys = [
        *(f"{key} is no key of a run" for key in receiver.requests.keys() - expected.keys()),
        *(
            f"{run_id} never arrived"
            for key, run_id in expected.items()
            if run_id in done and key not in receiver.requests
        ),
        *(f"{key} came with {len(bodies)} bodies" for key, bodies in receiver.bodies.items() if len(bodies) > 1),
        *(["requests without a key"] * min(receiver.keyless, 1)),
    ]
    return verdict


def _key(run_id: str) -> str:
    root: UUID = ids.decode(run_id, "run")
    return path.idempotency_key(root, CALL, path.TOP, 0)
