"""The headers of a request that an author wrote, and of the answer that came back."""

import re
from collections.abc import Mapping

from multidict import CIMultiDict

from zipped.http.errors import BadRequest

#: Tells another Zipped how many zips called each other to get here, so that a loop ends.
DEPTH_HEADER = "X-Zipped-Depth"

MAX_HEADERS = 100
MAX_VALUE = 8192  # characters of one header

_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}\Z")
_FORBIDDEN = re.compile(r"[\x00-\x08\x0a-\x1f\x7f\ud800-\udfff]")

#: They belong to the connection or to us; a wrong one would split the request or fool the other side.
_RESERVED = frozenset(
    {
        "connection", "content-length", "expect", "host", "keep-alive", "proxy-authorization", "proxy-connection", "te",
        "trailer", "transfer-encoding", "upgrade", DEPTH_HEADER.lower(),
    }
)  # fmt: skip

_SECRET = frozenset({"authorization", "cookie", "proxy-authorization"})
_OF_BODY = frozenset({"content-type", "content-encoding", "content-language", "content-location"})


def problem_with_header(name: str, value: str) -> str | None:
    """Why this header can't be sent, in plain words; None when it can."""
    if not _NAME.match(name):
        return f"“{name[:50]}” is no header name"
    if name.lower() in _RESERVED:
        return f"the header {name} is set by Zipped itself"
    if len(value) > MAX_VALUE:
        return f"the header {name} has more than {MAX_VALUE} characters"
    if _FORBIDDEN.search(value):
        return f"the header {name} holds a line break or control character"
    return None


def for_request(headers: Mapping[str, str], secrets: Mapping[str, str], body: bytes | None) -> CIMultiDict[str]:
    """The headers to send; a connection's own win over the author's. Raises BadRequest."""
    if len(headers) > MAX_HEADERS:
        raise BadRequest(f"The request has {len(headers)} headers; at most {MAX_HEADERS} will do.")
    found: CIMultiDict[str] = CIMultiDict()
    for source in (headers, secrets):
        for name, value in source.items():
            problem = problem_with_header(name, value)
            if problem:
                raise BadRequest(f"The request can't be sent: {problem}.")
            found[name] = value.strip()
    if body is not None and "Content-Type" not in found:
        found["Content-Type"] = "application/octet-stream"
    return found


def without_body(headers: CIMultiDict[str]) -> CIMultiDict[str]:
    """What is left when a redirect turns the request into a GET."""
    return CIMultiDict((name, value) for name, value in headers.items() if name.lower() not in _OF_BODY)


def without_secrets(headers: CIMultiDict[str], secrets: Mapping[str, str]) -> CIMultiDict[str]:
    """What may cross to another origin: nothing of a connection, and no credentials an author typed."""
    dropped = _SECRET | {name.lower() for name in secrets}
    return CIMultiDict((name, value) for name, value in headers.items() if name.lower() not in dropped)


def cleaned(headers: Mapping[str, str]) -> dict[str, str]:
    """An answer's headers as JSON text: names in lower case, repeated ones joined, undecodable bytes replaced."""
    found: dict[str, str] = {}
    for name, value in headers.items():
        key = _text(name.lower())
        if key in found:
            found[key] += ("\n" if key == "set-cookie" else ", ") + _text(value)
        else:
            found[key] = _text(value)
    return found


def _text(value: str) -> str:
    return value if value.isascii() else value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
