"""An answer as it comes off the wire, bounded also in what is no part of its body.

The library reads whatever comes before an answer and around its chunks, for as long as there is time, and hands on a
whole read at once: a server that said “100 Continue” without end took a worker's loop for itself, and four of them had
it declared dead.
"""

import asyncio
from functools import partial
from typing import Any

import aiohttp
from aiohttp.client_proto import ResponseHandler
from aiohttp.http import RawResponseMessage
from aiohttp.streams import StreamReader

from zipped.http.errors import BadAnswer, OutsideError, TooLarge

MAX_INTERIM = 20  # answers of 1xx before the answer
MAX_BYTES = 24 << 20  # of all that comes; a body has at most 10 MiB
SLICE = 2048  # bytes that are looked at at once until the answer has begun: 80 answers of 1xx


class Connector(aiohttp.TCPConnector):
    """Opens connections whose answers are bounded."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        handler: type[ResponseHandler] = Wire
        self._factory = partial(handler, loop=self._loop)


class Wire(ResponseHandler):
    """One connection."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(loop)
        self._bytes = 0
        self._interim = 0
        self._begun = False

    def set_response_params(self, **params: Any) -> None:
        """The next request."""
        self._bytes = self._interim = 0
        self._begun = False
        super().set_response_params(**params)

    def feed_data(self, data: tuple[RawResponseMessage, StreamReader], size: int = 0) -> None:
        """One answer's head."""
        if 100 <= data[0].code < 200 and data[0].code != 101:
            self._interim += 1
        else:
            self._begun = True
        super().feed_data(data, size)

    def data_received(self, data: bytes) -> None:
        """One read."""
        self._bytes += len(data)
        while not self._begun and len(data) > SLICE and self.transport is not None:
            super().data_received(data[:SLICE])
            data = data[SLICE:]
            if self._interim > MAX_INTERIM:
                break
        if self._interim > MAX_INTERIM:
            self._refuse(BadAnswer(f"The server says more than {MAX_INTERIM} times that its answer is to come."))
        elif self._bytes > MAX_BYTES:
            self._refuse(TooLarge(f"The answer has more than {MAX_BYTES >> 20} MiB with what is around its body."))
        else:
            super().data_received(data)

    def _refuse(self, error: OutsideError) -> None:
        payload = self._payload
        self.abort()
        self.set_exception(error)
        if payload is not None:
            payload.set_exception(error)
