"""What the expressions of a step see when it is tried: an earlier event, results of earlier steps, or what is given.

    trigger     what the caller gives, else the event they name, else the newest one that is of use, else the example
                of the trigger's kind
    steps.<id>  what the caller gives, else what the last test of that step returned, else what it returned in the run
                that the event started

Only what the expressions look at is read.
"""

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal
from uuid import UUID

import orjson
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from zipped import ids
from zipped.catalog import Catalog
from zipped.engine import template
from zipped.engine.expression import Part
from zipped.engine.outcome import Json
from zipped.errors import NotFound, ValidationFailed
from zipped.models import Event, StepTest, Trigger, Zip
from zipped.services import events, pages

Source = Literal["given", "event", "example", "test", "run"]

#: Outcomes of the door whose events say what the next one will look like, and keep their whole body.
USEFUL: Final = ("accepted", "draft", "zip_off")
LOOKED_THROUGH: Final = 100  # newest events among which a useful one is looked for
LARGE: Final = 256 * 1024  # bytes of JSON that are parsed in a thread

NEWEST = text(
    f"""
    select id from (
        select id, outcome from event where zip_id = :zip_id and workspace_id = :workspace_id
        order by id desc limit {LOOKED_THROUGH}
    ) newest
    where outcome = any(:outcomes) order by id desc limit 1
    """
)

