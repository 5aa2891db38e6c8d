"""Only the contiguous row of messages that are dealt with is committed."""

from worker.offsets import Offsets


def read(*places: tuple[int, int]) -> Offsets:
    offsets = Offsets()
    for partition, offset in places:
        offsets.read(partition, offset)
    return offsets


def test_nothing_is_due_before_the_first_message_is_dealt_with() -> None:
    offsets = read((0, 5), (0, 6))

    offsets.done(0, 6)

    assert offsets.due() == {}


def test_the_offset_to_commit_is_that_of_the_next_message() -> None:
    offsets = read((0, 5), (0, 6), (0, 7), (3, 1))

    for offset in (6, 5):
        offsets.done(0, offset)
    offsets.done(3, 1)

    assert offsets.due() == {0: 7, 3: 2}


def test_gaps_between_offsets_are_no_obstacle() -> None:
    offsets = read((0, 5), (0, 9))

    offsets.done(0, 5)
    offsets.done(0, 9)

    assert offsets.due() == {0: 10}


def test_what_was_committed_is_due_again_only_with_news() -> None:
    offsets = read((0, 5), (0, 6))
    offsets.done(0, 5)

    offsets.committed(offsets.due())
    assert offsets.due() == {}

    offsets.done(0, 6)
    assert offsets.due() == {0: 7}


def test_a_partition_that_was_taken_away_is_forgotten() -> None:
    offsets = read((0, 5), (1, 5))
    offsets.done(0, 5)

    offsets.forget([0])
    offsets.done(0, 5)

    assert offsets.due() == {}


def test_a_partition_read_from_its_commit_again_starts_anew() -> None:
    offsets = read((0, 5), (0, 6), (0, 7))
    offsets.done(0, 5)

    offsets.read(0, 6)
    offsets.read(0, 7)
    offsets.done(0, 6)

    assert offsets.due() == {0: 7}
