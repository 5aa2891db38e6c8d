"""The outside world of the HTTP step: answers every request at once, on bare sockets.

python -m bench.receiver PORT
"""

import asyncio
import sys
from typing import Any

import uvloop

ANSWER = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 14\r\nConnection: keep-alive\r\n\r\n"
    b'{"taken":true}'
)


class Answering(asyncio.Protocol):
    """One connection."""

    def __init__(self) -> None:
        self._transport: Any = None  # uvloop's are no subclass of asyncio's
        self._read = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """It is open."""
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """A piece of a request."""
        self._read += data
        while True:
            head, end, rest = self._read.partition(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0] or 0)
            if not end or len(rest) < length:
                return
            self._read = rest[length:]
            self._transport.write(ANSWER)


async def serve(port: int) -> None:
    """Answer until the process is ended."""
    server = await asyncio.get_running_loop().create_server(Answering, "127.0.0.1", port)
    print("ready", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(int(sys.argv[1])))
