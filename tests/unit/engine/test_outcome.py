from datetime import UTC, datetime, timedelta

import pytest

from zipped.engine.outcome import (
    MAX_DELAY,
    Delayed,
    Failed,
    Filtered,
    Outcome,
    Stopped,
    Succeeded,
    Unknown,
    attempt_status,
    output_of,
)

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("outcome", "status", "output"),
    [
        (Succeeded({"a": 1}), "succeeded", {"a": 1}),
        (Delayed(seconds=5, output={"b": 2}), "succeeded", {"b": 2}),
        (Filtered("Amount 4 is below 10", output=[3]), "succeeded", [3]),
        (Stopped("failed", "enough", output="x"), "succeeded", "x"),
        (
            Failed("http_503", "The server is away.", retryable=True, detail={"status": 503}),
            "failed",
            {"error": {"code": "http_503", "message": "The server is away.", "detail": {"status": 503}}},
        ),
        (
            Unknown("No answer came."),
            "unknown",
            {"error": {"code": "unknown_outcome", "message": "No answer came.", "detail": None}},
        ),
    ],
)
def test_what_the_attempt_row_says_and_later_steps_see(outcome: Outcome, status: str, output: object) -> None:
    assert (attempt_status(outcome), output_of(outcome)) == (status, output)


def test_a_delay_ends_at_a_time_or_after_seconds() -> None:
    assert Delayed(until=NOW).ends_at(NOW + timedelta(days=1)) == NOW
    assert Delayed(seconds=90).ends_at(NOW) == NOW + timedelta(seconds=90)
    assert Delayed(seconds=-5).ends_at(NOW) == NOW
    assert Delayed(seconds=MAX_DELAY).ends_at(NOW) == NOW + timedelta(days=3660)


@pytest.mark.parametrize(
    ("until", "seconds", "message"),
    [
        (None, None, "a delay ends either at a time or after some seconds"),
        (NOW, 1.0, "a delay ends either at a time or after some seconds"),
        (NOW.replace(tzinfo=None), None, "the time a delay ends at needs a time zone"),
        (None, float("nan"), "a delay takes at most 316224000 seconds"),
        (None, float("inf"), "a delay takes at most 316224000 seconds"),
    ],
)
def test_a_delay_that_ends_at_no_time_is_refused(until: datetime | None, seconds: float | None, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Delayed(until=until, seconds=seconds)
