"""What docs/zips.md promises about filters and conditions is what the engine has."""

from pathlib import Path

from zipped.engine.conditions import OPERATORS
from zipped.engine.filters import FILTERS

PAGE = (Path(__file__).parents[3] / "docs" / "zips.md").read_text(encoding="utf-8")


def table(heading: str) -> list[str]:
    """The rows of the first table after a heading, without its head."""
    lines = PAGE.split(heading, 1)[1].splitlines()
    start = next(index for index, line in enumerate(lines) if line.startswith("|---"))
    rows = lines[start + 1 :]
    return rows[: next(index for index, line in enumerate(rows) if not line.startswith("|"))]


def test_every_filter_is_documented_as_it_is() -> None:
    assert table("### Filters") == [f"| `{one.signature}` | {one.does} | {one.bound} |" for one in FILTERS.values()]


def test_every_operator_is_documented_with_what_it_says() -> None:
    told = [
        f"| `{name}` | {'yes' if one.binary else 'no'} | {_said(one.otherwise)} |" for name, one in OPERATORS.items()
    ]
    assert table("### Conditions") == told


def _said(otherwise: str) -> str:
    return otherwise.format(left="Amount 4", right="10", name="Amount")
