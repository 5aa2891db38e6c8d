import time
from typing import Any

import pytest

from zipped.engine.conditions import OPERATORS, Condition, Match, Verdict, judge


def reason(left: Any, op: str, right: Any = None, *, label: str = "") -> str | None:
    """Why the condition does not hold, or None when it does."""
    verdict = judge([Condition(left=left, op=op, right=right, label=label)])
    assert verdict.matched is (verdict.reason == "")
    return verdict.reason or None


@pytest.mark.parametrize(
    ("left", "op", "right"),
    [
        (1, "equals", 1.0),
        ("10", "equals", 10),
        (10, "equals", " 10.0 "),
        ("TRUE", "equals", True),
        (False, "equals", "false"),
        ("a", "equals", "a"),
        (None, "equals", None),
        ([1, {"a": 2}], "equals", [1.0, {"a": 2}]),
        ("a", "not_equals", "A"),
        (1, "not_equals", True),
        ("", "not_equals", None),
        ("1.0", "not_equals", "1"),
        ("hello", "contains", "ell"),
        (12345, "contains", 34),
        (["a", 2], "contains", "2"),
        ({"a": 1}, "contains", "a"),
        (["a"], "not_contains", "b"),
        ({"a": 1}, "not_contains", 1),
        (None, "not_contains", "a"),
        ("hello", "starts_with", "he"),
        (42, "starts_with", 4),
        ("hello", "ends_with", "lo"),
        (4, "greater_than", "3.5"),
        ("10", "greater_than", "9"),
        ("2026-02-01", "greater_than", "2026-01-31T23:59:59Z"),
        ("2026-01-01T00:00:00+02:00", "less_than", "2026-01-01T00:00:00Z"),
        (3, "less_than", 4),
        (3, "at_least", 3),
        (3, "at_most", 3),
        ("b", "is_one_of", "a, b ,c"),
        (2, "is_one_of", "1,2"),
        (2, "is_one_of", [1, 2]),
        (2, "is_one_of", 2),
        ("", "is_empty", None),
        (None, "is_empty", None),
        ([], "is_empty", None),
        ({}, "is_empty", None),
        (0, "is_not_empty", None),
        (False, "is_not_empty", None),
        (" ", "is_not_empty", None),
        (True, "is_true", None),
        (" True", "is_true", None),
        ("false", "is_false", None),
        ("", "exists", None),
    ],
)
def test_what_holds(left: Any, op: str, right: Any) -> None:
    assert reason(left, op, right) is None


@pytest.mark.parametrize(
    ("left", "op", "right", "told"),
    [
        ("4.00", "at_least", 10, "4.00 is below 10"),
        (1, "equals", True, "1 is not true"),
        ("a", "equals", "A", '"a" is not "A"'),
        (None, "equals", "a", 'nothing is not "a"'),
        ("one", "equals", 1, '"one" is not 1'),
        ("a", "not_equals", "a", '"a" is "a"'),
        ("abc", "contains", "x", '"abc" does not contain "x"'),
        ([1], "contains", "2", "[1] does not contain 2"),
        ("abc", "not_contains", "b", '"abc" contains "b"'),
        ("abc", "starts_with", "b", '"abc" does not start with "b"'),
        ("abc", "ends_with", "b", '"abc" does not end with "b"'),
        (3, "greater_than", 3, "3 is not above 3"),
        (3, "less_than", 3, "3 is not below 3"),
        (4, "at_most", 3, "4 is above 3"),
        (None, "at_least", 10, "nothing can't be compared with 10"),
        (True, "at_least", 0, "true can't be compared with 0"),
        ("a", "less_than", "b", '"a" can\'t be compared with "b"'),
        ("2026-01-01", "less_than", "b", '"2026-01-01" can\'t be compared with "b"'),
        ("d", "is_one_of", "a, b", '"d" is none of "a", "b"'),
        (True, "is_one_of", [1, "x"], 'true is none of 1, "x"'),
        ("x", "is_empty", None, '"x" is not empty'),
        (None, "is_not_empty", None, "nothing is empty"),
        (1, "is_true", None, "1 is not true"),
        ("yes", "is_false", None, '"yes" is not false'),
        (None, "exists", None, "nothing is missing"),
        ("x" * 61, "is_empty", None, f'"{"x" * 60}…" is not empty'),
        ({"a": [1]}, "is_empty", None, '{"a":[1]} is not empty'),
    ],
)
def test_what_does_not_hold_and_why(left: Any, op: str, right: Any, told: str) -> None:
    assert reason(left, op, right) == told


