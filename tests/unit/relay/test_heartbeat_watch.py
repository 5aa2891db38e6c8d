"""When a worker counts as dead, told as a story of reads."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from relay.heartbeat_watch import MAX_GAP, STILL, HeartbeatWatch
from zipped.services.workers import Sign

START = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
ONE, OTHER = UUID(int=1), UUID(int=2)


class Story:
    """A sweeper that reads once a second; workers that beat, or don't."""

    def __init__(self, *workers: UUID) -> None:
        self.watch = HeartbeatWatch()
        self.now = 0.0
        self.beats = dict.fromkeys(workers, 0.0)
        self.server_started = -1000.0
        self.dead: list[UUID] = []

    def read(self, *, took: float = 0.0) -> None:
        signs = [
            Sign(worker, START + timedelta(seconds=beat), self.now - max(beat, self.server_started))
            for worker, beat in self.beats.items()
        ]
        asked = self.now
        self.now += took
        self.dead += [sign.worker_id for sign in self.watch.observe(signs, asked=asked, answered=self.now)]

    def seconds(self, count: int, *, beating: tuple[UUID, ...] = ()) -> None:
        """So many seconds with a read at the end of each; who beats does so every third."""
        for number in range(count):
            self.now += 1.0
            if number % 3 == 0:
                self.beats |= dict.fromkeys(beating, self.now)
            self.read()


def test_a_heartbeat_that_stands_still_for_ten_watched_seconds_is_a_dead_worker() -> None:
    story = Story(ONE, OTHER)
    story.read()

    story.seconds(9, beating=(OTHER,))
    before = list(story.dead)
    story.seconds(1, beating=(OTHER,))

    assert before == []
    assert story.dead == [ONE]


def test_a_worker_that_beats_again_at_the_last_moment_lives() -> None:
    story = Story(ONE)
    story.read()
    story.seconds(9)
    story.beats[ONE] = story.now
    story.seconds(10)

    assert story.dead == []
    story.seconds(1)
    assert story.dead == [ONE]


def test_an_old_heartbeat_met_for_the_first_time_is_watched_before_it_is_judged() -> None:
    story = Story(ONE)
    story.now = 3600.0
    story.read()

    assert story.dead == []
    story.seconds(9)
    assert story.dead == []
    story.seconds(1)
    assert story.dead == [ONE]


def test_a_twelve_second_pause_of_the_database_kills_nobody() -> None:
    workers = tuple(UUID(int=number) for number in range(1, 21))
    story = Story(*workers)
    story.read()
    story.seconds(6, beating=workers)

    story.read(took=12.0)  # asked before, answered after it
    story.seconds(2)  # the workers' own statements come through a little later than ours
    story.seconds(30, beating=workers)

    assert story.dead == []


def test_a_sweeper_that_was_frozen_has_seen_nothing() -> None:
    story = Story(ONE)
    story.read()
    story.seconds(8)
    story.now += 60.0  # frozen, the workers with it
    story.read()
    story.seconds(9)

    assert story.dead == []
    story.seconds(1)
    assert story.dead == [ONE]


def test_reads_too_far_apart_never_add_up() -> None:
    story = Story(ONE)
    for _ in range(20):
        story.now += MAX_GAP + 0.1
        story.read()

    assert story.dead == []


def test_a_slow_answer_shortens_what_was_seen() -> None:
    story = Story(ONE)
    story.read(took=2.5)  # known to stand still since 2.5 s, not since 0
    story.seconds(9)

    assert story.dead == []
    story.seconds(1)
    assert story.dead == [ONE]


def test_age_counts_from_the_start_of_the_server() -> None:
    story = Story(ONE)
    story.read()
    story.seconds(5)
    story.server_started = story.now  # back so quickly that no read failed
    story.seconds(9)

    assert story.dead == []
    story.seconds(1)
    assert story.dead == [ONE]


def test_a_worker_that_left_is_forgotten() -> None:
    story = Story(ONE)
    story.read()
    story.seconds(8)
    beat = story.beats.pop(ONE)
    story.seconds(1)
    story.beats[ONE] = beat
    story.seconds(10)

    assert story.dead == []


def test_the_numbers_are_the_designs() -> None:
    assert (STILL, MAX_GAP) == (10.0, 3.0)
