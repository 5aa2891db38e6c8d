"""The actions that touch nothing outside."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

import connectors
from zipped.catalog import ActionContext, Delayed, Failed, Filtered, Outcome, Stopped, Succeeded, validate_resolved

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
CATALOG = connectors.load()


class Nothing:
    """Fails whoever goes outside."""

    async def request(self, *args: object, **kwargs: object) -> Any:
        raise AssertionError("went outside")

    async def connect(self, *args: object, **kwargs: object) -> Any:
        raise AssertionError("went outside")


async def _run(app: str, key: str, input: dict[str, Any]) -> Outcome:
    action = CATALOG.action(app, key)
    assert action is not None
    context = ActionContext(
        http=Nothing(),
        connection=None,
        idempotency_key="KEY",
        run_id="run_1",
        zip_id="zip_1",
        workspace_id="wsp_1",
        step_id="step",
        depth=0,
        attempt=1,
        now=NOW,
        timeout=30.0,
        output_limit=1_048_576,
    )
    outcome = validate_resolved(action, input) or await action.run(context, input)
    assert isinstance(outcome, Outcome)
    return outcome


async def test_set_fields_gives_its_fields() -> None:
    fields = {"name": "Ada", "list": [1, {"a": None}]}
    assert await _run("data", "set_fields", {"fields": fields}) == Succeeded(fields)


async def test_stop_ends_the_run_as_its_author_says() -> None:
    assert await _run("flow", "stop", {}) == Stopped("succeeded", "", {"status": "succeeded", "message": ""})
    assert await _run("flow", "stop", {"status": "failed", "message": "No."}) == Stopped(
        "failed", "No.", {"status": "failed", "message": "No."}
    )


@pytest.mark.parametrize(
    ("input", "seconds"),
    [
        ({"amount": 0}, 0),
        ({"amount": 1.5}, 1.5),
        ({"amount": 90, "unit": "minutes"}, 5400),
        ({"amount": 2, "unit": "hours"}, 7200),
        ({"amount": 366, "unit": "days"}, 366 * 86400),
        ({"until": "2026-11-22T12:00:30Z"}, 30),
        ({"until": " 2026-11-22T14:00:00+01:00 "}, 3600),
        ({"until": "2020-01-01T00:00:00Z"}, None),
    ],
)
async def test_delay_goes_on_after_some_time_or_at_one(input: dict[str, Any], seconds: float | None) -> None:
    outcome = await _run("flow", "delay", input)
    end = datetime(2020, 1, 1, tzinfo=UTC) if seconds is None else NOW + timedelta(seconds=seconds)
    assert outcome == Delayed(until=end, output={"until": end.isoformat().replace("+00:00", "Z")})


@pytest.mark.parametrize(
    ("input", "told"),
    [
        ({}, "Neither “Wait for” nor “Or until” is filled in."),
        ({"until": ""}, "Nothing says how long to wait"),
        ({"amount": 1, "until": "2026-11-22T12:00:30Z"}, "Say either"),
        ({"amount": 367, "unit": "days"}, "longer than 366 days"),
        ({"amount": 9_000, "unit": "hours"}, "longer than 366 days"),
        ({"until": "2027-11-24T12:00:00Z"}, "longer than 366 days"),
        ({"until": "tomorrow"}, "with its zone"),
        ({"until": "2026-12-24T18:00:00"}, "with its zone"),
        ({"until": "2026-12-24"}, "with its zone"),
        ({"until": "9999-12-31T23:59:59-12:00"}, "with its zone"),
        ({"amount": -1}, "at least 0"),
        ({"amount": "5"}, "must be a number"),
        ({"amount": 1e308, "unit": "days"}, "at most 31622400"),
    ],
)
async def test_delay_refuses_what_makes_no_sense(input: dict[str, Any], told: str) -> None:
    outcome = await _run("flow", "delay", input)
    assert isinstance(outcome, Failed)
    assert (outcome.code, outcome.retryable) == ("bad_input", False)
    assert told in outcome.message


async def test_filter_lets_pass_or_says_why_not() -> None:
    conditions = [{"left": 4, "op": "at_least", "right": 10, "label": "Amount"}, {"left": "x", "op": "exists"}]
    assert await _run("flow", "filter", {"conditions": conditions}) == Filtered(
        "Amount 4 is below 10", {"matched": False, "reason": "Amount 4 is below 10"}
    )
    assert await _run("flow", "filter", {"conditions": conditions, "match": "any"}) == Succeeded(
        {"matched": True, "reason": ""}
    )


@pytest.mark.parametrize("conditions", [[], [{"left": 1}], [{"left": 1, "op": "like"}], "x"])
async def test_filter_refuses_conditions_it_does_not_know(conditions: Any) -> None:
    outcome = await _run("flow", "filter", {"conditions": conditions})
    assert isinstance(outcome, Failed)
    assert outcome.code == "bad_input"
