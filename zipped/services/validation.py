"""Everything that keeps a definition from being published, told at once: each problem with its path and its fix.

The engine says what it can without a catalogue; this adds whether actions exist, inputs fit them and connections are
there. A step is looked at even where another part of the definition can't be read at all. A step that is skipped is
not performed, so its input and its connection may be unfinished.
"""

import asyncio
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from zipped import ids
from zipped.catalog import Action, Catalog, validate_connection, validate_input
from zipped.engine.definition import MAX_PROBLEMS, MAX_STEPS, Definition, DefinitionError, is_step_id, parse, parse_step
from zipped.engine.definition import Step as StepDefinition
from zipped.engine.near import nearest
from zipped.engine.problem import Problem
from zipped.errors import InvalidId, NotFound, ValidationFailed
from zipped.models import Connection

#: The path to a step, and the step as it was written.
Step = tuple[tuple[str, ...], Mapping[str, Any]]


async def checked(session: AsyncSession, workspace_id: UUID, document: object, *, catalog: Catalog) -> Definition:
    """The definition, whose connections now can't go away before the transaction's end.

    Raises ValidationFailed with every problem.
    """
    kinds = await connection_kinds(session, workspace_id, connection_ids(document), lock=True)

    def check() -> Definition:
        if found := problems_in(document, catalog=catalog, kinds=kinds):
            raise ValidationFailed(found)
        return parse(document)

    return await asyncio.to_thread(check)  # a large definition takes a while


async def checked_step(
    session: AsyncSession, workspace_id: UUID, document: object, step_id: str, *, catalog: Catalog
) -> StepDefinition:
    """One step of a draft whose other steps may be unfinished, complete even where it is skipped.

    Raises NotFound when the draft has no such step, and ValidationFailed with every problem of it.
    """
    own = [(path, step) for path, step in _steps(document) if step.get("id") == step_id]
    if not own:
        raise NotFound(f"The draft has no step “{step_id[:100]}”.", path=("stepId",))
    kinds = await connection_kinds(session, workspace_id, connection_ids({"steps": [step for _, step in own]}))

    def check() -> StepDefinition:
        found = [
            problem
            for path, step in own
            for problem in _problems_of_step(path, {**step, "skip": False}, catalog=catalog, kinds=kinds)
        ]
        step = None
        try:
            step = parse_step(document, step_id)
        except DefinitionError as error:
            found = [*error.problems, *found]
        if found or step is None:
            raise ValidationFailed(list(dict.fromkeys(found))[:MAX_PROBLEMS])
        return step

    return await asyncio.to_thread(check)


def problems_in(document: object, *, catalog: Catalog, kinds: Mapping[UUID, str]) -> list[Problem]:
    """Every problem of a definition, given the kinds of the workspace's connections by id."""
    found: list[Problem] = []
    try:
        parse(document)
    except DefinitionError as error:
        found.extend(error.problems)
    places: dict[tuple[str, ...], int] = {}
    for path, step in _steps(document):
        places[path] = len(places)
        found.extend(_problems_of_step(path, step, catalog=catalog, kinds=kinds))
    found.sort(key=lambda problem: places.get(problem.path[:2], -1))  # in the order of the document
    return list(dict.fromkeys(found))[:MAX_PROBLEMS]


def secrets_in(document: object, *, catalog: Catalog, known: object = None) -> list[Problem]:
    """Literals written into secret fields: what must not even be stored in a draft.

    Steps that stand unchanged in `known`, which was looked through before, are left out: a draft is saved at every
    pause in typing. Both are storable JSON.
    """
    before = {orjson.dumps(step) for _, step in _steps(known)}
    return [
        problem
        for path, step in _steps(document)
        if (action := _action(step, catalog)) is not None and orjson.dumps(step) not in before
        for problem in _of_input(path, step, action)
        if problem.code == "secret_literal"
    ]


def connection_ids(document: object) -> set[UUID]:
    """The connections that a definition names, where what it names is an id of one."""
    found = set()
    for _, step in _steps(document):
        named = step.get("connection")
        if isinstance(named, str):
            try:
                found.add(ids.decode(named, "con"))
            except InvalidId:
                continue
    return found


