"""What a log says of a fault of our own: enough to find it, and nothing of what people sent us.

A traceback ends in the error's words, and these quote values: `KeyError: 'the customer's name'`. So a fault is told by
its kind and its place. Only the words of the server and of the operating system are repeated, where they name no value.
"""

import traceback
from typing import Final

FRAMES: Final = 5  # innermost calls that are told
CAUSES: Final = 3  # errors behind the error
MAX_WORDS: Final = 300  # characters
QUOTING: Final = ("22", "23")  # classes of SQLSTATE whose words quote a value or a row


def facts(error: BaseException) -> dict[str, object]:
    """Keys for one log line: the kind of error, where it happened, what the system said, and what lay behind it."""
    told: dict[str, object] = {"error": type(error).__name__, "where": _places(error)}
    if words := _words(error):
        told["reason"] = words
    causes: list[str] = []
    cause = error.__cause__ or error.__context__
    while cause is not None and len(causes) < CAUSES:
        causes.append(" ".join([type(cause).__name__, *_places(cause)[-1:]]))
        cause = cause.__cause__ or cause.__context__
    if causes:
        told["behind"] = causes
    return told


def _places(error: BaseException) -> list[str]:
    frames = traceback.extract_tb(error.__traceback__)[-FRAMES:]
    return [f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in frames]


def _words(error: BaseException) -> str | None:
    behind = getattr(error, "orig", None) or error  # as SQLAlchemy wraps the driver's
    state = getattr(behind, "sqlstate", None)
    if isinstance(state, str):
        return state if state[:2] in QUOTING else f"{state}: {str(behind).partition(chr(10))[0][:MAX_WORDS]}"
    return behind.strerror if isinstance(behind, OSError) else None
