"""uvicorn as this api needs it: guarded while it receives and sends, and slow to leave.

On the first signal /readyz turns red and nothing else changes for a moment, so that who sends traffic here can stop;
then the door is closed to new connections, and what is under way has 10 s to end. A second signal ends it at once.
"""

import asyncio
import logging
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import uvicorn

from api.app import Api
from api.guard import IDLE_SECONDS, GuardedProtocol
from api.socket_guard import GuardedSocket
from zipped.errors import SettingsError

NOTICE: Final = 1.0  # seconds between red and closed
GRACE: Final = 10  # seconds for what is under way
BACKLOG: Final = 2048  # connections that wait to be taken
MAX_SOCKET_MESSAGE: Final = 256 << 10  # bytes, the same as a GraphQL request over HTTP


class Server(uvicorn.Server):
    """A server of one Api on a bound socket."""

    def __init__(self, api: Api, *, notice: float = NOTICE) -> None:
        super().__init__(_config(api))
        self._api = api
        self._notice = notice
        self._stopping = False

    def stop(self) -> None:
        """Begin to leave; the second call leaves at once."""
        if self._stopping:
            self.should_exit = self.force_exit = True
            return
        self._stopping = True
        self._api.drain()
        asyncio.get_running_loop().call_later(self._notice, self._close)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave by `stop`. uvicorn's own way raises the signal again at its end, before the rest is written."""
        loop = asyncio.get_running_loop()
        signals = (signal.SIGTERM, signal.SIGINT)
        for number in signals:
            loop.add_signal_handler(number, self.stop)
        try:
            yield
        finally:
            for number in signals:
                loop.remove_signal_handler(number)

    def _close(self) -> None:
        self.should_exit = True


def bind(host: str, port: int) -> socket.socket:
    """A listening address. Raises SettingsError when it can't be had."""
    try:
        [family, kind, proto, _, address], *_ = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
        bound = socket.socket(family, kind, proto)
    except OSError as error:
        raise SettingsError(f"ZIPPED_HOST is “{host}”: {error.strerror}.") from error
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
    except OSError as error:
        bound.close()
        raise SettingsError(
            f"ZIPPED_PORT: {host}:{port} can't be had ({error.strerror}); is something else running there?"
        ) from error
    return bound


def _config(api: Api) -> uvicorn.Config:
    # What strangers send is their business: a warning for each malformed request would be a log of theirs, not ours.
    logging.getLogger("uvicorn.error").setLevel(logging.ERROR)
    app: Any = api
    return uvicorn.Config(
        app,
        http=GuardedProtocol,
        ws=GuardedSocket,
        ws_max_size=MAX_SOCKET_MESSAGE,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # api/peer.py reads them by the right-most rule
        backlog=BACKLOG,
        timeout_keep_alive=IDLE_SECONDS,
        timeout_graceful_shutdown=GRACE,
    )
