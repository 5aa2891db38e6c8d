"""Changes of a run's status that need no outcome, and the fence."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.unit.engine.run_values import ID, NOW, TWO, after, record, running
from zipped.engine import run as rules
from zipped.engine.outcome import Succeeded
from zipped.engine.run import Finish, IllegalTransition, Run, RunError, StartedAttempt


def test_claiming_makes_it_run_under_a_new_epoch_with_what_is_left_of_its_time() -> None:
    queued = Run(id=ID, root_id=ID, epoch=4, active_ms=600_000)
    assert rules.claim(queued, now=NOW) == replace(
        queued, status="running", epoch=5, claimed_at=NOW, deadline=NOW + timedelta(minutes=50)
    )


def test_letting_go_counts_the_time_it_ran() -> None:
    released = rules.release(running(active_ms=1_000), now=after(2.5))
    assert (released.status, released.epoch, released.active_ms, released.deadline) == ("queued", 2, 3_500, None)


def test_a_clock_that_went_back_takes_no_time_away() -> None:
    assert rules.release(running(active_ms=1_000), now=after(-60)).active_ms == 1_000
    assert rules.release(running(active_ms=1_000, claimed_at=None), now=NOW).active_ms == 1_000


def test_giving_back_parks_it_and_never_wakes_it_earlier_than_it_would_have() -> None:
    given = rules.give_back(running(), until=after(30), now=after(1))
    assert (given.status, given.epoch, given.wake_at, given.waits_for) == ("waiting", 2, after(30), "retry")
    assert (given.active_ms, given.deadline) == (1_000, None)
    delayed = rules.give_back(running(wake_at=after(60), waits_for="delay"), until=after(30), now=NOW)
    assert (delayed.wake_at, delayed.waits_for) == (after(60), "delay")


def test_a_crash_between_steps_does_not_count() -> None:
    run = running(crashes=2)
    queued = rules.crash(run, started=None, now=NOW)
    assert (queued.status, queued.crashes, queued.epoch) == ("queued", 2, 2)


def test_the_third_crash_with_a_started_attempt_is_its_end() -> None:
    started = StartedAttempt(step_id="first", path="", attempt=1, epoch=1)
    run = Run(id=ID, root_id=ID)
    for crashes in (1, 2):
        run = rules.crash(rules.claim(run, now=NOW), started=started, now=after(1))
        assert (run.status, run.crashes) == ("queued", crashes)
    run = rules.crash(rules.claim(run, now=NOW), started=started, now=after(1))
    assert (run.status, run.ended_by, run.crashes, run.epoch) == ("dead", "crash", 3, 6)
    assert run.error == RunError(
        code="crash", message="3 workers died while they performed this step.", step_id="first"
    )


def test_a_finished_step_forgives_the_crashes_before() -> None:
    assert record(running(crashes=2), TWO, Succeeded()).crashes == 0


def test_waking_leaves_the_epoch_alone() -> None:
    waiting = replace(running(), status="waiting", wake_at=after(9), waits_for="retry", attempt=3)
    assert rules.wake(waiting) == replace(
        waiting, status="queued", wake_at=None, waits_for=None, deadline=None, attempt=3
    )


@pytest.mark.parametrize("status", ["queued", "running", "waiting"])
def test_cancelling_ends_what_has_not_ended(status: Any) -> None:
    cancelled = rules.cancel(running(status=status, wake_at=after(9), waits_for="delay"))
    assert (cancelled.status, cancelled.ended_by, cancelled.epoch) == ("cancelled", "cancel", 2)
    assert (cancelled.wake_at, cancelled.waits_for, cancelled.deadline, cancelled.final) == (None, None, None, True)


@pytest.mark.parametrize("status", sorted(rules.FINAL))
def test_nothing_happens_to_a_run_that_has_ended(status: Any) -> None:
    run = running(status=status, ended_by="end")
    started = StartedAttempt(step_id="first", path="", attempt=1, epoch=0)
    events: list[Callable[[], Run]] = [
        lambda: rules.claim(run, now=NOW),
        lambda: rules.release(run, now=NOW),
        lambda: rules.give_back(run, until=NOW, now=NOW),
        lambda: rules.crash(run, started=started, now=NOW),
        lambda: rules.wake(run),
        lambda: rules.cancel(run),
        lambda: rules.finish(run, Finish("succeeded", "end")),
        lambda: rules.skip(run, TWO),
        lambda: record(run, TWO, Succeeded()),
        lambda: rules.recover(run, TWO, started, effect="pure"),
    ]
    for event in events:
        with pytest.raises(IllegalTransition):
            event()


def test_the_table_has_no_way_out_of_an_end_and_no_way_into_running_but_a_claim() -> None:
    for event, ways in rules.TRANSITIONS.items():
        assert not rules.FINAL & set(ways)
        for before, targets in ways.items():
            assert before == "running" or "running" not in targets or event == "claim"


@pytest.mark.parametrize(
    ("epoch", "seq", "verdict"),
    [(2, 7, "apply"), (2, 8, "landed"), (2, 9, "stale"), (2, 6, "stale"), (3, 7, "stale"), (3, 8, "stale")],
)
def test_the_fence(epoch: int, seq: int, verdict: str) -> None:
    assert rules.fence(running(epoch=epoch, seq=seq), running(epoch=2, seq=7)) == verdict
