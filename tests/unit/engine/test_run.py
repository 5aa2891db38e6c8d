"""What is next, what an outcome leads to, and what becomes of an attempt that nobody completed."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.unit.engine.run_values import AWAY, ID, NO, NOW, ONE, TWO, after, record, running, step
from zipped.engine import run as rules
from zipped.engine.cursor import Frame
from zipped.engine.definition import Definition
from zipped.engine.outcome import Delayed, Filtered, Stopped, Succeeded, Unknown
from zipped.engine.path import idempotency_key
from zipped.engine.retry import RetryPolicy
from zipped.engine.run import Execute, Finish, IllegalTransition, Run, RunError, Skip, StartedAttempt, Wait

# Deciding


def test_the_step_at_the_cursor_is_next() -> None:
    run = running(cursor=(Frame(1),), attempt=2, generation=3, maybe_repeated=True)
    key = idempotency_key(ID, "second", "", 3)
    assert rules.decide(run, TWO, NOW) == Execute(TWO.steps[1], "", 3, 3, key, True)


def test_a_step_may_be_passed_over() -> None:
    definition = Definition((step("first", skip=True), step("second")))
    decision = rules.decide(running(), definition, NOW)
    assert decision == Skip(definition.steps[0], "", 1, 0, idempotency_key(ID, "first", "", 0))
    assert rules.skip(running(), definition).cursor == (Frame(1),)


def test_skipping_the_last_step_ends_the_run() -> None:
    ended = rules.skip(running(), Definition((step("only", skip=True),)))
    assert (ended.status, ended.ended_by) == ("succeeded", "end")


def test_no_steps_is_an_end_and_the_time_no_longer_matters_there() -> None:
    end = rules.decide(running(), Definition(), after(86_400))
    assert end == Finish("succeeded", "end")
    assert rules.finish(running(), end).status == "succeeded"


def test_a_wait_within_the_slot_is_slept_and_over_at_its_time() -> None:
    run = running(wake_at=after(1), waits_for="retry")
    assert rules.decide(run, TWO, NOW) == Wait(after(1), parked=False)
    assert isinstance(rules.decide(run, TWO, after(1)), Execute)


def test_a_parked_run_waits() -> None:
    assert rules.decide(running(status="waiting", wake_at=after(60)), TWO, after(90)) == Wait(after(60), parked=True)


def test_an_ended_run_says_how_it_ended() -> None:
    error = RunError(code="x", message="y")
    run = running(status="failed", ended_by="error", error=error)
    assert rules.decide(run, TWO, NOW) == Finish("failed", "error", error)


def test_a_queued_run_is_not_decided_about() -> None:
    with pytest.raises(IllegalTransition, match="a queued run is claimed before anything is decided about it"):
        rules.decide(Run(id=ID, root_id=ID), TWO, NOW)


def test_no_step_starts_after_the_deadline() -> None:
    assert isinstance(rules.decide(running(), TWO, after(3_599.999)), Execute)
    end = rules.decide(running(), TWO, after(3_600))
    assert end == Finish(
        "failed",
        "deadline",
        RunError(code="deadline", message="The run has used up its running time.", step_id="first"),
    )
    assert isinstance(end, Finish)
    assert rules.finish(running(), end).error == end.error


def test_a_place_that_the_definition_does_not_have_is_refused() -> None:
    with pytest.raises(IllegalTransition, match="a list of steps that its definition does not have"):
        rules.decide(running(cursor=(Frame(0), Frame(0))), TWO, NOW)


# Recording


def test_a_success_moves_on_and_forgets_what_belonged_to_the_step() -> None:
    run = running(attempt=2, maybe_repeated=True, wake_at=after(-1), waits_for="retry", crashes=1)
    assert record(run, TWO, Succeeded({"ok": True})) == replace(
        run, cursor=(Frame(1),), attempt=0, maybe_repeated=False, wake_at=None, waits_for=None, crashes=0
    )


def test_the_last_success_is_the_end() -> None:
    ended = record(running(), ONE, Succeeded())
    assert (ended.status, ended.ended_by, ended.deadline, ended.epoch) == ("succeeded", "end", None, 1)


def test_a_filter_ends_it_well() -> None:
    ended = record(running(), TWO, Filtered("Amount 4 is below 10"))
    assert (ended.status, ended.ended_by, ended.error) == ("succeeded", "filter", None)


def test_stopping_ends_it_as_its_author_says() -> None:
    assert record(running(), TWO, Stopped("succeeded", "done")).error is None
    ended = record(running(), TWO, Stopped("failed", "no stock"))
    assert (ended.status, ended.ended_by) == ("failed", "stop")
    assert ended.error == RunError(code="stopped", message="no stock", step_id="first")


def test_a_short_delay_keeps_the_slot_and_a_long_one_parks() -> None:
    short = record(running(), TWO, Delayed(seconds=2))
    assert (short.status, short.wake_at, short.waits_for, short.cursor) == ("running", after(2), "delay", (Frame(1),))
    long = record(running(), TWO, Delayed(until=after(2.001)), now=after(0))
    assert (long.status, long.wake_at, long.waits_for, long.cursor) == ("waiting", after(2.001), "delay", (Frame(1),))


def test_parked_time_is_not_running_time() -> None:
    parked = record(running(), TWO, Delayed(seconds=86_400), now=after(10))
    assert (parked.active_ms, parked.deadline) == (10_000, None)
    again = rules.claim(rules.wake(parked), now=after(90_000))
    assert again.deadline == after(90_000) + timedelta(seconds=3_590)


def test_a_delay_that_is_over_does_not_wait() -> None:
    assert record(running(), TWO, Delayed(until=after(-1))).wake_at is None
    assert record(running(), ONE, Delayed(seconds=0)).status == "succeeded"


def test_a_delay_at_the_end_is_still_waited_for() -> None:
    parked = record(running(), ONE, Delayed(seconds=60))
    assert parked.status == "waiting"
    claimed = rules.claim(rules.wake(parked), now=after(60))
    assert rules.decide(claimed, ONE, after(60)) == Finish("succeeded", "end")


def test_a_passing_failure_is_tried_again_soon_within_the_slot() -> None:
    retried = record(running(), TWO, AWAY, jitter=0.25)
    assert (retried.status, retried.attempt, retried.wake_at, retried.waits_for) == ("running", 1, after(0.25), "retry")
    decision = rules.decide(retried, TWO, after(1))
    assert isinstance(decision, Execute)
    assert (decision.attempt, decision.idempotency_key) == (2, idempotency_key(ID, "first", "", 0))


def test_a_later_try_is_parked_and_the_count_survives_it() -> None:
    retried = record(running(attempt=2), TWO, AWAY)
    assert (retried.status, retried.attempt, retried.wake_at) == ("waiting", 3, after(15))
    claimed = rules.claim(rules.wake(retried), now=after(20))
    assert (claimed.attempt, claimed.wake_at, claimed.cursor) == (3, None, (Frame(0),))


def test_the_other_sides_wish_is_honoured() -> None:
    retried = record(running(), TWO, replace(AWAY, retry_after=3.0), jitter=0.0)
    assert (retried.status, retried.wake_at) == ("waiting", after(3))


def test_after_the_last_try_the_run_fails() -> None:
    ended = record(running(attempt=8), TWO, AWAY)
    assert (ended.status, ended.ended_by, ended.attempt) == ("failed", "error", 9)
    assert ended.error == RunError(code="http_503", message="The server is away.", step_id="first")


def test_a_lasting_failure_is_not_tried_again() -> None:
    ended = record(running(), TWO, NO)
    assert (ended.status, ended.ended_by, ended.attempt) == ("failed", "error", 1)


@pytest.mark.parametrize("outcome", [NO, AWAY, Unknown("No answer came.")])
def test_continue_goes_on_after_the_last_try(outcome: Any) -> None:
    definition = Definition((step("first", on_error="continue", retry=RetryPolicy(attempts=1)), step("second")))
    run = record(running(), definition, outcome)
    assert (run.status, run.cursor, run.attempt, run.maybe_repeated) == ("running", (Frame(1),), 0, False)


def test_continue_at_the_last_step_ends_the_run_well() -> None:
    ended = record(running(), Definition((step("only", on_error="continue"),)), NO)
    assert (ended.status, ended.ended_by) == ("succeeded", "end")


def test_an_unknown_outcome_is_repeated_and_says_so() -> None:
    run = record(running(), TWO, Unknown("No answer came."))
    assert (run.status, run.attempt, run.maybe_repeated) == ("running", 1, True)
    decision = rules.decide(run, TWO, after(1))
    assert isinstance(decision, Execute)
    assert (decision.attempt, decision.maybe_repeated) == (2, True)
    assert decision.idempotency_key == idempotency_key(ID, "first", "", 0)


@pytest.mark.parametrize("on_error", ["stop", "continue"])
def test_an_unknown_outcome_stops_a_step_that_asks_for_it(on_error: Any) -> None:
    definition = Definition((step("first", on_unknown="stop", on_error=on_error), step("second")))
    ended = record(running(), definition, Unknown("No answer came."))
    assert (ended.status, ended.ended_by) == ("failed", "error")
    assert ended.error == RunError(code="unknown_outcome", message="No answer came.", step_id="first")


def test_an_outcome_past_the_last_step_is_refused() -> None:
    with pytest.raises(IllegalTransition, match="no step of a run that is running can have an outcome here"):
        record(running(cursor=(Frame(2),)), TWO, Succeeded())


def test_what_is_no_outcome_is_never_taken_for_one() -> None:
    with pytest.raises(AssertionError):
        record(running(), TWO, {"ok": True})


# Recovering


def started(**changes: Any) -> StartedAttempt:
    return replace(StartedAttempt(step_id="first", path="", attempt=1, epoch=1), **changes)


def second_claim() -> Run:
    return running(epoch=3, crashes=1)


@pytest.mark.parametrize("effect", ["pure", "read"])
def test_what_changes_nothing_is_simply_done_again(effect: Any) -> None:
    definition = Definition((step("first", on_unknown="stop"),))
    assert rules.recover(second_claim(), definition, started(), effect=effect) == replace(second_claim(), attempt=1)


def test_a_lost_write_is_done_again_under_its_key_and_says_so() -> None:
    run = rules.recover(second_claim(), TWO, started(), effect="write")
    assert run == replace(second_claim(), attempt=1, maybe_repeated=True)
    decision = rules.decide(run, TWO, NOW)
    assert isinstance(decision, Execute)
    assert (decision.attempt, decision.maybe_repeated) == (2, True)
    assert decision.idempotency_key == idempotency_key(ID, "first", "", 0)


def test_a_lost_write_stops_a_step_that_asks_for_it() -> None:
    ended = rules.recover(second_claim(), Definition((step("first", on_unknown="stop"),)), started(), effect="write")
    assert (ended.status, ended.ended_by, ended.attempt) == ("failed", "error", 1)
    assert ended.error == RunError(
        code="unknown_outcome",
        message="The worker died in the middle of this step; whether it had its effect is unknown.",
        step_id="first",
    )


def test_dying_takes_no_last_chance_away() -> None:
    definition = Definition((step("first", retry=RetryPolicy(attempts=1)),))
    run = rules.recover(second_claim(), definition, started(), effect="write")
    assert isinstance(rules.decide(run, definition, NOW), Execute)
    assert record(run, definition, AWAY).status == "failed"


@pytest.mark.parametrize("changes", [{"step_id": "second"}, {"path": "each[0]"}, {"epoch": 3}])
def test_only_an_older_attempt_at_the_runs_place_is_recovered(changes: Any) -> None:
    with pytest.raises(IllegalTransition, match="only an attempt of an earlier owner"):
        rules.recover(second_claim(), TWO, started(**changes), effect="write")
