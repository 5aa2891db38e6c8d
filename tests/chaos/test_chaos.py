"""The chaos itself is tested: its plan keeps its word, and it catches what it is there to catch."""

import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chaos import campaign, plan
from tests.chaos.campaign import Order
from tests.chaos.plan import Fault


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


@pytest.fixture
def folder() -> Iterator[Path]:
    """Below no closed folder: root's PostgreSQL runs as another user and must get in."""
    path = Path(tempfile.mkdtemp(prefix="zipped-chaos-"))
    path.chmod(0o711)
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.mark.apache
def test_without_the_fence_runs_finish_twice_and_the_chaos_says_so(folder: Path) -> None:
    # given: workers whose saves are not fenced, of which all are frozen in turn for longer than it takes to be
    # declared dead, so that their runs are given to others and then finished by both
    workers = ("worker-1", "worker-2", "worker-3")
    faults = [Fault(at=3.0 + 6.0 * turn, part=part, kind="freeze") for turn, part in enumerate(workers)]

    # when
    report = campaign.run(Order(seed=1, seconds=40.0, deliveries=800, faults=faults, fenced=False), folder)

    # then
    assert report.verdict.finished_twice != []
    assert not report.verdict.kept
