"""Makes what an action returned fit to be stored and looked up: plain JSON, bounded, without secrets.

The run goes on with the result of this, not with what the action returned, so that a run that is resumed from its
rows sees the very same values as one that was never interrupted.
"""

import math
from typing import Any

import orjson

from zipped.engine.document import cleaned
from zipped.engine.outcome import Delayed, Failed, Filtered, Json, Outcome, Stopped, Succeeded, Unknown
from zipped.masking import Redactor

OUTPUT_LIMIT = 1_048_576  # bytes of compact JSON; also the most that an expression may look at
DETAIL_LIMIT = 65_536  # bytes of what is kept with an error
MESSAGE_LIMIT = 2_000  # characters
MAX_DEPTH = 100  # levels of lists and objects, as in expressions

_PLAIN = orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_SUBCLASS


class OutputRefused(Exception):
    """The value can't be stored; `code` says why, and `told` what is wrong with it: “has 12 bytes …”."""

    def __init__(self, code: str, told: str) -> None:
        super().__init__(told)
        self.code = code
        self.told = told


def fit_outcome(outcome: Outcome, *, redactor: Redactor, limit: int = OUTPUT_LIMIT) -> Outcome:
    """The outcome with clean, masked, bounded values. An output that can't be stored makes it a failure."""
    try:
        match outcome:
            case Succeeded(output=output):
                return Succeeded(fit(output, redactor=redactor, limit=limit))
            case Delayed(until=until, seconds=seconds, output=output):
                return Delayed(until=until, seconds=seconds, output=fit(output, redactor=redactor, limit=limit))
            case Filtered(reason=reason, output=output):
                return Filtered(_message(reason, redactor), fit(output, redactor=redactor, limit=limit))
            case Stopped(status=status, message=message, output=output):
                return Stopped(status, _message(message, redactor), fit(output, redactor=redactor, limit=limit))
            case Failed(code=code, message=message, retryable=retryable, retry_after=retry_after, detail=detail):
                return Failed(
                    code=code,
                    message=_message(message, redactor),
                    retryable=retryable,
                    retry_after=retry_after if retry_after is not None and math.isfinite(retry_after) else None,
                    detail=_detail(detail, redactor),
                )
            case Unknown(message=message, detail=detail):
                return Unknown(_message(message, redactor), detail=_detail(detail, redactor))
    except OutputRefused as refused:
        return Failed(code=refused.code, message=f"The output {refused.told}")


def weight(outcome: Outcome) -> int:
    """Bytes of JSON that fitting the outcome has to look at, about."""
    value = outcome.detail if isinstance(outcome, Failed | Unknown) else outcome.output
    try:
        return len(orjson.dumps(value, default=str))
    except (TypeError, ValueError, RecursionError):
        return OUTPUT_LIMIT  # whatever it is, it will take its time


def fit(value: Any, *, redactor: Redactor, limit: int) -> Json:
    """The value as JSON that any part of Zipped can carry: no NaN, no NUL, no half characters, no secret.

    Raises OutputRefused when it is larger than `limit` bytes, nested deeper than MAX_DEPTH or no JSON at all.
    """
    try:
        written = orjson.dumps(value, option=_PLAIN)
        plain = b"\\u0000" not in written
    except (TypeError, ValueError, RecursionError):
        plain = False
    if not plain:
        try:
            written = orjson.dumps(_cleaned(value, 0))
        except (TypeError, ValueError, RecursionError) as error:
            raise OutputRefused("bad_output", f"can't be written as JSON: {error}.") from None
    if len(written) > limit:
        raise OutputRefused("output_too_large", f"has {len(written)} bytes of JSON; at most {limit} are kept.")
    if written.count(b"{") + written.count(b"[") > MAX_DEPTH and _depth_exceeds(written):
        raise OutputRefused("output_too_deep", f"is nested deeper than {MAX_DEPTH} levels.")
    return redactor.value(orjson.loads(written))


def _depth_exceeds(written: bytes) -> bool:
    depth = 0
    in_text = escaped = False
    for sign in written:
        if in_text:
            if escaped:
                escaped = False
            elif sign == 0x5C:  # backslash
                escaped = True
            elif sign == 0x22:  # quotation mark
                in_text = False
        elif sign == 0x22:
            in_text = True
        elif sign in b"[{":
            depth += 1
            if depth > MAX_DEPTH:
                return True
        elif sign in b"]}":
            depth -= 1
    return False


def _cleaned(value: Any, depth: int) -> Json:
    if depth > MAX_DEPTH:
        raise OutputRefused("output_too_deep", f"is nested deeper than {MAX_DEPTH} levels.")
    match value:
        case None | bool():
            return value
        case str():
            return cleaned(value)
        case int():
            return value if -(2**63) <= value < 2**64 else _float(value)
        case float():
            return value if math.isfinite(value) else None
        case dict():
            return {cleaned(str(key)): _cleaned(one, depth + 1) for key, one in value.items()}
        case list() | tuple():
            return [_cleaned(one, depth + 1) for one in value]
        case _:
            raise OutputRefused("bad_output", f"holds a {type(value).__name__}, which is no JSON.")


def _float(number: int) -> float | str:
    try:
        return float(number)
    except OverflowError:
        return str(number) if number.bit_length() < 10_000 else "a number too large to write"


def _message(text: str, redactor: Redactor) -> str:
    told = redactor.text(cleaned(text))
    return told if len(told) <= MESSAGE_LIMIT else f"{told[: MESSAGE_LIMIT - 1]}…"


def _detail(detail: Any, redactor: Redactor) -> Json:
    try:
        return fit(detail, redactor=redactor, limit=DETAIL_LIMIT)
    except OutputRefused as refused:
        return {"omitted": f"It {refused.told}"}
