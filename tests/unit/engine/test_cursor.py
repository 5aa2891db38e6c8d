import pytest

from zipped.engine.cursor import MAX_FRAMES, START, CursorError, Frame, cursor_from_json, cursor_to_json


def test_a_cursor_survives_its_stored_form() -> None:
    cursor = tuple(Frame(index) for index in range(MAX_FRAMES))
    assert cursor_to_json(cursor)[:2] == [{"index": 0}, {"index": 1}]
    assert cursor_from_json(cursor_to_json(cursor)) == cursor


def test_an_empty_list_is_the_start() -> None:
    assert cursor_from_json([]) == START == (Frame(0),)


@pytest.mark.parametrize(
    ("stored", "message"),
    [
        ({}, "a cursor is a list of frames"),
        (None, "a cursor is a list of frames"),
        ([{"index": 0}] * 17, "a cursor has at most 16 frames, not 17"),
        ([3], 'a frame has exactly the field "index"'),
        ([{"index": 1, "round": 2}], 'a frame has exactly the field "index"'),
        ([{"index": -1}], "a frame's index is a whole number from 0 to 1000000"),
        ([{"index": True}], "a frame's index is a whole number from 0 to 1000000"),
        ([{"index": 10**7}], "a frame's index is a whole number from 0 to 1000000"),
    ],
)
def test_what_is_no_cursor_is_refused(stored: object, message: str) -> None:
    with pytest.raises(CursorError) as caught:
        cursor_from_json(stored)
    assert str(caught.value) == message
