"""Performs a step of the real catalogue the way the worker does."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import connectors
from zipped.catalog import OpenConnection, Outcome, Outside
from zipped.engine.decision import Execute
from zipped.engine.definition import Step, StepSettings
from zipped.steps.perform import Prepared, Surroundings, perform, prepare

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
KEY = "MFRGGZDFMZTWQ2LKNNWG23TPOBYXE43U"


async def performed(
    http: Outside,
    app: str,
    action: str,
    input: Mapping[str, Any],
    *,
    connection: OpenConnection | None = None,
    defaults: Mapping[str, OpenConnection] | None = None,
    scope: Mapping[str, Any] | None = None,
    timeout: float = 5.0,
    depth: int = 0,
) -> Outcome:
    """The outcome of one attempt."""
    step = Step(id="step", app=app, action=action, input=input, settings=StepSettings(timeout=timeout))
    execute = Execute(step, "", 1, 0, KEY)
    prepared = prepare(execute, scope or {}, catalog=connectors.load(), connection=connection, defaults=defaults)
    if not isinstance(prepared, Prepared):
        return prepared.outcome
    surroundings = Surroundings(run_id="run_1", zip_id="zip_1", workspace_id="wsp_1", depth=depth)
    return await perform(prepared, execute, surroundings, http=http, now=NOW)


def opened(kind: str, fields: Mapping[str, Any], *hosts: str) -> OpenConnection:
    """A connection of a kind of the real catalogue."""
    declared = connectors.load().connection_kind(kind)
    assert declared is not None
    return declared.open(fields, id="con_1", hosts=hosts)
