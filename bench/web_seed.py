"""What the pages are measured on: a workspace with a day of 100,000 runs and their events, and a zip of 200 steps."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from tests.live_zips import make_live
from zipped import ids
from zipped.db import Database
from zipped.embedded.first_start import EMAIL
from zipped.services import accounts, workspaces
from zipped.services.audit import Actor
from zipped.settings import Settings

RUNS = 100_000
PORTION = 10_000  # rows of one statement
LONG, LONG_STEPS = "Two hundred steps", 200
HEARD = "Heard by somebody"
BUSY = (
    "Stripe payment to invoice",
    "Support mail to the right person",
    "Wholesale form to CRM",
    "Low stock to purchase order",
    "Roast batch done: label and shelf",
    "New release: notes to the team",
)

# Runs of the last 24 hours, thinner in its middle; one in a hundred failed, one in two hundred was cancelled.
FILL = text(
    """
    with drawn as (
        select n, now() - interval '24 hours' * case when random() < 0.3 then random() else random() ^ 2 end as moment,
               1 + floor(random() * cardinality(cast(:zips as uuid[])))::int as zip, random() as luck,
               interval '1 second' * (0.05 + random() ^ 3 * 9) as took
        from generate_series(1, :rows) n
    ), made as (
        select *, overlay(gen_random_uuid()::text placing left(zipped_uuid_floor(moment)::text, 14) || '7'
                          from 1)::uuid as run_id,
               overlay(gen_random_uuid()::text placing left(zipped_uuid_floor(moment)::text, 14) || '7'
                       from 1)::uuid as event_id
        from drawn
    ), arrived as (
        insert into event (id, workspace_id, zip_id, trigger_id, outcome, method, headers, body_size, source_ip, run_id,
                           received_at)
        select event_id, :workspace, (cast(:zips as uuid[]))[zip], (cast(:triggers as uuid[]))[zip], 'accepted', 'POST',
               '[["content-type","application/json"]]', 120, '203.0.113.44', run_id, moment
        from made
    )
    insert into zip_run (id, workspace_id, zip_id, version_id, event_id, root_run_id, status, ended_by, error_code,
                         error_message, error_step_id, seq, created_at, queued_at, started_at, finished_at)
    select run_id, :workspace, (cast(:zips as uuid[]))[zip], (cast(:versions as uuid[]))[zip], event_id, run_id,
           case when luck < 0.01 then 'failed' when luck < 0.015 then 'cancelled' else 'succeeded' end,
           case when luck < 0.01 then 'error' when luck < 0.015 then 'cancel' when luck < 0.1 then 'filter'
                else 'end' end,
           case when luck < 0.01 then 'http_500' end,
           case when luck < 0.01 then 'The server answered 500 Internal Server Error.' end,
           case when luck < 0.01 then 'one' end,
           4, moment, moment, moment + interval '4 ms', moment + took
    from made
    """
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seeded:
    """What the browser is told."""

    email: str
    password: str
    #: The zip of 200 steps.
    long_id: str
    #: One of those that ran all day.
    busy_id: str
    #: The path of a webhook that nothing else uses.
    heard: str


async def seed(database: Database, settings: Settings, password: str) -> Seeded:
    """All of it in the workspace of the first account, which `zipped up` made with this password."""
    steps = {name: [_step("one", "Set fields")] for name in (*BUSY, HEARD)}
    steps[LONG] = [_step(f"step_{n}", f"Step number {n}") for n in range(1, LONG_STEPS + 1)]
    async with database.begin() as session:
        owner = await accounts.owner(session)
        assert owner is not None
        (workspace_id,) = await workspaces.memberships(session, owner.id)
        made = await make_live(session, settings, workspace_id, actor=Actor(user_id=owner.id), steps=steps)
    busy = [made[name] for name in BUSY]
    of = {
        "workspace": workspace_id,
        "zips": [zip.id for zip in busy],
        "versions": [zip.version_id for zip in busy],
        "triggers": [zip.trigger_id for zip in busy],
    }
    for _ in range(RUNS // PORTION):
        async with database.begin() as session:
            await session.execute(FILL, {**of, "rows": PORTION})
    async with database.begin() as session:
        await session.execute(text("analyze zip_run, event"))
    return Seeded(
        email=EMAIL,
        password=password,
        long_id=ids.encode("zip", made[LONG].id),
        busy_id=ids.encode("zip", busy[0].id),
        heard=made[HEARD].path,
    )


def _step(id: str, name: str) -> dict[str, Any]:
    fields = {"greeting": "Hello {{ trigger.body.name }}", "number": "{{ trigger.body.n }}"}
    return {"id": id, "app": "data", "action": "set_fields", "name": name, "input": {"fields": fields}}
