"""Where a run stands: a stack of frames, small enough to be saved with every step, and never data."""

from dataclasses import dataclass

from zipped.engine.outcome import Json

MAX_FRAMES = 16
MAX_INDEX = 1_000_000


class CursorError(ValueError):
    """The stored cursor is not one of ours; the message says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A place in one list of steps: `index` of the step that is next, from 0; past the last one: the list is done."""

    index: int = 0


#: Outermost list first.
Cursor = tuple[Frame, ...]

START: Cursor = (Frame(),)


def cursor_to_json(cursor: Cursor) -> list[Json]:
    """The form in which `zip_run.cursor` keeps it: [{"index": 3}]."""
    return [{"index": frame.index} for frame in cursor]


def cursor_from_json(stored: object) -> Cursor:
    """The cursor that `cursor_to_json` wrote; an empty list is the start. Raises CursorError for anything else."""
    if not isinstance(stored, list):
        raise CursorError("a cursor is a list of frames")
    if len(stored) > MAX_FRAMES:
        raise CursorError(f"a cursor has at most {MAX_FRAMES} frames, not {len(stored)}")
    return tuple(_frame(frame) for frame in stored) or START


def _frame(stored: object) -> Frame:
    if not isinstance(stored, dict) or set(stored) != {"index"}:
        raise CursorError('a frame has exactly the field "index"')
    index = stored["index"]
    if type(index) is not int or not 0 <= index <= MAX_INDEX:
        raise CursorError(f"a frame's index is a whole number from 0 to {MAX_INDEX}")
    return Frame(index)
