"""The database's clock is carried on by the monotonic one; the machine's own does not count."""

from datetime import UTC, datetime, timedelta

from worker.database_time import DatabaseTime
from zipped.clock import ManualClock

WRONG = datetime(2031, 1, 1, tzinfo=UTC)
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def test_once_heard_it_is_the_databases_time_whatever_the_machine_thinks() -> None:
    clock = ManualClock(WRONG)
    time = DatabaseTime(clock)

    time.heard(NOON)
    clock.advance(2.5)

    assert time.now() == NOON + timedelta(seconds=2.5)


def test_each_look_puts_it_right_again() -> None:
    clock = ManualClock(WRONG)
    time = DatabaseTime(clock)
    time.heard(NOON)
    clock.advance(10)

    time.heard(NOON + timedelta(seconds=11))

    assert time.now() == NOON + timedelta(seconds=11)
