"""What is measured, in which order and for how long; a repeat is all of it once, so that repeats are interleaved."""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from bench.measuring import Bench

ZIPS = ("no-op", "http")
CONNECTIONS = (32, 128)
RATES = (20, 100, 500)  # a second
FLOOR_RATES = (20, 100)


@dataclass(frozen=True, slots=True)
class Plan:
    """Seconds of each measurement, and how often all of it."""

    repeats: int
    warm_up: float
    closed: float
    open: dict[int, float]
    floor: dict[int, float]
    bare: int
    idle: float


FULL = Plan(
    repeats=3, warm_up=6.0, closed=5.0, open={20: 8.0, 100: 5.0, 500: 4.0}, floor={20: 8.0, 100: 4.0}, bare=2, idle=4.0
)
QUICK = Plan(
    repeats=1, warm_up=3.0, closed=3.0, open={20: 3.0, 100: 2.5, 500: 2.5}, floor={20: 3.0, 100: 2.0}, bare=1, idle=3.0
)

Step = tuple[str, Callable[[], Awaitable[dict[str, Any]]]]


def steps(plan: Plan, bench: Bench) -> Iterator[Step]:
    """One repeat: the name of each measurement, and how to make it."""
    yield "idle", partial(bench.idle, seconds=plan.idle)
    for rate in FLOOR_RATES:
        yield f"floor {rate}/s", partial(bench.bare, "floor", seconds=plan.floor[rate], rate=rate)
    for rate in RATES:
        for name in ZIPS:
            yield f"{name} {rate}/s", partial(bench.open, name, rate=rate, seconds=plan.open[rate])
    for connections in CONNECTIONS:
        for name in ZIPS:
            yield f"{name} c={connections}", partial(bench.closed, name, connections=connections, seconds=plan.closed)
    yield "kafka hop", partial(bench.bare, "hop", seconds=plan.bare)
    yield "asgi echo c=32", partial(bench.echo, connections=32, seconds=plan.bare)
    yield "pgbench 1 row c=32", partial(bench.pgbench, one_row=True, clients=32, seconds=plan.bare)
    yield "pgbench 3 rows c=32", partial(bench.pgbench, one_row=False, clients=32, seconds=plan.bare)
