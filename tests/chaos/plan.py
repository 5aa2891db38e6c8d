"""Which process is hit when and how: drawn from a seed, so that a failure can be repeated."""

import random
from collections import Counter
from dataclasses import dataclass
from typing import Literal

#: Every process of the cluster, by name.
PARTS = ("api-1", "api-2", "relay-1", "relay-2", "worker-1", "worker-2", "worker-3", "kafka", "postgres")
KILLS = 22
FREEZE = 15.0  # seconds: longer than the 10 after which a worker counts as dead
LEAST_HITS = 2  # of each process
START = 3.0  # seconds of quiet before the first fault

Kind = Literal["kill", "freeze"]


@dataclass(frozen=True, slots=True)
class Fault:
    """What is done to one process."""

    #: Seconds after the load began.
    at: float
    part: str
    kind: Kind


def draw(seed: int, *, seconds: float) -> list[Fault]:
    """At least 20 SIGKILLs and 5 SIGSTOPs over `seconds`, each process at least twice, in time order.

    Freezes begin early enough to be over before the load ends. Two faults of one process lie apart as far as the
    draw allows, for a process must be up to be hit.
    """
    dice = random.Random(seed)
    frozen = ["worker-1", "worker-2", dice.choice(["relay-1", "relay-2"]), dice.choice(["api-1", "api-2"]), "worker-3"]
    hits: Counter[str] = Counter(frozen)
    killed = [part for part in PARTS for _ in range(LEAST_HITS - min(hits[part], LEAST_HITS))]
    killed += ["kafka" if "kafka" not in killed else "worker-1", "postgres"][: max(0, KILLS - len(killed))]
    killed += [dice.choice(PARTS[:7]) for _ in range(KILLS - len(killed))]
    dice.shuffle(killed)
    dice.shuffle(frozen)
    last = seconds - 2.0
    freezes = [
        Fault(at, part, "freeze") for at, part in zip(_spread(dice, len(frozen), last - FREEZE), frozen, strict=True)
    ]
    kills = [Fault(at, part, "kill") for at, part in zip(_spread(dice, len(killed), last), killed, strict=True)]
    return sorted(freezes + kills, key=lambda fault: fault.at)


def _spread(dice: random.Random, count: int, end: float) -> list[float]:
    """`count` moments between START and `end`, one in each equal part of that time."""
    width = (end - START) / count
    return [round(START + width * (index + dice.random()), 2) for index in range(count)]
