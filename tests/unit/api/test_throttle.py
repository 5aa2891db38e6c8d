"""Token buckets, with the time as an argument."""

from api import throttle
from api.throttle import Buckets


def test_a_burst_then_the_rate() -> None:
    buckets = Buckets()
    assert [buckets.take("a", rate=2, burst=3, now=100.0) for _ in range(5)] == [0, 0, 0, 0.5, 0.5]
    assert buckets.take("a", rate=2, burst=3, now=100.5) == 0
    assert buckets.take("a", rate=2, burst=3, now=100.75) == 0.25


def test_a_bucket_never_holds_more_than_its_burst() -> None:
    buckets = Buckets()
    assert buckets.take("a", rate=2, burst=3, now=0.0) == 0
    assert [buckets.take("a", rate=2, burst=3, now=1e6) for _ in range(4)] == [0, 0, 0, 0.5]


def test_keys_have_nothing_to_do_with_each_other() -> None:
    buckets = Buckets()
    assert buckets.take("a", rate=1, burst=1, now=0.0) == 0
    assert buckets.take("b", rate=1, burst=1, now=0.0) == 0
    assert buckets.take("a", rate=1, burst=1, now=0.0) == 1


def test_who_was_not_seen_for_longest_is_forgotten() -> None:
    buckets = Buckets()
    for key in range(throttle.MAX_KEYS + 1):
        assert buckets.take(key, rate=1, burst=1, now=0.0) == 0
    assert buckets.take(0, rate=1, burst=1, now=0.0) == 0
    assert buckets.take(throttle.MAX_KEYS, rate=1, burst=1, now=0.0) == 1
    assert len(buckets._buckets) == throttle.MAX_KEYS
