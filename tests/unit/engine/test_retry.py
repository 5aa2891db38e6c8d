from datetime import timedelta

import pytest

from zipped.engine.retry import MAX_ATTEMPTS, SCHEDULE, RetryPolicy, next_delay


def test_the_longest_waits_are_the_schedule_and_then_it_is_over() -> None:
    policy = RetryPolicy()
    almost_one = 1 - 2**-53
    waits = [next_delay(policy, attempt, jitter=almost_one) for attempt in range(1, MAX_ATTEMPTS + 1)]
    assert waits == [timedelta(seconds=seconds * almost_one) for seconds in SCHEDULE] + [None]
    assert SCHEDULE == (1, 5, 30, 120, 600, 1800, 7200, 21600)


@pytest.mark.parametrize(
    ("attempts", "attempt", "retries"), [(1, 1, False), (2, 1, True), (2, 2, False), (100, 8, True), (100, 9, False)]
)
def test_a_policy_bounds_the_tries(attempts: int, attempt: int, retries: bool) -> None:
    assert (next_delay(RetryPolicy(attempts=attempts), attempt, jitter=0.5) is not None) is retries


@pytest.mark.parametrize(
    ("retry_after", "jitter", "seconds"),
    [(None, 0.0, 0.0), (None, 0.5, 2.5), (3.0, 0.0, 3.0), (3.0, 0.5, 5.5), (-1.0, 0.0, 0.0), (86_400.0, 0.2, 3601.0)],
)
def test_jitter_goes_on_top_of_what_the_other_side_asked(
    retry_after: float | None, jitter: float, seconds: float
) -> None:
    assert next_delay(RetryPolicy(), 2, retry_after=retry_after, jitter=jitter) == timedelta(seconds=seconds)


def test_a_retry_after_that_is_no_number_is_none() -> None:
    assert next_delay(RetryPolicy(), 1, retry_after=float("nan"), jitter=0.5) == timedelta(seconds=0.5)
