"""Which known name was meant by one that there is not, for "Did you mean …?".

Who writes the wrong names may have written the known ones too, hundreds of them in one document, so a look at a pair
is no more work than their letters. difflib took 0.8 ms for one: twelve references into a zip of 500 steps held an api
for eight seconds.
"""

from collections.abc import Iterable
from typing import Final

LONGEST: Final = 100  # characters that are looked at
ENOUGH: Final = 0.6  # of the letters of both, shared at their beginnings and ends; a typo leaves more


def nearest(given: str, known: Iterable[str]) -> str | None:
    """The known name that shares the most with `given` at both ends; None when none shares enough."""
    wanted = given[:LONGEST]
    found, best = None, ENOUGH
    for name in known:
        shared = _shared(wanted, name[:LONGEST])
        closeness = 2 * shared / (len(wanted) + len(name)) if shared else 0.0
        if closeness > best or (closeness == best and found is None):
            found, best = name, closeness
    return found


def _shared(one: str, other: str) -> int:
    """How many letters two names have in common at the beginning and then at the end; two that are swapped are one."""
    least = min(len(one), len(other))
    begin = 0
    while begin < least and one[begin] == other[begin]:
        begin += 1
    end = 0
    while end < least - begin and one[-1 - end] == other[-1 - end]:
        end += 1
    middle = one[begin : len(one) - end]
    swapped = len(middle) == 2 and middle == other[begin : len(other) - end][::-1]
    return begin + end + swapped
