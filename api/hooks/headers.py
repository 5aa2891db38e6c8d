"""What the door reads from a request's headers; names are in lower case.

Most functions take `Named`, the first value of each name, made once per request.
"""

import hashlib
import re
from collections.abc import Collection, Mapping, Sequence
from typing import Final

import orjson

from zipped.services import trigger_settings

Headers = Sequence[tuple[bytes, bytes]]
Named = Mapping[bytes, bytes]

#: Values of these never reach the database.
CREDENTIALS: Final = frozenset(name.encode() for name in trigger_settings.CREDENTIALS)
MASK: Final = "***"
MAX_DEPTH: Final = 8  # zips that may have called each other
MAX_KEY: Final = 200  # characters of a key kept as they are; a longer one is kept by its hash
TRACEPARENT: Final = re.compile(rb"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")


def named(headers: Headers) -> Named:
    """The value of the first header of each name."""
    return dict(reversed(headers))


def kept(headers: Headers, hidden: Collection[bytes] = ()) -> bytes:
    """The headers as they are stored: a JSON list of [name, value], with `***` for what is secret."""
    return orjson.dumps(
        [
            [name.decode("latin-1"), MASK if name in CREDENTIALS or name in hidden else value.decode("latin-1")]
            for name, value in headers
        ]
    )


def dedupe_key(headers: Named, sources: Sequence[str]) -> str | None:
    """The key of the first of `sources` that is there, prefixed with where it came from."""
    for source in sources:
        value = headers.get(source.encode())
        if value and (text := value.strip().decode("latin-1")):
            if len(text) > MAX_KEY or not text.isprintable():
                text = f"sha256={hashlib.sha256(value.strip()).hexdigest()}"
            return f"{source}:{text}"
    return None


def depth(headers: Named) -> int:
    """How many zips called each other to get here; 0 for what no zip sent."""
    value = headers.get(b"x-zipped-depth")
    return min(int(value), 1000) if value is not None and value.isdigit() and len(value) <= 9 else 0


def traceparent(headers: Named) -> str | None:
    """The W3C trace context, when it is one."""
    value = headers.get(b"traceparent")
    return value.decode() if value is not None and TRACEPARENT.fullmatch(value) else None


def content_length(headers: Named) -> int:
    """The announced size in bytes; 0 when there is none."""
    value = headers.get(b"content-length")
    return int(value) if value is not None and value.isdigit() else 0


def is_encoded(headers: Named) -> bool:
    """Whether the body is not the plain bytes, by Content-Encoding or a transfer coding besides chunked."""
    encoding = headers.get(b"content-encoding")
    transfer = headers.get(b"transfer-encoding")
    return (encoding is not None and encoding.strip().lower() not in (b"", b"identity")) or (
        transfer is not None and transfer.strip().lower() != b"chunked"
    )


def is_json(headers: Named) -> bool:
    """Whether the sender says that the body is JSON."""
    value = headers.get(b"content-type")
    if value is None:
        return False
    media = value.partition(b";")[0].strip().lower()
    return media in (b"application/json", b"text/json") or media.endswith(b"+json")
