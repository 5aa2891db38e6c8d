"""What the door says, byte for byte.

Everything under /hooks is served so that a browser runs none of it: HTML answered there once called /graphql with the
session of whoever opened it.
"""

import math
from dataclasses import dataclass
from random import Random
from typing import Final

import orjson
from starlette.types import Send

from api.hooks.json_flaws import Flaw
from zipped.services.accept import Decision

Header = tuple[bytes, bytes]

HEADERS: Final[tuple[Header, ...]] = (
    (b"content-security-policy", b"sandbox"),
    (b"x-content-type-options", b"nosniff"),
    (b"cache-control", b"no-store"),
)
JSON: Final[Header] = (b"content-type", b"application/json")
CLOSE: Final[Header] = (b"connection", b"close")


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, body and the headers besides those that every answer has."""

    status: int
    body: bytes = b""
    headers: tuple[Header, ...] = ()
    #: What a refusal says in words.
    message: str = ""


async def send(channel: Send, answer: Answer, *, closing: bool = False) -> None:
    """Send an answer; `closing` tells the client to open a new connection for what comes next."""
    headers = [*HEADERS, *answer.headers]
    if answer.status != 204:  # which has neither
        headers += (JSON, (b"content-length", b"%d" % len(answer.body)))
    if closing and CLOSE not in answer.headers:
        headers.append(CLOSE)
    await channel({"type": "http.response.start", "status": answer.status, "headers": headers})
    await channel({"type": "http.response.body", "body": answer.body})


def decided(decision: Decision) -> Answer:
    """What becomes of a delivery that was stored."""
    event, run = f"evt_{decision.event_id}", f"run_{decision.run_id}"
    match decision.outcome:
        case "accepted":
            return Answer(202, f'{{"eventId":"{event}","runId":"{run}"}}'.encode())
        case "duplicate":
            body = f'{{"eventId":"{event}","runId":"{run}"}}'.encode()
            return Answer(200, body, ((b"idempotent-replayed", b"true"),))
        case "draft" | "zip_off":
            return Answer(202, f'{{"eventId":"{event}","runId":null,"outcome":"{decision.outcome}"}}'.encode())
        case "conflict":
            message = "This key was used with another body before; send a new event under a new key."
            return refused(409, "key_reused", message, eventId=event, runId=run)
        case "unknown":
            return UNKNOWN


def refused(status: int, code: str, message: str, *headers: Header, **facts: object) -> Answer:
    """An answer that says what is wrong and what to do."""
    body = orjson.dumps({"error": {"code": code, "message": message, **facts}})
    return Answer(status, body, headers, message)


UNKNOWN: Final = refused(404, "unknown_hook", "No zip listens at this address.")


def wrong_method(methods: tuple[str, ...]) -> Answer:
    """405: this webhook does not take the method."""
    listed = ", ".join(methods)
    return refused(405, "method_not_allowed", f"This webhook takes {listed}.", _allow(methods))


def looked_at(method: str, methods: tuple[str, ...]) -> Answer:
    """HEAD and OPTIONS: the webhook is there; nothing runs."""
    return Answer(200 if method == "HEAD" else 204, b"", (_allow(methods),))


def too_large(limit: int) -> Answer:
    """413, before the rest is read."""
    return refused(413, "too_large", f"The body is larger than {limit} bytes.", CLOSE, limit=limit)


def encoded() -> Answer:
    """415: a compressed body would not be the bytes that were signed, and could grow without bound."""
    message = "The body is compressed; send it as it is, without Content-Encoding."
    return refused(415, "content_encoding", message, (b"accept-encoding", b"identity"))


def not_json(flaw: Flaw) -> Answer:
    """400 with the position, for a body that says it is JSON and isn't."""
    message = f"The body is not JSON: {flaw.message} at line {flaw.line}, column {flaw.column}."
    return refused(400, "malformed_json", message, line=flaw.line, column=flaw.column, offset=flaw.offset)


def unsigned() -> Answer:
    """401; the ledger says more than the sender is told."""
    message = "The signature is missing, wrong or too old."
    return refused(401, "bad_signature", message, (b"www-authenticate", b"Signature"))


def throttled(seconds: float) -> Answer:
    """429 with the time after which one more will pass."""
    wait = max(1, math.ceil(seconds))
    return refused(429, "throttled", f"Too many requests; try again in {wait} s.", (b"retry-after", b"%d" % wait))


def looping(depth: int, most: int) -> Answer:
    """400: trying again would not help."""
    message = f"This came through {depth} zips that called each other; at most {most} may."
    return refused(400, "loop", message)


def not_storable() -> Answer:
    """400: the database refuses this one request, and would again."""
    return refused(400, "not_storable", "This request can't be stored as it is.")


def unavailable(message: str, *, random: Random) -> Answer:
    """503; the wait is spread, so that those who were refused together don't come back together."""
    return refused(503, "unavailable", message, (b"retry-after", b"%d" % random.randint(1, 5)))


def _allow(methods: tuple[str, ...]) -> Header:
    return b"allow", ", ".join((*methods, "HEAD", "OPTIONS")).encode()
