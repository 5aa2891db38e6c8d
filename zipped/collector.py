"""Python's collector of cycles, told what stays: what is built before the first request stays to the end.

Left alone it looks through all of it again and again, in the middle of a request: an api keeps 160,000 objects, and one
full look takes 100 ms, in which nobody is served.
"""

import gc
from typing import Final

#: Allocations between two looks at what is young, and how many of those until one at what is older. Python's 700 makes
#: for a look every few requests; a request's own cycles are few and small.
THRESHOLDS: Final = (20_000, 20, 20)


def settle() -> None:
    """Call it once, when everything is built."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
