"""The filters of expressions, by name. Each is pure, linear (`sort` but for a logarithm) and bounded in its result.

A filter takes a value that was measured already, and what it returns is measured before anybody sees it. Where a
result could be far larger than what went in, the filter works its size out first.
"""

from collections.abc import Mapping, Sequence

from zipped.engine.filters.dates import DATES
from zipped.engine.filters.declaration import Argument, Filter, FilterError
from zipped.engine.filters.encoding import ENCODING
from zipped.engine.filters.lists import LISTS
from zipped.engine.filters.numbers import NUMBERS
from zipped.engine.filters.text import TEXT
from zipped.engine.near import nearest
from zipped.engine.outcome import Json
from zipped.engine.values import Missing

__all__ = ["FILTERS", "Filter", "FilterError", "Missing", "apply", "problem"]

#: In the order of the documentation.
FILTERS: Mapping[str, Filter] = {one.name: one for one in (*TEXT, *NUMBERS, *LISTS, *ENCODING, *DATES)}


def problem(name: str, arguments: Sequence[Argument]) -> str | None:
    """What is wrong with a filter as it is written, or None."""
    if name in FILTERS:
        return FILTERS[name].problem(arguments)
    near = nearest(name, FILTERS)
    return f'there is no filter "{name[:64]}"' + (f'; did you mean "{near}"?' if near else "")


def apply(name: str, value: Json | Missing, arguments: Sequence[Argument]) -> Json | Missing:
    """What a known filter makes of a value. A missing value stays missing until `default` replaces it.

    Raises FilterError or ValueRefused.
    """
    if isinstance(value, Missing) and name != "default":
        return value
    try:
        return FILTERS[name].apply(value, *arguments)
    except FilterError as error:
        raise FilterError(f"{name} {error}") from None
