"""When a consumer that hears nothing counts as deaf."""

from collections.abc import Callable

import pytest

from zipped.broker.proof import UNASSIGNED_LIMIT, Hearing, Standing

WAITING = {3: Standing(position=17, end=20)}


def test_messages_that_wait_over_two_answers_though_they_were_asked_for_mean_deaf() -> None:
    hearing = Hearing(0.0)
    hearing.polled(brought=0)
    first = hearing.judge(WAITING, assigned=True, now=5.0)
    hearing.polled(brought=0)
    second = hearing.judge(WAITING, assigned=True, now=10.0)

    assert first is None
    assert second == "Messages wait in partitions [3] and none comes."


@pytest.mark.parametrize(
    ("between", "now_at"),
    [
        (lambda hearing: hearing.polled(brought=2), WAITING),
        (lambda hearing: (hearing.polled(brought=0), hearing.excuse()), WAITING),
        (lambda hearing: None, WAITING),
        (lambda hearing: hearing.polled(brought=0), {3: Standing(18, 20)}),
        (lambda hearing: hearing.polled(brought=0), {4: Standing(17, 20)}),
        (lambda hearing: hearing.polled(brought=0), {3: Standing(20, 20)}),
        (lambda hearing: hearing.polled(brought=0), {}),
    ],
    ids=["another-brought-some", "paused", "nobody-asked", "moved", "another-waits", "none-waits", "taken-away"],
)
def test_a_reason_for_silence_is_no_deafness(between: Callable[[Hearing], object], now_at: dict[int, Standing]) -> None:
    hearing = Hearing(0.0)
    hearing.judge(WAITING, assigned=True, now=5.0)
    between(hearing)

    assert hearing.judge(now_at, assigned=True, now=10.0) is None


def test_what_came_after_the_first_answer_may_still_be_on_its_way() -> None:
    hearing = Hearing(0.0)
    hearing.judge({3: Standing(17, 17)}, assigned=True, now=5.0)
    hearing.polled(brought=0)

    assert hearing.judge({3: Standing(17, 20)}, assigned=True, now=10.0) is None


def test_a_reason_holds_until_the_next_answer_only() -> None:
    hearing = Hearing(0.0)
    hearing.excuse()
    hearing.polled(brought=0)
    hearing.judge(WAITING, assigned=True, now=5.0)
    hearing.polled(brought=0)

    assert hearing.judge(WAITING, assigned=True, now=10.0) is not None


def test_a_position_that_went_back_means_a_topic_that_was_made_anew() -> None:
    hearing = Hearing(0.0)
    hearing.judge({3: Standing(17, 17), 4: Standing(5, 5)}, assigned=True, now=5.0)
    hearing.polled(brought=0)

    verdict = hearing.judge({3: Standing(2, 2), 4: Standing(5, 5)}, assigned=True, now=10.0)

    assert verdict == "The topic was made anew: partitions [3] begin again."


def test_after_a_rebalance_a_partition_may_begin_at_an_earlier_commit() -> None:
    hearing = Hearing(0.0)
    hearing.judge({3: Standing(17, 17)}, assigned=True, now=5.0)
    hearing.excuse()

    assert hearing.judge({3: Standing(12, 17)}, assigned=True, now=10.0) is None


def test_a_member_may_go_without_partitions_for_a_while() -> None:
    hearing = Hearing(100.0)

    assert hearing.judge({}, assigned=False, now=100.0 + UNASSIGNED_LIMIT) is None
    assert hearing.judge({}, assigned=False, now=100.1 + UNASSIGNED_LIMIT) is not None


def test_having_had_partitions_starts_that_while_anew() -> None:
    hearing = Hearing(0.0)
    hearing.judge({}, assigned=True, now=20.0)

    assert hearing.judge({}, assigned=False, now=20.0 + UNASSIGNED_LIMIT) is None
