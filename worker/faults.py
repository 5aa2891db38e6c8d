"""What a log says of a fault of our own: enough to find it, and nothing of what people sent us."""

import traceback

from zipped.crypto import new_token
from zipped.db import reason

FRAMES = 5  # innermost calls that are told


def facts(error: BaseException) -> dict[str, object]:
    """Keys for one log line: an id to ask for, the kind of error, its first line, and where it happened."""
    frames = traceback.extract_tb(error.__traceback__)[-FRAMES:]
    return {
        "error_id": new_token()[:12],
        "error": type(error).__name__,
        "reason": reason(error),
        "where": [f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in frames],
    }
