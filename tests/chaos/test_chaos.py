"""The plan of the chaos keeps its word.

That its verdict sees a run finish twice is shown where the fence is taken out: tests/integration/worker/test_fence.py.
"""

from collections import Counter

import pytest

from tests.chaos import plan


@pytest.mark.parametrize("seed", range(50))
def test_every_plan_hits_everything_often_enough(seed: int) -> None:
    faults = plan.draw(seed, seconds=75.0)

    kinds = Counter(fault.kind for fault in faults)
    hits = Counter(fault.part for fault in faults)
    assert kinds["kill"] >= 20
    assert kinds["freeze"] == 5
    assert set(hits) == set(plan.PARTS)
    assert min(hits.values()) >= 2
    assert [fault.at for fault in faults] == sorted(fault.at for fault in faults)
    assert max(fault.at + (plan.FREEZE if fault.kind == "freeze" else 0) for fault in faults) <= 75.0


def test_a_seed_draws_the_same_plan_again() -> None:
    assert plan.draw(7, seconds=75.0) == plan.draw(7, seconds=75.0)
    assert plan.draw(7, seconds=75.0) != plan.draw(8, seconds=75.0)
