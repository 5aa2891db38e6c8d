"""Runs and definitions as the tests of the rules need them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from zipped.engine import run as rules
from zipped.engine.definition import Definition, Step, StepSettings
from zipped.engine.outcome import Failed
from zipped.engine.run import Run

ID = UUID("01999999-0000-7000-8000-000000000001")
NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
#: May go better another time.
AWAY = Failed("http_503", "The server is away.", retryable=True)
#: Will not.
NO = Failed("http_404", "It is not there.")


def step(step_id: str, *, skip: bool = False, **settings: Any) -> Step:
    """A step with these settings."""
    return Step(id=step_id, app="http", action="request", skip=skip, settings=StepSettings(**settings))


def running(**changes: Any) -> Run:
    """A run that was claimed at NOW, for the first time."""
    return replace(rules.claim(Run(id=ID, root_id=ID), now=NOW), **changes)


def after(seconds: float) -> datetime:
    """So long after NOW."""
    return NOW + timedelta(seconds=seconds)


def record(run: Run, definition: Definition, outcome: Any, *, now: datetime = NOW, jitter: float = 0.5) -> Run:
    """`rules.record` at NOW, in the middle of the jitter."""
    return rules.record(run, definition, outcome, now=now, jitter=jitter)


TWO = Definition((step("first"), step("second")))
ONE = Definition((step("only"),))
