"""What expressions find under `trigger`: an event as it was stored, read into values.

`method` and `query` and `headers` (names in lower case) are as they were sent; what was sent several times is joined
by ", " in headers and a list in the query. `raw` is the body's text. `body` is what it says: the value of a JSON body,
the fields of a form, else its text. A run that somebody started by hand has no method; its body is what was handed in.
"""

from collections.abc import Collection
from typing import Any
from urllib.parse import parse_qsl

import orjson

from zipped.engine import template

MANUAL = "MANUAL"
MAX_FIELDS = 1000  # of a form or a query; more are left in the text
PARTS = template.SCOPE["trigger"]
JSON_TYPES = ("application/json", "text/json", "text/plain", "")


def read_trigger(
    *, method: str, query: bytes, headers: bytes, body: bytes, parts: Collection[str] = PARTS
) -> dict[str, Any]:
    """The scope of an event. Whatever the bytes are, they are read as far as they can be; never raises.

    Of `body` and `raw`, which may be large, only what is among `parts` is read; the other is None.
    """
    named: dict[str, str] = {}
    for name, value in _pairs(headers):
        key = str(name).lower()
        named[key] = f"{named[key]}, {value}" if key in named else str(value)
    return {
        "method": None if method == MANUAL else method,
        "headers": named,
        "query": _fields(query.decode("utf-8", "replace")) or {},
        "body": _body(named.get("content-type", ""), body) if "body" in parts else None,
        "raw": _text(body) if "raw" in parts else None,
    }


def _pairs(headers: bytes) -> list[tuple[object, object]]:
    try:
        stored = orjson.loads(headers)
    except orjson.JSONDecodeError:
        return []
    return [(pair[0], pair[1]) for pair in stored if isinstance(pair, list) and len(pair) == 2]


def _text(body: bytes) -> str:
    return body.decode("utf-8", "replace")


def _body(content_type: str, body: bytes) -> Any:
    media = content_type.partition(";")[0].strip().lower()
    if media in JSON_TYPES or media.endswith("+json"):
        try:
            return orjson.loads(body)
        except orjson.JSONDecodeError:
            return _text(body)
    text = _text(body)
    if media == "application/x-www-form-urlencoded":
        fields = _fields(text)
        return text if fields is None else fields
    return text


def _fields(text: str) -> dict[str, Any] | None:
    """Names and values of a query or form; None when they are too many."""
    try:
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=MAX_FIELDS)
    except ValueError:
        return None
    fields: dict[str, Any] = {}
    for name, value in pairs:
        if name not in fields:
            fields[name] = value
        elif isinstance(fields[name], list):
            fields[name].append(value)
        else:
            fields[name] = [fields[name], value]
    return fields
