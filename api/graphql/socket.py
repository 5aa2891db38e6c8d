"""GraphQL over a WebSocket: graphql-transport-ws, each message judged before anything acts on it.

What breaks the protocol closes the socket with the protocol's code; a document that does not parse or validate is
an `error` of its own operation and harms no other. Every send has a deadline, so that a client that stops reading
holds nothing for longer; every 5 ms the loop gets a turn, for a stream whose next event is always ready would starve
the process, and one turn for each event would make a busy process tell a few hundred a second at most.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import aclosing, suppress
from typing import Any

from graphql import GraphQLError
from starlette.types import Receive, Send

from api.auth.caller import Caller
from api.auth.recheck import until_let_go
from api.auth.requests import Shown
from api.graphql import errors, wire
from api.graphql.context import Context, Peer, Platform
from api.graphql.documents import Refused, is_subscription
from api.graphql.http import execute
from api.graphql.schema import Schema
from zipped import metrics
from zipped.errors import Unauthenticated, Unavailable

INIT_TIMEOUT = 10.0  # seconds until connection_init must have come
SEND_TIMEOUT = 10.0  # seconds a client may take to read one message
RECHECK = 30.0  # seconds between looks whether the caller would still be let in
TURN = 0.005  # seconds in which streams send one event after the other before everybody else has their turn
MAX_OPERATIONS = 20  # at once on one socket
MAX_ID = 128  # characters
MAX_REASON = 120  # bytes; a close frame has room for 123

BAD_MESSAGE, NOT_INITIALISED, NOT_LET_IN = 4400, 4401, 4403
INIT_TOO_LATE, ALREADY_THERE, INIT_TWICE = 4408, 4409, 4429
TRY_AGAIN, TOO_LARGE = 1013, 1009


class Closed(Exception):
    """The socket is to be closed with a code, or the client has closed it (None)."""

    def __init__(self, code: int | None = None, reason: str = "") -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class Socket:
    """One accepted socket, to its end."""

    def __init__(self, schema: Schema, platform: Platform, shown: Shown, receive: Receive, send: Send) -> None:
        self._schema = schema
        self._platform = platform
        self._shown = shown
        self._receive = receive
        self._send = send
        self._caller: Caller | None = None
        self._initialised = False
        self._operations: dict[str, asyncio.Task[None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        #: Operations, also those that are just being cancelled and whose ids are free again.
        self._busy: set[asyncio.Task[None]] = set()
        self._sending = asyncio.Lock()
        self._turn_began = 0.0  # by the loop's clock
        self._end: asyncio.Future[Closed] = asyncio.get_running_loop().create_future()

    async def serve(self) -> None:
        """Until either side ends it; nothing that it started outlives it."""
        self._start(self._read)
        self._start(self._await_init)
        try:
            closed = await self._end
        finally:
            tasks = tuple(self._tasks)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        if closed.code is not None:
            with suppress(TimeoutError, RuntimeError, OSError):
                async with asyncio.timeout(SEND_TIMEOUT):
                    await self._send({"type": "websocket.close", "code": closed.code, "reason": _short(closed.reason)})

    def _start(self, work: Callable[..., Awaitable[None]], *arguments: Any) -> asyncio.Task[None]:
        task = asyncio.create_task(self._guarded(work, *arguments))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _guarded(self, work: Callable[..., Awaitable[None]], *arguments: Any) -> None:
        try:
            await work(*arguments)
        except Closed as closed:
            self._close(closed)
        except Unavailable as error:
            self._close(Closed(TRY_AGAIN, error.message))
        except Exception as error:
            message, _ = errors.mask(error)
            self._close(Closed(TRY_AGAIN, message))

    def _close(self, closed: Closed) -> None:
        if not self._end.done():
            self._end.set_result(closed)

    async def _await_init(self) -> None:
        await asyncio.sleep(INIT_TIMEOUT)
        if not self._initialised:
            raise Closed(INIT_TOO_LATE, "Connection initialisation timeout")

    async def _read(self) -> None:
        while True:
            message = await self._receive()
            if message["type"] == "websocket.disconnect":
                raise Closed
            text = message.get("text")
            if text is None:
                raise Closed(BAD_MESSAGE, "Messages are text, not binary")
            if len(text) > wire.MAX_BODY:
                raise Closed(TOO_LARGE, f"A message has at most {wire.MAX_BODY // 1024} KiB")
            try:
                decoded = wire.decode(text)
            except wire.BadRequest as error:
                raise Closed(BAD_MESSAGE, str(error)) from error
            if not isinstance(decoded, dict):
                raise Closed(BAD_MESSAGE, "A message is a JSON object")
            await self._handle(decoded)

    async def _handle(self, message: dict[str, Any]) -> None:
        match message.get("type"):
            case "connection_init":
                await self._initialise(message.get("payload"))
            case "ping":
                await self._say({"type": "pong"})
            case "pong":
                pass
            case "subscribe":
                await self._subscribe(_id(message), message.get("payload"))
            case "complete":
                task = self._operations.pop(_id(message), None)
                if task is not None:
                    task.cancel()
            case str(other):
                raise Closed(BAD_MESSAGE, f"Unknown message type {other!r}")
            case _:
                raise Closed(BAD_MESSAGE, "A message has a type, which is text")

    async def _initialise(self, payload: object) -> None:
        if self._initialised:
            raise Closed(INIT_TWICE, "Too many initialisation requests")
        self._initialised = True
        if not isinstance(payload, dict | None):
            raise Closed(BAD_MESSAGE, "The payload of connection_init is an object, or left out")
        try:
            caller = await self._let_in(payload or {})
        except Unauthenticated as error:
            raise Closed(NOT_LET_IN, error.message) from error
        self._caller = caller
        await self._say({"type": "connection_ack"})
        self._start(self._watch, caller)

    async def _let_in(self, payload: dict[str, Any]) -> Caller:
        gate = self._platform.gate
        shown = next((value for name, value in payload.items() if name.lower() == "authorization"), None)
        if shown is not None:
            scheme, _, token = shown.partition(" ") if isinstance(shown, str) else ("", "", "")
            if scheme.lower() != "bearer":
                raise Unauthenticated("authorization takes “Bearer ” and a token.")
            return await gate.by_bearer(token.strip())
        if self._shown.bearer is not None:
            return await gate.by_bearer(self._shown.bearer)
        caller = None
        if self._shown.same_origin and self._shown.access_cookie:
            caller = await gate.by_cookie(self._shown.access_cookie)
        if caller is None:
            raise Unauthenticated("Sign in, or refresh the session.")
        return caller

    async def _watch(self, caller: Caller) -> None:
        gate, clock = self._platform.gate, self._platform.clock
        raise Closed(NOT_LET_IN, await until_let_go(gate, caller, clock=clock, interval=RECHECK))

    async def _subscribe(self, id: str, payload: object) -> None:
        if self._caller is None:
            raise Closed(NOT_INITIALISED, "Unauthorized")
        if id in self._operations:
            raise Closed(ALREADY_THERE, f"Subscriber for {id} already exists")
        try:
            request = wire.read_request(payload)
        except wire.BadRequest as error:
            await self._refuse(id, [_request_error(str(error))])
            return
        if len(self._busy) >= MAX_OPERATIONS:
            await self._refuse(id, [_request_error(f"A socket carries at most {MAX_OPERATIONS} operations at once.")])
            return
        context = Context(
            platform=self._platform,
            peer=Peer(ip=self._shown.ip, user_agent=self._shown.user_agent, same_origin=self._shown.same_origin),
            caller=self._caller,
        )
        task = self._operations[id] = self._start(self._operate, id, request, context)
        self._busy.add(task)
        task.add_done_callback(self._busy.discard)

    async def _operate(self, id: str, request: wire.Request, context: Context) -> None:
        try:
            operation = self._schema.documents.check(request.query).operation(request.operation_name)
        except Refused as error:
            await self._refuse(id, [errors.present(one) for one in error.errors])
            return
        except GraphQLError as error:
            await self._refuse(id, [errors.present(error)])
            return
        if is_subscription(operation):
            with metrics.subscriptions.track_inprogress():
                refused = await self._stream(id, request, context)
        else:
            body, executed = await execute(self._schema, request, context)
            refused = None if executed else body["errors"]
            if executed:
                await self._say({"id": id, "type": "next", "payload": body})
        if refused:
            await self._refuse(id, refused)
        else:
            self._forget(id)
            await self._say({"id": id, "type": "complete"})

    async def _stream(self, id: str, request: wire.Request, context: Context) -> list[Any] | None:
        """Send what a subscription yields; the errors that ended it, if any did."""
        stream = await self._schema.subscribe(
            request.query,
            variable_values=request.variables,
            context_value=context,
            operation_name=request.operation_name,
        )
        async with aclosing(stream):
            while True:
                context.begin_answer()
                try:
                    result = await anext(stream)
                except StopAsyncIteration:
                    return None
                for error in result.errors or ():
                    if isinstance(cause := errors.root_cause(error), Unavailable):
                        # Half an event is not to be passed over: the client comes back, to what it had before.
                        raise cause
                presented = [errors.present(error) for error in result.errors or ()]
                if result.data is None and all(error.path is None for error in result.errors or ()):
                    return presented
                payload: dict[str, Any] = {"data": result.data}
                if presented:
                    payload["errors"] = presented
                await self._say({"id": id, "type": "next", "payload": payload})

    async def _refuse(self, id: str, presented: list[Any]) -> None:
        self._forget(id)
        await self._say({"id": id, "type": "error", "payload": presented})

    def _forget(self, id: str) -> None:
        # Before the last message, so that the client may use the id again at once; and only one's own.
        if self._operations.get(id) is asyncio.current_task():
            del self._operations[id]

    async def _say(self, message: dict[str, Any]) -> None:
        text = wire.encode(message).decode()
        async with self._sending:
            try:
                async with asyncio.timeout(SEND_TIMEOUT):
                    await self._send({"type": "websocket.send", "text": text})
            except TimeoutError as error:
                raise Closed(TRY_AGAIN, "You read too slowly") from error
            except (RuntimeError, OSError) as error:
                raise Closed from error
        now = asyncio.get_running_loop().time()
        if now - self._turn_began > TURN:
            await asyncio.sleep(0)
            self._turn_began = asyncio.get_running_loop().time()


def _id(message: dict[str, Any]) -> str:
    id = message.get("id")
    if not isinstance(id, str) or not 1 <= len(id) <= MAX_ID:
        raise Closed(BAD_MESSAGE, f"The id of an operation is a text of 1 to {MAX_ID} characters")
    return id


def _request_error(message: str) -> dict[str, Any]:
    return {"message": message, "extensions": {"code": "BAD_REQUEST"}}


def _short(reason: str) -> str:
    return reason.encode("utf-8", "replace")[:MAX_REASON].decode("utf-8", "ignore")
