"""An HTTP client for addresses that strangers wrote: guarded, bounded in every dimension, without a memory.

Redirects are followed by hand, because each hop is a new address to check and because no secret may cross from one
origin to another. Nothing is taken from the environment (proxies, netrc) and no cookie is kept between calls.
"""

import asyncio
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace, TracebackType
from typing import Self, Unpack

import aiohttp
from multidict import CIMultiDict
from yarl import URL

from zipped import __version__
from zipped.catalog.context import CallOptions, Response
from zipped.http.addresses import is_http_port, is_mail_port, read_url
from zipped.http.errors import (
    BadAnswer,
    BadUrl,
    Denied,
    HostNotBound,
    OutsideError,
    TimedOut,
    TooLarge,
    TooManyRedirects,
)
from zipped.http.failures import explain
from zipped.http.guard import Guard, GuardedResolver
from zipped.http.headers import DEPTH_HEADER, cleaned, for_request, without_body, without_secrets
from zipped.http.wire import Connector

CONNECT_TIMEOUT = 5.0  # seconds for one address, TLS handshake included
CONNECTIONS = 200  # at once, to one host too: whose calls hang there must not keep others' from it
KEEP_ALIVE = 15.0  # seconds an idle connection is kept
MAX_URL = 8192  # characters
USUAL_BYTES = 1_048_576  # of an answer, for a caller that says nothing else
MAX_BYTES = 10 * 1_048_576  # of a body, either way; the most that a caller may ask for
MAX_REDIRECTS = 5
METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})

_REDIRECTS = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it leaves, a connection's headers included: as secret as those are."""

    method: str
    url: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes | None = field(repr=False)


@dataclass(slots=True)
class _Hop:
    """One request on its way: what a redirect changes."""

    method: str
    url: URL
    headers: CIMultiDict[str]
    secret_headers: Mapping[str, str]
    body: bytes | None