async def connection_kinds(
    session: AsyncSession, workspace_id: UUID, wanted: Collection[UUID], *, lock: bool = False
) -> dict[UUID, str]:
    """The kinds of those of the wanted connections that this workspace has.

    `lock` keeps them from being deleted until the transaction ends.
    """
    if not wanted:
        return {}
    query = (
        select(Connection.id, Connection.kind)
        .where(Connection.workspace_id == workspace_id, Connection.id.in_(wanted))
        .order_by(Connection.id)
    )
    rows = await session.execute(query.with_for_update(read=True) if lock else query)
    return {row.id: row.kind for row in rows}


def _steps(document: object) -> Iterator[Step]:
    listed = document.get("steps") if isinstance(document, Mapping) else None
    if not isinstance(listed, list):
        return
    steps = listed[:MAX_STEPS]
    counts = Counter(step["id"] for step in steps if isinstance(step, Mapping) and is_step_id(step.get("id")))
    for index, step in enumerate(steps):
        if isinstance(step, Mapping):
            # As the engine names it: by its id where that is one and its own, else by its place from 0.
            own = step.get("id")
            yield ("steps", str(own) if is_step_id(own) and counts[own] == 1 else str(index)), step


def _action(step: Mapping[str, Any], catalog: Catalog) -> Action | None:
    app, key = step.get("app"), step.get("action")
    return catalog.action(app, key) if isinstance(app, str) and isinstance(key, str) else None


def _problems_of_step(
    path: tuple[str, ...], step: Mapping[str, Any], *, catalog: Catalog, kinds: Mapping[UUID, str]
) -> Iterator[Problem]:
    action = _action(step, catalog)
    if action is None:
        yield from _unknown_action(path, step, catalog)
        return
    if step.get("skip") is True:
        return  # it is not performed, so that it may be unfinished
    yield from _of_input(path, step, action)
    named = step.get("connection")
    if named is None:
        if problem := validate_connection(action, None):
            yield _within(path, problem)
    elif isinstance(named, str):
        yield from _of_connection(path, named, action, kinds)


def _of_input(path: tuple[str, ...], step: Mapping[str, Any], action: Action) -> Iterator[Problem]:
    input = step.get("input", {})
    if isinstance(input, Mapping):
        for problem in validate_input(action, input):
            yield _within((*path, "input"), problem)


def _of_connection(path: tuple[str, ...], named: str, action: Action, kinds: Mapping[UUID, str]) -> Iterator[Problem]:
    try:
        kind = kinds.get(ids.decode(named, "con"))
    except InvalidId as error:
        yield Problem(
            path=(*path, "connection"), code="invalid_id", message=error.message, fix="Choose a connection again."
        )
        return
    if kind is None:
        yield Problem(
            path=(*path, "connection"),
            code="unknown_connection",
            message=f"{action.title} uses a connection that isn't in this workspace.",
            fix="Choose a connection of this workspace, or make one.",
        )
    elif problem := validate_connection(action, kind):
        yield _within(path, problem)


def _unknown_action(path: tuple[str, ...], step: Mapping[str, Any], catalog: Catalog) -> Iterator[Problem]:
    app_key, key = step.get("app"), step.get("action")
    if not isinstance(app_key, str) or not isinstance(key, str) or not app_key or not key:
        return  # the engine has said that it is missing
    app = catalog.app(app_key)
    if app is None:
        apps = {one.key: one.title for one in catalog}
        yield Problem(
            path=(*path, "app"),
            code="unknown_app",
            message=f"There is no app called “{app_key[:100]}”.",
            fix=_choice(app_key, apps, "app"),
        )
    else:
        actions = {one.key: one.title for one in app.actions}
        yield Problem(
            path=(*path, "action"),
            code="unknown_action",
            message=f"{app.title} has no action called “{key[:100]}”.",
            fix=_choice(key, actions, "action"),
        )


def _choice(given: str, known: Mapping[str, str], noun: str) -> str:
    near = nearest(given, known)
    if near:
        return f"Did you mean “{near}” ({known[near]})?"
    return f"Choose one of: {', '.join(known)}." if known else f"Choose another {noun}."


def _within(path: tuple[str, ...], problem: Problem) -> Problem:
    return replace(problem, path=(*path, *problem.path))
