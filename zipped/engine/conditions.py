"""Conditions on rendered values, with the reason in plain words when they don't hold.

Values from forms are often text: "10" equals the number 10, and "true" the boolean. Order is that of numbers (a text
that is a number counts as one), else that of times in ISO 8601; nothing else has an order. Upper and lower case differ.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from zipped.engine.filters.dates import moment_in
from zipped.engine.filters.numbers import number_in
from zipped.engine.outcome import Json
from zipped.engine.values import same, text_of

MAX_SHOWN = 60  # characters of a value in a reason
MAX_REASONS = 5
MAX_SCALAR = 256  # characters of a text that may say a number or boolean, blanks included; it is read for each item

Match = Literal["all", "any"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One comparison: `left op right`; operators that need no right side ignore it."""

    left: Json
    op: str
    right: Json = None
    #: What the left side is called in a reason: "Amount". Empty: only its value is shown.
    label: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the conditions hold; `reason` says why not: "Amount 4.00 is below 10"."""

    matched: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Operator:
    """A comparison, and what is the case when it does not hold."""

    holds: Callable[[Json, Json], bool]
    #: With {left}, {right} and {name}: the label alone if there is one.
    otherwise: str
    #: Whether the right side counts.
    binary: bool = True
    #: Whether both sides need an order; without one, that is the reason.
    ordered: bool = False


def judge(conditions: Sequence[Condition], match: Match = "all") -> Verdict:
    """Whether all the conditions hold, or any of them. Raises ValueError for an operator that does not exist."""
    reasons = [reason for one in conditions if (reason := _reason(one)) is not None]
    if not reasons and (conditions or match == "all"):
        return Verdict(True)
    if match == "any" and len(reasons) < len(conditions):
        return Verdict(True)
    more = f"; and {len(reasons) - MAX_REASONS} more" if len(reasons) > MAX_REASONS else ""
    return Verdict(False, "; ".join(reasons[:MAX_REASONS]) + more or "There is no condition")


def _reason(condition: Condition) -> str | None:
    """Why the condition does not hold, or None when it does."""
    operator = OPERATORS.get(condition.op)
    if operator is None:
        raise ValueError(f"there is no operator {condition.op!r}; use one of {', '.join(OPERATORS)}")
    left, right = condition.left, condition.right
    if operator.holds(left, right):
        return None
    otherwise = operator.otherwise
    if operator.ordered and _order(left, right) is None:
        otherwise = "{left} can't be compared with {right}"
    value = _shown(left)
    return otherwise.format(
        left=f"{condition.label} {value}" if condition.label else value,
        right=", ".join(map(_shown, _choices(right))) if condition.op == "is_one_of" else _shown(right),
        name=condition.label or value,
    )


def _equals(left: Json, right: Json) -> bool:
    """Equal as JSON, or a text that says what the other side is."""
    if isinstance(left, str) is isinstance(right, str):
        return same(left, right)
    text, other = (left, right) if isinstance(left, str) else (right, left)
    if len(text) > MAX_SCALAR:
        return False
    if isinstance(other, bool):
        return bool(text.strip().lower() == text_of(other))
    number = number_in(text)
    return number is not None and same(number, other)


def _contains(left: Json, right: Json) -> bool:
    if isinstance(left, list):
        return any(_equals(item, right) for item in left)
    if isinstance(left, dict):
        return isinstance(right, str) and right in left
    return left is not None and text_of(right) in text_of(left)


def _choices(right: Json) -> list[Json]:
    """A list as it is; a text is a list with commas."""
    if isinstance(right, str):
        return [part.strip() for part in right.split(",")]
    return right if isinstance(right, list) else [right]


def _order(left: Json, right: Json) -> int | None:
    """Negative, zero or positive as left comes before, with or after right; None when they have no order."""
    numbers = _number(left), _number(right)
    if numbers[0] is not None and numbers[1] is not None:
        return (numbers[0] > numbers[1]) - (numbers[0] < numbers[1])
    if isinstance(left, str) and isinstance(right, str):
        moments = moment_in(left), moment_in(right)
        if moments[0] is not None and moments[1] is not None:
            return (moments[0] > moments[1]) - (moments[0] < moments[1])
    return None


def _ordered(*signs: int) -> Callable[[Json, Json], bool]:
    return lambda left, right: _order(left, right) in signs


def _number(value: Json) -> int | float | None:
    if isinstance(value, str):
        return number_in(value)
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _is_empty(value: Json) -> bool:
    return value is None or value in ("", [], {})


def _shown(value: Json) -> str:
    """A value within a reason: short, and in quotes when it is text that might be mistaken."""
    text = "nothing" if value is None else text_of(value)
    cut = text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}…"
    return f'"{cut}"' if isinstance(value, str) and number_in(value) is None else cut


#: By name, in the order of the documentation.
OPERATORS: Mapping[str, Operator] = {
    "equals": Operator(_equals, "{left} is not {right}"),
    "not_equals": Operator(lambda left, right: not _equals(left, right), "{left} is {right}"),
    "contains": Operator(_contains, "{left} does not contain {right}"),
    "not_contains": Operator(lambda left, right: not _contains(left, right), "{left} contains {right}"),
    "starts_with": Operator(
        lambda left, right: text_of(left).startswith(text_of(right)), "{left} does not start with {right}"
    ),
    "ends_with": Operator(
        lambda left, right: text_of(left).endswith(text_of(right)), "{left} does not end with {right}"
    ),
    "greater_than": Operator(_ordered(1), "{left} is not above {right}", ordered=True),
    "less_than": Operator(_ordered(-1), "{left} is not below {right}", ordered=True),
    "at_least": Operator(_ordered(0, 1), "{left} is below {right}", ordered=True),
    "at_most": Operator(_ordered(-1, 0), "{left} is above {right}", ordered=True),
    "is_one_of": Operator(
        lambda left, right: any(_equals(left, choice) for choice in _choices(right)), "{left} is none of {right}"
    ),
    "is_empty": Operator(lambda left, _: _is_empty(left), "{left} is not empty", binary=False),
    "is_not_empty": Operator(lambda left, _: not _is_empty(left), "{name} is empty", binary=False),
    "is_true": Operator(lambda left, _: _equals(left, True), "{left} is not true", binary=False),
    "is_false": Operator(lambda left, _: _equals(left, False), "{left} is not false", binary=False),
    "exists": Operator(lambda left, _: left is not None, "{name} is missing", binary=False),
}
