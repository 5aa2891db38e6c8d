"""One api process: who serves which address.

    /hooks/…                     the door
    /livez /readyz /metrics      health
    /graphql                     GraphQL, over HTTP and sockets
    everything else              the web application

It is ASGI as it comes from the server: what a webhook passes on its way to the door is one comparison.
"""

from starlette.types import ASGIApp, Receive, Scope, Send

from api.health import PATHS as HEALTH
from api.health import Health
from api.hooks.door import Door


class Api:
    """The ASGI application, from parts that `api/parts.py` builds."""

    def __init__(self, *, door: Door, health: Health, graphql: ASGIApp, pages: ASGIApp) -> None:
        self._door = door
        self._health = health
        self._graphql = graphql
        self._pages = pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request to who serves its address."""
        path: str = scope["path"]
        if path.startswith("/hooks/") and scope["type"] == "http":
            await self._door(scope, receive, send)
        elif path == "/graphql":
            await self._graphql(scope, receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008})  # before it is accepted: the server answers 403
        elif path in HEALTH:
            await self._health(scope, receive, send)
        else:
            await self._pages(scope, receive, send)

    def drain(self) -> None:
        """Say that this process is about to stop; it goes on answering."""
        self._health.draining = True
        self._door.draining = True