# A step that failed and was passed has its output too, as in a run.
RETURNED = """
    from step_attempt
    where run_id = :run_id and workspace_id = :workspace_id and path = '' and output is not null
      and step_id = any(:step_ids)
"""
OUTPUTS = text(f"select distinct on (step_id) step_id, output {RETURNED} order by step_id, attempt desc")
SIZE = text(f"select sum(octet_length(output)) {RETURNED}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What a caller hands in to be looked up, or names."""

    event_id: UUID | None = None
    #: What is found under `trigger`; None: nothing is given.
    trigger: object = None
    #: What is found under `steps`, by step id.
    steps: object = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """Where the values under one root came from."""

    #: "trigger" or "steps.<id>".
    root: str
    source: Source
    event_id: UUID | None = None
    run_id: UUID | None = None
    #: Of the output of a test.
    sha256: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Samples:
    """What is looked up, and where it came from."""

    scope: dict[str, Any] = field(repr=False)
    used: tuple[Sample, ...]


async def read(
    session: AsyncSession, zip: Zip, input: Json, *, before: Sequence[str], given: Given, catalog: Catalog
) -> Samples:
    """Everything that the expressions of `input` look at and that is there; `before` are the steps they may look at.

    Raises NotFound for an event that isn't this zip's, and ValidationFailed for one whose bytes were not kept, for
    both an event and a trigger, and for values that are no objects.
    """
    steps = _checked(given)
    roots = await asyncio.to_thread(_roots, input)
    heard = any(path[0] == "trigger" for path in roots)
    wanted = _wanted(roots, before)
    event = await _event(session, zip, given) if heard or wanted - steps.keys() or given.event_id else None
    scope: dict[str, Any] = {"trigger": {}, "steps": {}, "zip": {"id": ids.encode("zip", zip.id), "name": zip.name}}
    used: list[Sample] = []
    if heard:
        scope["trigger"], sample = await _trigger(session, zip, event, given, catalog)
        used.append(sample)
    stored = await _tested(session, zip, wanted - steps.keys())
    stored |= await _returned(session, zip, event, wanted - steps.keys() - stored.keys())
    outputs = await _parsed({step_id: output for step_id, (output, _) in stored.items()})
    for step_id in before:
        if step_id in wanted and step_id in steps:
            scope["steps"][step_id] = steps[step_id]
            used.append(Sample(root=f"steps.{step_id}", source="given"))
        elif step_id in outputs:
            scope["steps"][step_id] = outputs[step_id]
            used.append(stored[step_id][1])
    return Samples(scope=scope, used=tuple(used))


def steps_in(document: object) -> list[Mapping[str, Any]]:
    """A draft's steps in order, as far as they are any."""
    listed = document.get("steps") if isinstance(document, Mapping) else None
    return [step for step in listed or () if isinstance(step, Mapping)]


def step_ids(document: object) -> list[str]:
    """The ids of a draft's steps in order, as far as they have any."""
    found = [step.get("id") for step in steps_in(document)]
    return list(dict.fromkeys(one for one in found if isinstance(one, str)))


def _checked(given: Given) -> Mapping[str, Json]:
    if given.event_id is not None and given.trigger is not None:
        raise ValidationFailed.of(
            "There can be only one trigger: an event, or what you give.",
            path=("trigger",),
            code="not_allowed",
            fix="Leave eventId or trigger out.",
        )
    for name, value in (("trigger", given.trigger), ("steps", given.steps)):
        if value is not None and not isinstance(value, Mapping):
            raise ValidationFailed.of(
                f"{name} must be an object.",
                path=(name,),
                code="wrong_type",
                fix='Send {"body": {…}}.' if name == "trigger" else "Send outputs by the ids of their steps.",
            )
    return given.steps if isinstance(given.steps, Mapping) else {}


def _roots(input: Json) -> set[tuple[Part, ...]]:
    return {reference.path[:2] for reference in template.references(input)}


def _wanted(roots: Iterable[tuple[Part, ...]], before: Sequence[str]) -> set[str]:
    """The steps that are looked at; all when an expression takes `steps` as a whole."""
    named = [path for path in roots if path[0] == "steps"]
    if any(len(path) == 1 for path in named):
        return set(before)
    return {str(path[1]) for path in named} & set(before)


async def _event(session: AsyncSession, zip: Zip, given: Given) -> Event | None:
    """The event that the sample is taken from. Raises NotFound."""
    event_id = given.event_id
    if event_id is None and given.trigger is None:
        values = {"zip_id": zip.id, "workspace_id": zip.workspace_id, "outcomes": list(USEFUL)}
        event_id = await session.scalar(NEWEST, values)
    if event_id is None:
        return None
    event = (await events.by_ids(session, [zip.workspace_id], [event_id])).get(event_id)
    if event is None or event.zip_id != zip.id:
        raise NotFound("This zip has no event by this id.", path=("eventId",))
    return event


async def _trigger(
    session: AsyncSession, zip: Zip, event: Event | None, given: Given, catalog: Catalog
) -> tuple[Json, Sample]:
    if given.trigger is not None:
        return given.trigger, Sample(root="trigger", source="given")
    if event is not None:
        return await _heard(session, event), Sample(root="trigger", source="event", event_id=event.id)
    query = select(Trigger.kind).where(Trigger.workspace_id == zip.workspace_id, Trigger.zip_id == zip.id)
    kind = catalog.trigger(await session.scalar(query) or "")
    return (kind.sample if kind else {}), Sample(root="trigger", source="example")


async def _heard(session: AsyncSession, event: Event) -> dict[str, Any]:
    holder = events.holder(event)
    body = (await events.bodies(session, [event.workspace_id], [holder])).get(holder)
    if body is None or body.truncated:
        kept = "Only the first 4 KiB of this event are kept, for it was refused" if body else "Its bytes are not kept"
        raise ValidationFailed.of(f"{kept}.", path=("eventId",), code="not_kept", fix="Choose another event.")
    large = len(body.content) > LARGE
    return await asyncio.to_thread(events.sample, event, body) if large else events.sample(event, body)


async def _tested(session: AsyncSession, zip: Zip, wanted: Collection[str]) -> dict[str, tuple[bytes, Sample]]:
    if not wanted:
        return {}
    query = select(StepTest.step_id, StepTest.output, StepTest.output_sha256).where(
        StepTest.workspace_id == zip.workspace_id,
        StepTest.zip_id == zip.id,
        StepTest.step_id.in_(wanted),
        StepTest.output.is_not(None),
    )
    return {
        row.step_id: (
            bytes(row.output),
            Sample(root=f"steps.{row.step_id}", source="test", sha256=bytes(row.output_sha256).hex()),
        )
        for row in await session.execute(query)
    }


async def _returned(
    session: AsyncSession, zip: Zip, event: Event | None, wanted: Collection[str]
) -> dict[str, tuple[bytes, Sample]]:
    if not wanted or event is None or event.run_id is None:
        return {}
    values = {"run_id": event.run_id, "workspace_id": zip.workspace_id, "step_ids": list(wanted)}
    pages.refuse_too_much(await session.scalar(SIZE, values))
    return {
        row.step_id: (
            bytes(row.output),
            Sample(root=f"steps.{row.step_id}", source="run", event_id=event.id, run_id=event.run_id),
        )
        for row in await session.execute(OUTPUTS, values)
    }


async def _parsed(outputs: Mapping[str, bytes]) -> dict[str, Json]:
    def parse() -> dict[str, Json]:
        return {step_id: orjson.loads(output) for step_id, output in outputs.items()}

    large = sum(map(len, outputs.values())) > LARGE
    return await asyncio.to_thread(parse) if large else parse()
