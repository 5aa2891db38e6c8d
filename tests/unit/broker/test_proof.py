"""When a consumer that hears nothing counts as deaf."""

import pytest

from zipped.broker.proof import UNASSIGNED_LIMIT, Hearing


def test_messages_that_wait_over_two_answers_though_they_were_asked_for_mean_deaf() -> None:
    hearing = Hearing(0.0)
    hearing.polled(brought=0)
    first = hearing.judge({3: 17}, assigned=True, now=5.0)
    hearing.polled(brought=0)
    second = hearing.judge({3: 17}, assigned=True, now=10.0)

    assert first is None
    assert second == "Messages wait in partitions [3] and none comes."


@pytest.mark.parametrize(
    ("between", "behind"),
    [
        (lambda hearing: hearing.polled(brought=2), {3: 17}),  # another partition brought some
        (lambda hearing: (hearing.polled(brought=0), hearing.excuse()), {3: 17}),  # it was paused for a while
        (lambda hearing: None, {3: 17}),  # nobody asked
        (lambda hearing: hearing.polled(brought=0), {3: 18}),  # it moved
        (lambda hearing: hearing.polled(brought=0), {4: 17}),  # another one waits now
        (lambda hearing: hearing.polled(brought=0), {}),  # nothing waits any more
    ],
    ids=["brought", "paused", "not-polled", "moved", "another", "none"],
)
def test_a_reason_for_silence_is_no_deafness(between, behind: dict[int, int]) -> None:  # type: ignore[no-untyped-def]
    hearing = Hearing(0.0)
    hearing.judge({3: 17}, assigned=True, now=5.0)
    between(hearing)

    assert hearing.judge(behind, assigned=True, now=10.0) is None


def test_a_reason_holds_until_the_next_answer_only() -> None:
    hearing = Hearing(0.0)
    hearing.judge({3: 17}, assigned=True, now=5.0)
    hearing.excuse()
    hearing.polled(brought=0)
    hearing.judge({3: 17}, assigned=True, now=10.0)
    hearing.polled(brought=0)

    assert hearing.judge({3: 17}, assigned=True, now=15.0) is not None


def test_a_member_may_go_without_partitions_for_a_while() -> None:
    hearing = Hearing(100.0)

    assert hearing.judge({}, assigned=False, now=100.0 + UNASSIGNED_LIMIT) is None
    assert hearing.judge({}, assigned=False, now=100.1 + UNASSIGNED_LIMIT) is not None


def test_having_had_partitions_starts_that_while_anew() -> None:
    hearing = Hearing(0.0)
    hearing.judge({}, assigned=True, now=20.0)

    assert hearing.judge({}, assigned=False, now=20.0 + UNASSIGNED_LIMIT) is None
