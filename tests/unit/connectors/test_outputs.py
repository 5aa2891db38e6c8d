"""What an action returns is made fit to be stored."""

from datetime import UTC, datetime
from typing import Any

import pytest

from zipped.engine.outcome import Delayed, Failed, Filtered, Outcome, Stopped, Succeeded, Unknown
from zipped.masking import Redactor
from zipped.steps.outputs import MAX_DEPTH, OutputRefused, fit, fit_outcome

NONE = Redactor()


@pytest.mark.parametrize(
    ("value", "stored"),
    [
        (None, None),
        ({"a": [1, 2.5, "x", True, None]}, {"a": [1, 2.5, "x", True, None]}),
        (float("nan"), None),
        ([float("inf"), -float("inf")], [None, None]),
        (("a", ("b",)), ["a", ["b"]]),
        ("a\0b", "a\ufffdb"),
        ({"k\0": "v"}, {"k\ufffd": "v"}),
        ("\ud800x", "\ufffdx"),
        ({"\udfff": 1}, {"\ufffd": 1}),
        ("\\u0000", "\\u0000"),
        (2**64 - 1, 2**64 - 1),
        (2**64, 1.8446744073709552e19),
        ({1: "a"}, {"1": "a"}),
        ("🙂 ä", "🙂 ä"),
    ],
)
def test_values_become_plain_json(value: Any, stored: Any) -> None:
    assert fit(value, redactor=NONE, limit=1000) == stored


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ({"a": object()}, "bad_output"),
        (b"bytes", "bad_output"),
        (datetime(2026, 11, 22, tzinfo=UTC), "bad_output"),
        ("x" * 999, "output_too_large"),
    ],
)
def test_what_is_no_json_or_too_large_is_refused(value: Any, code: str) -> None:
    with pytest.raises(OutputRefused) as refused:
        fit(value, redactor=NONE, limit=1000)
    assert refused.value.code == code


@pytest.mark.parametrize(("levels", "kept"), [(MAX_DEPTH, True), (MAX_DEPTH + 1, False), (5000, False)])
@pytest.mark.parametrize("leaf", ["x", "\0", '[[[\\"['])
def test_depth_is_bounded(levels: int, kept: bool, leaf: str) -> None:
    value: Any = leaf
    for _ in range(levels):
        value = [value]
    if kept:
        fit(value, redactor=NONE, limit=100_000)
    else:
        with pytest.raises(OutputRefused) as refused:
            fit(value, redactor=NONE, limit=100_000)
        assert refused.value.code == "output_too_deep"


def test_many_brackets_are_not_depth() -> None:
    value: list[Any] = [[] for _ in range(500)]
    value.append("[" * 500)
    assert fit(value, redactor=NONE, limit=100_000) == value


def test_every_outcome_is_masked_in_all_its_parts() -> None:
    redactor = Redactor(["tok-123456"])
    at = datetime(2026, 11, 22, tzinfo=UTC)
    told = "it is tok-123456"
    outcomes: list[tuple[Outcome, Outcome]] = [
        (Succeeded({"a": told}), Succeeded({"a": "it is ***"})),
        (Delayed(until=at, output=told), Delayed(until=at, output="it is ***")),
        (Delayed(seconds=3.0, output=told), Delayed(seconds=3.0, output="it is ***")),
        (Filtered(told, told), Filtered("it is ***", "it is ***")),
        (Stopped("failed", told, told), Stopped("failed", "it is ***", "it is ***")),
        (
            Failed("http_500", told, retryable=True, retry_after=5.0, detail={"body": told}),
            Failed("http_500", "it is ***", retryable=True, retry_after=5.0, detail={"body": "it is ***"}),
        ),
        (Unknown(told, {"body": told}), Unknown("it is ***", {"body": "it is ***"})),
    ]
    for given, stored in outcomes:
        assert fit_outcome(given, redactor=redactor) == stored


def test_an_output_that_is_too_large_fails_the_step() -> None:
    outcome = fit_outcome(Succeeded("x" * 100), redactor=NONE, limit=50)
    assert outcome == Failed(
        code="output_too_large", message="The output has 102 bytes of JSON; at most 50 are kept.", retryable=False
    )


def test_an_error_keeps_its_code_when_its_detail_is_too_large() -> None:
    outcome = fit_outcome(Failed("http_500", "m" * 5000, retryable=True, detail="x" * 100_000), redactor=NONE)
    assert isinstance(outcome, Failed)
    assert (outcome.code, outcome.retryable, len(outcome.message)) == ("http_500", True, 2000)
    assert outcome.detail == {"omitted": "It has 100002 bytes of JSON; at most 65536 are kept."}


def test_a_retry_after_that_is_no_number_is_dropped() -> None:
    outcome = fit_outcome(Failed("x", "y", retry_after=float("nan")), redactor=NONE)
    assert outcome == Failed("x", "y", retry_after=None)
