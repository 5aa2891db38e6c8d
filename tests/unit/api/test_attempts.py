"""How often a password may be tried."""

from datetime import UTC, datetime

import pytest

from api.auth.attempts import Attempts, network_of
from zipped.clock import ManualClock
from zipped.errors import LimitExceeded


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(datetime(2026, 11, 22, tzinfo=UTC))


def test_five_failures_are_free_then_the_wait_doubles(clock: ManualClock) -> None:
    attempts = Attempts(clock)
    for _ in range(5):
        attempts.begin(account="ada", ip="10.0.0.1")

    waits = []
    for _ in range(7):
        with pytest.raises(LimitExceeded, match=r"^Too many tries: wait a little and try again\.$") as caught:
            attempts.begin(account="ada", ip="10.0.0.1")
        waits.append(caught.value.retry_after)
        clock.advance(caught.value.retry_after)
        attempts.begin(account="ada", ip="10.0.0.1")

    assert waits == [30, 60, 120, 240, 480, 600, 600]


def test_strangers_lock_nobody_out(clock: ManualClock) -> None:
    attempts = Attempts(clock)
    refused = 0
    for number in range(1000):
        try:
            attempts.begin(account="ada", ip=f"203.0.113.{number % 250}")
        except LimitExceeded:
            refused += 1

    attempts.begin(account="ada", ip="198.51.100.7")
    assert refused == 995


def test_a_network_has_a_hundred_failures_an_hour_over_all_accounts(clock: ManualClock) -> None:
    attempts = Attempts(clock)
    for number in range(100):
        attempts.begin(account=f"person{number}", ip="10.0.0.1")

    with pytest.raises(LimitExceeded) as caught:
        attempts.begin(account="another", ip="10.0.0.200")

    assert caught.value.retry_after == 3600
    attempts.begin(account="another", ip="10.0.1.1")
    clock.advance(3600)
    attempts.begin(account="another", ip="10.0.0.200")


def test_success_forgets_and_costs_nothing(clock: ManualClock) -> None:
    attempts = Attempts(clock)
    for _ in range(1000):
        attempts.begin(account="ada", ip="10.0.0.1")
        attempts.succeeded(account="ada", ip="10.0.0.1")


def test_who_was_turned_away_before_the_hash_has_not_failed(clock: ManualClock) -> None:
    attempts = Attempts(clock)
    for _ in range(1000):
        attempts.begin(account="ada", ip="10.0.0.1")
        attempts.withdraw(account="ada", ip="10.0.0.1")


def test_failures_are_forgotten_after_a_quarter_of_an_hour(clock: ManualClock) -> None:
    attempts = Attempts(clock)
    for _ in range(4):
        attempts.begin(account="ada", ip="10.0.0.1")
    clock.advance(900)

    for _ in range(5):
        attempts.begin(account="ada", ip="10.0.0.1")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("10.0.0.1", "10.0.0.254", True),
        ("10.0.0.1", "10.0.1.1", False),
        ("2001:db8::1", "2001:db8::ffff:1", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("::ffff:10.0.0.1", "10.0.0.9", True),
        ("a socket", "a socket", True),
    ],
)
def test_neighbours_count_together(one: str, other: str, same: bool) -> None:
    assert (network_of(one) == network_of(other)) is same
