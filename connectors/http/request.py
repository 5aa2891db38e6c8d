"""HTTP request: one call to any server, with its answer as the output.

What may go better later is retried: no connection, no TLS, no answer in time, and the statuses that say so. A POST or
PATCH that was sent and never answered is of unknown outcome; the step's settings decide whether it is sent again, and
it then carries the same key.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import partial
from typing import Any

from yarl import URL

from connectors.http import _body
from connectors.http._schema import INPUT, OUTPUT, SAMPLE
from zipped.catalog import (
    LARGE,
    Action,
    ActionContext,
    Effect,
    Failed,
    Later,
    Outcome,
    Response,
    Succeeded,
    Unknown,
)
from zipped.http import BadUrl, OutsideError, read_url

RETRYABLE = frozenset({408, 425, 429, 500, 502, 503, 504})
MAX_RETRY_AFTER = 3600.0  # seconds
SHOWN_BODY = 4096  # bytes of a refused answer kept with the error

_READS = frozenset({"GET", "HEAD", "OPTIONS"})
_REPEATABLE = _READS | {"PUT", "DELETE"}  # twice is the same as once, RFC 9110 section 9.2.2


def effect(input: Mapping[str, Any]) -> Effect:
    """Reading or writing, by the method."""
    return Effect.READ if _method(input) in _READS else Effect.WRITE


async def run(context: ActionContext, input: Mapping[str, Any]) -> Outcome | Later:
    """Send the request; any status but 2xx fails unless the author wants to see it."""
    method = _method(input)
    try:
        body, content_type = _body.encode(input)
        url = _with_query(str(input["url"]), input.get("query") or {})
        answer = await context.http.request(
            method,
            url,
            timeout=context.timeout,
            headers=_headers(context, input, content_type),
            connection=context.connection,
            body=body,
            max_bytes=min(int(input.get("maxBytes", context.output_limit)), context.output_limit),
            max_redirects=int(input.get("maxRedirects", 5)) if input.get("followRedirects", True) else 0,
            depth=context.depth,
        )
    except _body.BadBody as error:
        return Failed(code="bad_input", message=str(error))
    except OutsideError as error:
        if error.sent and error.retryable and method not in _REPEATABLE:
            return Unknown(f"{error.message} The request may have been received.", detail={"code": error.code})
        return Failed(code=error.code, message=error.message, retryable=error.retryable)
    if len(answer.body) > LARGE:
        return partial(_outcome, context, input, answer)
    return _outcome(context, input, answer)


def _outcome(context: ActionContext, input: Mapping[str, Any], answer: Response) -> Outcome:
    accepted = 300 if input.get("followRedirects", True) else 400  # who doesn't follow wants to see where it leads
    if not 200 <= answer.status < accepted and input.get("failOnError", True):
        return _refused(context, answer)
    try:
        body, kind = _body.decode(
            answer.body, answer.headers.get("content-type", ""), str(input.get("responseType", "auto"))
        )
    except ValueError:
        return Failed(code="bad_json", message="The answer is not JSON.", detail=_shown(answer))
    return Succeeded(
        {
            "status": answer.status,
            "headers": dict(answer.headers),
            "body": body,
            "bodyType": kind,
            "size": len(answer.body),
            "url": answer.url,
            "redirects": answer.redirects,
        }
    )


def _refused(context: ActionContext, answer: Response) -> Failed:
    told = f"{answer.status} {answer.reason}".strip()
    retryable = answer.status in RETRYABLE
    return Failed(
        code=f"http_{answer.status}",
        message=f"{URL(answer.url).host} answered {told}.",
        retryable=retryable,
        retry_after=_retry_after(answer.headers.get("retry-after"), context.now) if retryable else None,
        detail=_shown(answer),
    )


def _shown(answer: Response) -> dict[str, Any]:
    body, _ = _body.decode(answer.body[:SHOWN_BODY], answer.headers.get("content-type", ""), "text")
    return {"status": answer.status, "headers": dict(answer.headers), "body": body}


def _retry_after(value: str | None, now: datetime) -> float | None:
    """Seconds from now, of either form in RFC 9110 section 10.2.3; None for anything else."""
    if value is None:
        return None
    value = value.strip()
    if value.isascii() and value.isdigit():
        return min(float(value[:10]), MAX_RETRY_AFTER)
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, TypeError, OverflowError):
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return min(max((moment - now).total_seconds(), 0.0), MAX_RETRY_AFTER)


def _method(input: Mapping[str, Any]) -> str:
    return str(input.get("method", "GET"))


def _with_query(url: str, query: Mapping[str, Any]) -> str:
    if not query:
        return url
    try:
        return str(read_url(url).extend_query(_body.query_pairs(query)))
    except ValueError as error:
        raise BadUrl(f"The address can't be read: {error}.") from None


def _headers(context: ActionContext, input: Mapping[str, Any], content_type: str | None) -> dict[str, str]:
    """The author's headers, with ours beneath them."""
    written = {name: _body.text_of(value) for name, value in (input.get("headers") or {}).items() if value is not None}
    taken = {name.lower() for name in written}
    ours: dict[str, str] = {}
    if content_type is not None:
        ours["Content-Type"] = content_type
    if _method(input) not in _READS:
        ours["Idempotency-Key"] = context.idempotency_key
        ours["webhook-id"] = context.idempotency_key
    return {name: value for name, value in ours.items() if name.lower() not in taken} | written


ACTION = Action(
    app="http",
    key="request",
    title="HTTP request",
    description="Call a web service and use its answer. Retried when the service is away or busy.",
    input=INPUT,
    output=OUTPUT,
    sample=SAMPLE,
    effect=effect,
    run=run,
    connection_kinds=("basic", "bearer", "header"),
)
