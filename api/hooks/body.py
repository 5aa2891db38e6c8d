"""Reads the body of one webhook within its bound, and within what all bodies may hold together."""

from starlette.types import Message, Receive

from api.held import Held


class ClientGone(Exception):
    """The client went away before its request was complete: nobody is left to answer."""


class TooLarge(Exception):
    """The body is larger than it may be; it was read up to there."""

    def __init__(self, start: bytes) -> None:
        self.start = start


async def read(receive: Receive, *, limit: int, held: Held) -> bytes:
    """The whole body. Raises TooLarge at the first byte beyond `limit`, ClientGone, Unavailable."""
    message = await _request(receive)
    first: bytes = message.get("body", b"")
    if not message.get("more_body", False) and len(first) <= limit:
        held.take(len(first), whole=True)
        return first
    chunks, size = [first], len(first)
    while size <= limit:
        held.take(len(chunks[-1]))
        if not message.get("more_body", False):
            return b"".join(chunks)
        message = await _request(receive)
        chunks.append(message.get("body", b""))
        size += len(chunks[-1])
    raise TooLarge(b"".join(chunks))


async def _request(receive: Receive) -> Message:
    message = await receive()
    if message["type"] != "http.request":
        raise ClientGone
    return message
