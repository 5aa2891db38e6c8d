"""Delay: go on after some time, or at a given one. Nothing is held meanwhile: the run is parked."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from zipped.catalog import Action, ActionContext, Delayed, Effect, Failed, Outcome

LONGEST = timedelta(days=366)

_UNITS = {"seconds": 1, "minutes": 60, "hours": 3600, "days": 86400}


async def run(context: ActionContext, input: Mapping[str, Any]) -> Outcome:
    """When the run goes on; a time in the past goes on at once."""
    amount, until = input.get("amount"), input.get("until")
    if amount is None and not until:
        return _bad("Nothing says how long to wait (amount), or until when (until): fill in one of them.")
    if amount is not None and until:
        return _bad("Say either how long to wait (amount) or until when (until), not both.")
    if amount is not None:
        seconds = amount * _UNITS[input.get("unit", "seconds")]
        if seconds > LONGEST.total_seconds():
            return _bad(f"A run can't wait longer than {LONGEST.days} days.")
        end = context.now + timedelta(seconds=seconds)
    else:
        read = _read(str(until))
        if read is None:
            return _bad("“until” must be a date and time with its zone, like 2026-12-24T18:00:00+01:00.")
        if read - context.now > LONGEST:
            return _bad(f"A run can't wait longer than {LONGEST.days} days.")
        end = read
    return Delayed(until=end, output={"until": end.astimezone(UTC).isoformat().replace("+00:00", "Z")})


def _read(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text.strip())
        return None if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _bad(message: str) -> Failed:
    return Failed(code="bad_input", message=message)


ACTION = Action(
    app="flow",
    key="delay",
    title="Delay",
    description="Wait some time, or until a given one, then go on. At most a year.",
    input={
        "type": "object",
        "properties": {
            "amount": {
                "type": "number",
                "title": "Wait for",
                "minimum": 0,
                "maximum": 31_622_400,
                "x-zipped": {"order": 1, "widget": "number"},
            },
            "unit": {
                "type": "string",
                "title": "Unit",
                "enum": list(_UNITS),
                "default": "seconds",
                "x-zipped": {"order": 2, "widget": "select"},
            },
            "until": {
                "type": "string",
                "title": "Or until",
                "description": "Date and time with its zone; used instead of an amount.",
                "maxLength": 100,
                "x-zipped": {"order": 3, "widget": "datetime", "placeholder": "2026-12-24T18:00:00+01:00"},
            },
        },
        "anyOf": [{"required": ["amount"]}, {"required": ["until"]}],
        "additionalProperties": False,
    },
    output={"type": "object", "properties": {"until": {"type": "string", "description": "When the run went on."}}},
    sample={"until": "2026-12-24T17:00:00Z"},
    effect=Effect.PURE,
    run=run,
    may_suspend=True,
)
