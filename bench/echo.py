"""A bare ASGI application on uvicorn, for comparison: it reads the body and answers it.

python -m bench.echo PORT
"""

import socket
import sys
from typing import Any

import uvicorn
from starlette.types import Receive, Scope, Send


async def echo(_: Scope, receive: Receive, send: Send) -> None:
    """Answer one request."""
    body = b""
    more = True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


class Server(uvicorn.Server):
    """Says when it listens."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen."""
        await super().startup(sockets)
        print("ready", flush=True)


if __name__ == "__main__":
    app: Any = echo
    config = uvicorn.Config(
        app, host="127.0.0.1", port=int(sys.argv[1]), lifespan="off", log_level="error", access_log=False
    )
    Server(config).run()
