"""The ASGI application of /graphql: requests over HTTP, and sockets."""

from starlette.types import Receive, Scope, Send

from api.auth.requests import Reader
from api.graphql.context import Platform
from api.graphql.http import HttpTransport
from api.graphql.schema import Schema
from api.graphql.socket import Socket
from zipped.logs import get_logger

PROTOCOL = "graphql-transport-ws"
SUBPROTOCOL_NOT_ACCEPTABLE = 4406

log = get_logger(__name__)


class GraphQLView:
    """Both transports of one schema; made once per process."""

    def __init__(self, schema: Schema, platform: Platform) -> None:
        self._schema = schema
        self._platform = platform
        self._reader = Reader(platform.settings, platform.gate)
        self._http = HttpTransport(schema, platform, self._reader)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or serve a socket to its end."""
        if scope["type"] == "http":
            await self._http(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._socket(scope, receive, send)

    async def _socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        await receive()  # websocket.connect
        shown = self._reader.read((scope.get("client") or ("", 0))[0], scope["headers"])
        # Browsers always name an Origin; only our own page may open a socket, for the browser adds the cookies.
        if shown.origin is not None and not shown.same_origin:
            log.warning("socket.foreign_origin", origin=shown.origin[:100])
            await send({"type": "websocket.close", "code": 1008})  # before the acceptance: the server answers 403
            return
        if PROTOCOL not in scope.get("subprotocols", ()):
            await send({"type": "websocket.accept"})
            reason = f"Subprotocol not acceptable: use {PROTOCOL}"
            await send({"type": "websocket.close", "code": SUBPROTOCOL_NOT_ACCEPTABLE, "reason": reason})
            return
        await send({"type": "websocket.accept", "subprotocol": PROTOCOL})
        await Socket(self._schema, self._platform, shown, receive, send).serve()
