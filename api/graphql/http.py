"""GraphQL over HTTP: POST with application/json, GET for queries, both media types.

A request error (no JSON, no document, nothing that validates) has no `data`. For `application/graphql-response+json`
it is a 400; for the older `application/json` a well-formed request gets 200 whatever its document, as the audit of
npm's graphql-http has it.

Cookies count only where no other site's page could have sent the request: POST with exactly application/json, or GET
with a header that makes a browser ask first; and a change by cookie needs our own Origin. Other requests go on
without a caller.
"""

import asyncio
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from graphql import GraphQLError, GraphQLFormattedError, OperationDefinitionNode
from starlette.types import Receive, Scope, Send

from api.auth.caller import Caller
from api.auth.requests import Reader, Shown
from api.graphql import errors, wire
from api.graphql.context import Context, Peer, Platform
from api.graphql.documents import Refused, is_mutation, is_subscription
from api.graphql.negotiation import JSON, RESPONSE, choose
from api.graphql.schema import Schema
from api.held import MAX_HELD, Held, Memory
from zipped.errors import Unauthenticated, Unavailable

EXECUTION_TIMEOUT = 30.0  # seconds
MAX_QUERY_STRING = 32 * 1024  # bytes


@dataclass(slots=True)
class Answer:
    """What goes back."""

    status: int
    body: dict[str, Any]
    headers: list[tuple[str, str]] = field(default_factory=list)


class Stop(Exception):
    """The request ends here, with this answer."""

    def __init__(self, status: int, message: str, *, code: str = "BAD_REQUEST", **headers: str) -> None:
        super().__init__(message)
        named = [(name.replace("_", "-"), value) for name, value in headers.items()]
        self.answer = Answer(status, {"errors": [{"message": message, "extensions": {"code": code}}]}, named)


class HttpTransport:
    """The ASGI application for HTTP requests to /graphql."""

    def __init__(self, schema: Schema, platform: Platform, reader: Reader) -> None:
        self._schema = schema
        self._platform = platform
        self._reader = reader
        self._memory = Memory(MAX_HELD)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        headers = dict(scope["headers"])
        media = choose(headers.get(b"accept", b"").decode("latin-1"))
        held = self._memory.hold()
        try:
            if media is None:
                raise Stop(406, f"Accept must allow {RESPONSE} or {JSON}.")
            answer = await self._answer(scope, receive, headers, media, held)
        except Stop as stop:
            answer = stop.answer
        except Unavailable as error:
            body = {"errors": [{"message": error.message, "extensions": {"code": "UNAVAILABLE"}}]}
            answer = Answer(503, body, [("retry-after", str(round(error.retry_after)))])
        except Exception as error:
            message, extensions = errors.mask(error)
            answer = Answer(500, {"errors": [{"message": message, "extensions": extensions}]})
        finally:
            held.release()
        await _send(send, answer, media or JSON)

    async def _answer(
        self, scope: Scope, receive: Receive, headers: dict[bytes, bytes], media: str, held: Held
    ) -> Answer:
        shown = self._reader.read((scope.get("client") or ("", 0))[0], scope["headers"])
        try:
            request = await _request(scope, receive, headers, held)
        except wire.BadRequest as error:
            raise Stop(400, str(error)) from error
        caller = await self._caller(scope["method"], shown)
        refused = 400 if media == RESPONSE else 200
        try:
            operation = self._schema.documents.check(request.query).operation(request.operation_name)
        except Refused as error:
            return Answer(refused, {"errors": [errors.present(one) for one in error.errors]})
        except GraphQLError as error:
            return Answer(refused, {"errors": [errors.present(error)]})
        _check_operation(scope["method"], operation, shown, self._platform.settings.public_url)
        context = Context(
            platform=self._platform,
            peer=Peer(
                ip=shown.ip,
                user_agent=shown.user_agent,
                same_origin=shown.same_origin,
                refresh_cookie=shown.refresh_cookie if shown.same_origin and shown.bearer is None else None,
            ),
            caller=caller,
            cookies=[],
        )
        body, executed = await execute(self._schema, request, context)
        set_cookies = [("set-cookie", cookie) for cookie in context.cookies or ()]
        return Answer(200 if executed else refused, body, set_cookies)

    async def _caller(self, method: str, shown: Shown) -> Caller | None:
        if shown.bearer is not None:
            try:
                return await self._platform.gate.by_bearer(shown.bearer)
            except Unauthenticated as error:
                raise Stop(
                    401, error.message, code="UNAUTHENTICATED", www_authenticate='Bearer error="invalid_token"'
                ) from error
        if method == "GET" and not shown.preflighted:
            return None
        if shown.has_cookies and shown.origin is not None and not shown.same_origin:
            raise _foreign(shown, self._platform.settings.public_url)
        return await self._platform.gate.by_cookie(shown.access_cookie) if shown.access_cookie else None