class Client:
    """The real way out; implements `zipped.catalog.Outside`. One per process, used as `async with Client(…)`.

    `tls` replaces the system's certificate authorities; there is no way to skip verification.
    """

    def __init__(
        self,
        guard: Guard,
        *,
        tls: ssl.SSLContext | None = None,
        connections: int = CONNECTIONS,
    ) -> None:
        self._guard = guard
        self._tls = tls
        self._connections = connections
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        """Open the pool of connections; it belongs to the running loop."""
        trace = aiohttp.TraceConfig()
        trace.on_request_headers_sent.append(_mark_sent)
        self._session = aiohttp.ClientSession(
            connector=Connector(
                resolver=GuardedResolver(self._guard),
                socket_factory=self._guard.open_socket,
                use_dns_cache=False,  # the guard keeps its own; a second one would outlive it
                ssl=self._tls or True,
                limit=self._connections,
                keepalive_timeout=KEEP_ALIVE,
            ),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_TIMEOUT),
            headers={"User-Agent": f"Zipped/{__version__}", "Accept-Encoding": "gzip, deflate"},
            skip_auto_headers=("Content-Type",),
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,
            trace_configs=[trace],
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None
        await self._guard.close()

    async def request(self, method: str, url: str, *, timeout: float, **options: Unpack[CallOptions]) -> Response:
        """See `zipped.catalog.Outside.request`."""
        hop = self._hop(method, url, options)
        max_bytes = min(options.get("max_bytes", USUAL_BYTES), MAX_BYTES)
        max_redirects = min(options.get("max_redirects", MAX_REDIRECTS), MAX_REDIRECTS)
        host, progress = hop.url.host, SimpleNamespace(sent=False)
        try:
            async with asyncio.timeout(timeout):
                return await self._follow(hop, progress, max_bytes, max_redirects)
        except TimeoutError:
            raise TimedOut(f"{host} did not answer within {timeout:g} s.", sent=progress.sent) from None
        except OutsideError as error:
            error.sent = error.sent or progress.sent
            raise

    def compose(self, method: str, url: str, **options: Unpack[CallOptions]) -> Request:
        """What `request` would send first; the client need not be open.

        Raises the OutsideError by which `request` would refuse it without looking at the network.
        """
        hop = self._hop(method, url, options)
        return Request(hop.method, str(hop.url), hop.headers, hop.body)

    async def connect(self, host: str, port: int, *, timeout: float, trusted: bool = False) -> socket.socket:
        """See `zipped.catalog.Outside.connect`; only ports on which mail is handed in pass the guard."""
        return await self._guard.connect(host, port, ports=is_mail_port, timeout=timeout, trusted=trusted)

    async def _follow(self, hop: _Hop, progress: SimpleNamespace, max_bytes: int, max_redirects: int) -> Response:
        redirects = 0
        while True:
            answer, location = await self._send(hop, progress, max_bytes, follow=max_redirects > 0)
            if location is None:
                return Response(
                    status=answer.status,
                    reason=answer.reason or "",
                    headers=cleaned(answer.headers),
                    body=answer.body,
                    url=str(hop.url),
                    redirects=redirects,
                )
            if redirects == max_redirects:
                raise TooManyRedirects(f"{hop.url.host} redirects more than {max_redirects} times.")
            redirects += 1
            hop = self._redirected(hop, answer.status, location)

    async def _send(
        self, hop: _Hop, progress: SimpleNamespace, max_bytes: int, *, follow: bool
    ) -> tuple["_Answer", str | None]:
        if self._session is None:
            raise RuntimeError("The client is not open: use `async with Client(…)`.")
        try:
            async with self._session.request(
                hop.method,
                hop.url,
                headers=hop.headers,
                data=hop.body,
                allow_redirects=False,
                trace_request_ctx=progress,
            ) as answer:
                location = answer.headers.get("Location") if follow and answer.status in _REDIRECTS else None
                body = b"" if location is not None else await _read(answer, max_bytes)
                return _Answer(answer.status, answer.reason, answer.headers, body), location
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise explain(error, hop.url) from error

    def _hop(self, method: str, url: str, options: CallOptions) -> _Hop:
        connection, body = options.get("connection"), options.get("body")
        target = self._target(url)
        secrets = dict(connection.headers) if connection else {}
        if connection and secrets and not connection.allows(target.raw_host or "", target.port or 0):
            raise HostNotBound(
                f"The connection may not be used with {target.host}:{target.port}; "
                "add the host to the connection if it should be."
            )
        hop = _Hop(_method(method), target, for_request(options.get("headers", {}), secrets, body), secrets, body)
        if (depth := options.get("depth")) is not None:
            hop.headers[DEPTH_HEADER] = str(depth + 1)
        return hop

    def _redirected(self, hop: _Hop, status: int, location: str) -> _Hop:
        try:
            target = self._target(str(hop.url.join(read_url(location))))
        except ValueError:
            raise BadAnswer(f"{hop.url.host} redirects to something that is no address.") from None
        if hop.url.scheme == "https" and target.scheme != "https":
            raise Denied(f"{hop.url.host} redirects from https to http; that would send the request in the clear.")
        method, body, headers, secrets = hop.method, hop.body, hop.headers, hop.secret_headers
        if (status == 303 and method != "HEAD") or (status in (301, 302) and method == "POST"):
            method, body, headers = "GET", None, without_body(headers)
        if target.origin() != hop.url.origin():
            headers, secrets = without_secrets(headers, secrets), {}
        return _Hop(method, target, headers, secrets, body)

    def _target(self, text: str) -> URL:
        """The address to call, checked as far as that goes without a look-up. Raises BadUrl, Denied."""
        url = _parsed(text)
        self._guard.check(url.raw_host or "", url.port or 0, ports=is_http_port)
        return url


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    reason: str | None
    headers: Mapping[str, str]
    body: bytes


async def _mark_sent(session: aiohttp.ClientSession, context: SimpleNamespace, params: object) -> None:
    context.trace_request_ctx.sent = True


async def _read(answer: aiohttp.ClientResponse, max_bytes: int) -> bytes:
    """The whole body, or TooLarge as soon as that is certain."""
    announced = answer.content_length
    if announced is not None and announced > max_bytes and answer.method != "HEAD":
        answer.close()
        raise TooLarge(f"The answer has {announced} bytes; at most {max_bytes} are read.")
    chunks: list[bytes] = []
    size = 0
    async for chunk in answer.content.iter_any():
        size += len(chunk)
        if size > max_bytes:
            answer.close()
            raise TooLarge(f"The answer has more than {max_bytes} bytes.")
        chunks.append(chunk)
    return b"".join(chunks)


def _method(method: str) -> str:
    if method not in METHODS:
        raise BadUrl(f"“{method[:20]}” is no method; use one of {', '.join(sorted(METHODS))}.")
    return method


def _parsed(text: str) -> URL:
    text = text.strip()
    if len(text) > MAX_URL:
        raise BadUrl(f"The address has {len(text)} characters; at most {MAX_URL} will do.")
    if not text.isprintable():
        raise BadUrl("The address holds a control character or line break.")
    try:
        url = read_url(text).with_fragment(None)
    except ValueError as error:
        raise BadUrl(f"The address can't be read: {error}.") from None
    if url.scheme not in ("http", "https") or not url.raw_host:
        raise BadUrl("The address must start with http:// or https:// and a host.")
    if url.user is not None or url.password is not None:
        raise BadUrl("The address holds a user name or password; put them into a connection.")
    return url
