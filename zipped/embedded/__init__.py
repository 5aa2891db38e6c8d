"""The PostgreSQL and the broker that `zipped up` brings along, and the supervision of every process it starts."""

from zipped.errors import ZippedError


class StartError(ZippedError):
    """A part could not be started. The message is one line that says which part, why, and what to do about it."""