async def execute(schema: Schema, request: wire.Request, context: Context) -> tuple[dict[str, Any], bool]:
    """The body of the answer, and whether execution began: a variable of the wrong type is a request error."""
    try:
        async with asyncio.timeout(EXECUTION_TIMEOUT):
            result = await schema.execute(
                request.query,
                variable_values=request.variables,
                context_value=context,
                operation_name=request.operation_name,
            )
    except TimeoutError:
        message = f"It took longer than {EXECUTION_TIMEOUT:.0f} s and was given up."
        return {"data": None, "errors": [{"message": message, "extensions": {"code": "TIMEOUT"}}]}, True
    if not result.errors:
        return {"data": result.data}, True
    presented: list[GraphQLFormattedError] = [errors.present(error) for error in result.errors]
    if result.data is None and all(error.path is None for error in result.errors):
        return {"errors": presented}, False
    return {"data": result.data, "errors": presented}, True


def _check_operation(method: str, operation: OperationDefinitionNode, shown: Shown, public_url: str) -> None:
    if is_subscription(operation):
        raise Stop(400, "Subscriptions are served over a WebSocket on this same path (graphql-transport-ws).")
    if not is_mutation(operation):
        return
    if method == "GET":
        raise Stop(405, "A mutation goes by POST.", allow="POST")
    if shown.bearer is None and shown.has_cookies and not shown.same_origin:
        raise _foreign(shown, public_url)


def _foreign(shown: Shown, public_url: str) -> Stop:
    where = f"comes from {shown.origin[:100]}" if shown.origin else "names no Origin"
    message = (
        f"The request {where}: with cookies only pages at {public_url} (ZIPPED_PUBLIC_URL) may ask. "
        "Programs use a bearer token."
    )
    return Stop(403, message, code="FORBIDDEN")


async def _request(scope: Scope, receive: Receive, headers: dict[bytes, bytes], held: Held) -> wire.Request:
    if scope["method"] == "POST":
        _check_content_type(headers)
        body = await _body(headers, receive, held)
        if not body:
            raise wire.BadRequest('The body is empty. It takes {"query": "…", "variables": {…}}.')
        return wire.read_request(wire.decode(body))
    if scope["method"] != "GET":
        raise Stop(405, "GraphQL takes POST, and GET for queries.", allow="GET, POST")
    raw = scope.get("query_string", b"")
    if len(raw) > MAX_QUERY_STRING:
        raise Stop(414, f"The address is longer than {MAX_QUERY_STRING // 1024} KiB: use POST.")
    try:
        pairs = parse_qsl(raw.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=20)
    except ValueError as error:
        raise wire.BadRequest("The query string can't be read: it must be percent-encoded UTF-8.") from error
    parameters: dict[str, object] = dict(pairs)
    for name in ("variables", "extensions"):
        if isinstance(text := parameters.get(name), str):
            parameters[name] = wire.decode(text) if text else None
    return wire.read_request(parameters)


def _check_content_type(headers: dict[bytes, bytes]) -> None:
    media, *parameters = headers.get(b"content-type", b"").decode("latin-1").lower().split(";")
    charset = [part.strip() for part in parameters if part.strip()]
    if media.strip() != "application/json" or charset not in ([], ["charset=utf-8"], ['charset="utf-8"']):
        raise Stop(415, "The content type must be application/json, in UTF-8.", accept_post=JSON)
    if headers.get(b"content-encoding", b"identity").strip().lower() not in (b"", b"identity"):
        raise Stop(415, "The body must not be compressed.", accept_encoding="identity")


async def _body(headers: dict[bytes, bytes], receive: Receive, held: Held) -> bytes:
    too_large = Stop(413, f"The request is larger than {wire.MAX_BODY // 1024} KiB.", connection="close")
    declared = headers.get(b"content-length", b"")
    if declared.isdigit() and len(declared) < 20 and int(declared) > wire.MAX_BODY:
        raise too_large
    parts: list[bytes] = []
    size = 0
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Stop(400, "The request ended early.")
        part = message.get("body", b"")
        size += len(part)
        if size > wire.MAX_BODY:
            raise too_large
        more = message.get("more_body", False)
        held.take(len(part), whole=not parts and not more)
        parts.append(part)
    return b"".join(parts)


async def _send(send: Send, answer: Answer, media: str) -> None:
    body = wire.encode(answer.body)
    headers = [
        ("content-type", f"{media}; charset=utf-8"),
        ("content-length", str(len(body))),
        ("cache-control", "no-store"),
        ("x-content-type-options", "nosniff"),
        ("vary", "accept, authorization, cookie, origin"),
        *answer.headers,
    ]
    raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    await send({"type": "http.response.start", "status": answer.status, "headers": raw})
    await send({"type": "http.response.body", "body": body})
