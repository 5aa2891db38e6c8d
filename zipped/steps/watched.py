"""The way out of a step that is tried: every call is written down for showing, and sent only if it may be.

What is written down is masked and cut; what is sent is what a run would send.
"""

import asyncio
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Unpack

from zipped.catalog import CallOptions, Response
from zipped.engine.document import cleaned
from zipped.http import Client, OutsideError, Request
from zipped.masking import MASK, Redactor

MAX_CALLS: Final = 20  # written down of one try
SHOWN_BODY: Final = 65_536  # characters of a body that are shown

#: Whoever wrote them, they are nothing to keep.
CREDENTIALS: Final = frozenset({"authorization", "cookie", "proxy-authorization", "set-cookie"})


class NotSent(OutsideError):
    """Nothing is sent in a preview."""

    code = "not_sent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """A body as it is shown."""

    #: None where there is none, or it is no text.
    text: str | None
    size: int
    #: Whether the text is only its beginning.
    cut: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the other side said."""

    status: int
    reason: str
    headers: tuple[tuple[str, str], ...]
    body: Body
    #: Where it came from, after redirects.
    url: str


@dataclass(slots=True, kw_only=True)
class Call:
    """One call to another machine. CONNECT stands for a connection that isn't HTTP, with host:port as its url."""

    method: str
    url: str
    headers: tuple[tuple[str, str], ...] = ()
    body: Body
    answer: Answer | None = None
    #: Why there is no answer, in plain words.
    error: str | None = None
    #: From the call to the end of the answer; None in a preview.
    seconds: float | None = None


class Watched:
    """Implements `zipped.catalog.Outside` over the real client; without `send` nothing leaves."""

    def __init__(self, client: Client, *, send: bool, redactor: Redactor) -> None:
        self._client = client
        self._send = send
        self._redactor = redactor
        self.calls: list[Call] = []

    async def request(self, method: str, url: str, *, timeout: float, **options: Unpack[CallOptions]) -> Response:
        """See `zipped.catalog.Outside.request`. Raises NotSent in a preview."""
        call = self._begin(self._client.compose(method, url, **options))
        if not self._send:
            raise NotSent
        started = asyncio.get_running_loop().time()
        try:
            answer = await self._client.request(method, url, timeout=timeout, **options)
        except OutsideError as error:
            call.error = self._text(error.message)
            raise
        finally:
            call.seconds = asyncio.get_running_loop().time() - started
        # Looking for secrets in a large body takes a while; in a thread the loop gets its turns.
        large = len(answer.body) > SHOWN_BODY
        call.answer = await asyncio.to_thread(self._answer, answer) if large else self._answer(answer)
        return answer

    async def connect(self, host: str, port: int, *, timeout: float, trusted: bool = False) -> socket.socket:
        """See `zipped.catalog.Outside.connect`. Raises NotSent in a preview."""
        call = self._begin(Request("CONNECT", f"{host}:{port}", {}, None))
        if not self._send:
            raise NotSent
        started = asyncio.get_running_loop().time()
        try:
            return await self._client.connect(host, port, timeout=timeout, trusted=trusted)
        except OutsideError as error:
            call.error = self._text(error.message)
            raise
        finally:
            call.seconds = asyncio.get_running_loop().time() - started

    def _begin(self, request: Request) -> Call:
        call = Call(
            method=request.method,
            url=self._text(request.url),
            headers=self._headers(request.headers),
            body=self._body(request.body or b""),
        )
        if len(self.calls) < MAX_CALLS:
            self.calls.append(call)
        return call

    def _answer(self, answer: Response) -> Answer:
        return Answer(
            status=answer.status,
            reason=self._text(answer.reason),
            headers=self._headers(answer.headers),
            body=self._body(answer.body),
            url=self._text(answer.url),
        )

    def _headers(self, headers: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
        return tuple(
            (self._text(name), MASK if name.lower() in CREDENTIALS else self._text(value))
            for name, value in headers.items()
        )

    def _body(self, content: bytes) -> Body:
        # Masked before it is cut: half a secret would be no secret to the redactor.
        text = _decoded(content)
        shown = None if text is None else self._text(text)
        cut = shown is not None and len(shown) > SHOWN_BODY
        return Body(text=shown[:SHOWN_BODY] if shown is not None else None, size=len(content), cut=cut)

    def _text(self, text: str) -> str:
        return self._redactor.text(cleaned(text))


def _decoded(content: bytes) -> str | None:
    if not content:
        return None
    try:
        return content.decode()
    except UnicodeDecodeError:
        return None