@pytest.mark.parametrize(
    ("left", "op", "right", "told"),
    [
        ("4.00", "at_least", 10, "Amount 4.00 is below 10"),
        ("x", "at_least", 10, 'Amount "x" can\'t be compared with 10'),
        ("", "is_not_empty", None, "Amount is empty"),
        (None, "exists", None, "Amount is missing"),
    ],
)
def test_a_label_says_what_the_value_is(left: Any, op: str, right: Any, told: str) -> None:
    assert reason(left, op, right, label="Amount") == told


@pytest.mark.parametrize("label", ["{left}", "{x", "100 %"])
def test_a_label_is_only_text(label: str) -> None:
    assert reason("", "exists", label=label) is None
    assert reason(None, "exists", label=label) == f"{label} is missing"


YES = Condition(left=1, op="equals", right=1)
NO = Condition(left=1, op="equals", right=2)


@pytest.mark.parametrize(
    ("conditions", "match", "verdict"),
    [
        ([], "all", Verdict(True)),
        ([], "any", Verdict(False, "There is no condition")),
        ([YES, YES], "all", Verdict(True)),
        ([YES, NO], "all", Verdict(False, "1 is not 2")),
        ([YES, NO], "any", Verdict(True)),
        ([NO, NO], "any", Verdict(False, "1 is not 2; 1 is not 2")),
        ([NO] * 7, "all", Verdict(False, "1 is not 2; " * 5 + "and 2 more")),
    ],
)
def test_all_or_any(conditions: list[Condition], match: Match, verdict: Verdict) -> None:
    assert judge(conditions, match) == verdict


def test_an_operator_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="there is no operator 'eq'; use one of equals, not_equals, "):
        judge([Condition(left=1, op="eq", right=1)])


def test_operators_that_ignore_the_right_side_say_so() -> None:
    assert [name for name, operator in OPERATORS.items() if not operator.binary] == [
        "is_empty",
        "is_not_empty",
        "is_true",
        "is_false",
        "exists",
    ]


def test_a_large_value_is_compared_with_many_small_ones_in_linear_time() -> None:
    # Text by text this took hours; the limit is far above what it takes on a busy machine.
    large = {str(number): number for number in range(30_000)}
    blank = " " * 400_000 + "x"
    began = time.process_time()
    for left, op, right in (
        ([0] * 100_000, "contains", large),
        ([[0]] * 100_000, "contains", [large]),
        (large, "is_one_of", [{"0": 1}] * 50_000),
        ([0, True] * 50_000, "contains", blank),
    ):
        assert not judge([Condition(left=left, op=op, right=right)]).matched
    assert time.process_time() - began < 5


@pytest.mark.parametrize(
    ("left", "right"),
    [([1], [1, 2]), ([1, 2], [1, 3]), ({"a": 1}, {"b": 1}), ({"a": 1}, {"a": True}), ([], {}), ([1], 1), (1, [1]),
     ({"a": [1, {"b": 2}]}, {"a": [1, {"b": 3}]}), (" " * 300 + "1", 1), (" " * 300 + "true", True)],
)  # fmt: skip
def test_what_differs_anywhere_is_not_equal(left: Any, right: Any) -> None:
    assert reason(left, "equals", right) is not None
    assert reason(left, "not_equals", right) is None
