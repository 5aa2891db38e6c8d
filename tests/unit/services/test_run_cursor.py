"""A watcher's cursor: its text, and what a snapshot sees."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zipped.errors import ValidationFailed
from zipped.services import run_cursor
from zipped.services.run_cursor import NOTHING, Cursor, Place, Snapshot


@st.composite
def snapshots(draw: st.DrawFn) -> Snapshot:
    xmin = draw(st.integers(1, 1 << 60))
    running = draw(st.frozensets(st.integers(xmin, xmin + 1000), max_size=50))
    return Snapshot(xmin, xmin + 1001 + draw(st.integers(0, 1 << 40)), running)


@st.composite
def cursors(draw: st.DrawFn) -> Cursor:
    partial = draw(st.booleans())
    return Cursor(
        database=draw(st.binary(min_size=8, max_size=8)),
        at=draw(st.integers(0, 1 << 50)),
        since=draw(snapshots()),
        until=draw(snapshots()) if partial else None,
        place=Place(draw(st.integers(0, 1 << 60)), draw(st.uuids())) if partial else None,
    )


@given(cursors())
def test_a_cursor_survives_its_text(cursor: Cursor) -> None:
    assert run_cursor.decode(cursor.encode()) == cursor


@given(cursors(), st.data())
def test_a_text_with_one_other_character_is_no_cursor(cursor: Cursor, data: st.DataObject) -> None:
    text = cursor.encode()
    position = data.draw(st.integers(0, len(text) - 2))  # the last character may hold bits that mean nothing
    other = data.draw(st.sampled_from("ABCxyz019-_").filter(lambda character: character != text[position]))

    with pytest.raises(ValidationFailed):
        run_cursor.decode(text[:position] + other + text[position + 1 :])


@given(st.text(max_size=200) | st.binary(max_size=200).map(lambda raw: base64.urlsafe_b64encode(raw).decode()))
def test_anything_else_is_refused_and_names_the_argument(text: str) -> None:
    with pytest.raises(ValidationFailed) as refused:
        run_cursor.decode(text)

    assert refused.value.path == ("after",)


@pytest.mark.parametrize(
    "text",
    ["", "A", "Ad9lqhr3DvC7rfCKpKA0hQYAAAAuhwhX" * 3000, "ü", "\x00", "null", "Ad9lqhr3DvC7rfCKpKA0hQYAAAAuhwhX\n"],
)
def test_hand_made_texts_are_refused(text: str) -> None:
    with pytest.raises(ValidationFailed, match=r"after is not a cursor of runUpdates\."):
        run_cursor.decode(text)


@pytest.mark.parametrize(
    "snapshot",
    [Snapshot(0, 5), Snapshot(5, 5, frozenset({5})), Snapshot(5, 9, frozenset({9})), Snapshot(1, 1 << 63)],
    ids=["transaction 0", "one outside", "one behind the end", "beyond 63 bits"],
)
def test_a_snapshot_that_postgresql_would_refuse_is_refused(snapshot: Snapshot) -> None:
    text = Cursor(database=b"database", at=0, since=snapshot).encode()

    with pytest.raises(ValidationFailed):
        run_cursor.decode(text)


def test_a_snapshot_sees_what_had_committed() -> None:
    snapshot = Snapshot(10, 20, frozenset({10, 15}))

    assert [xid for xid in range(8, 23) if snapshot.sees(xid)] == [8, 9, 11, 12, 13, 14, 16, 17, 18, 19]
    assert not NOTHING.sees(3)
    assert str(snapshot) == "10:20:10,15"


def test_a_cursor_stays_short_with_a_hundred_open_transactions() -> None:
    snapshot = Snapshot(10**12, 10**12 + 5000, frozenset(range(10**12, 10**12 + 5000, 50)))

    assert len(Cursor(database=b"database", at=1_800_000_000_000, since=snapshot).encode()) < 200
