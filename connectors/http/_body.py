"""The bodies of a request and of its answer, between JSON values and bytes."""

import base64
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import orjson

BODY_FIELDS = {
    "json": "application/json",
    "form": "application/x-www-form-urlencoded",
    "raw": "text/plain; charset=utf-8",
}


#: Encodings an answer may name. Python knows more, and decodes some of those in quadratic time.
_CHARSETS = re.compile(
    r"utf-?8|utf-?16(le|be)?|us-ascii|ascii|iso-8859-\d{1,2}|latin-?1|windows-125\d|cp125\d|koi8-[ru]"
    r"|shift_jis|euc-(jp|kr)|iso-2022-jp|gb2312|gbk|gb18030|big5",
    re.IGNORECASE,
)


class BadBody(ValueError):
    """The body can't be made from the input."""


def encode(input: Mapping[str, Any]) -> tuple[bytes | None, str | None]:
    """Body and content type of a request; equal inputs give equal bytes. Raises BadBody."""
    kind = input.get("bodyType")
    filled = [name for name in BODY_FIELDS if _is_filled(name, input.get(name))]
    if kind is None:
        if len(filled) > 1:
            raise BadBody(f"Fill in only one of {' and '.join(filled)}, or choose one as the body's type.")
        kind = filled[0] if filled else "none"
    if kind == "none":
        return None, None
    value = input.get(kind)
    content_type = input.get("contentType") or BODY_FIELDS[kind]
    try:
        match kind:
            case "json":
                return orjson.dumps(value), content_type
            case "form":
                return urlencode(query_pairs(value or {})).encode(), content_type
            case _:
                return ("" if value is None else str(value)).encode(), content_type
    except (TypeError, ValueError) as error:  # a number beyond 64 bits, half of a surrogate pair
        raise BadBody(f"The body can't be written as {kind}: {error}.") from None


def _is_filled(name: str, value: object) -> bool:
    return value not in (None, "") and not (name == "form" and value == {})


def query_pairs(fields: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Names and texts of a query or form; a list repeats its name, null leaves it out."""
    pairs = []
    for name, value in fields.items():
        for one in value if isinstance(value, list) else [value]:
            if one is not None:
                pairs.append((name, text_of(one)))
    return pairs


def text_of(value: object) -> str:
    """A scalar as text: true and 1.5 as JSON writes them."""
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def decode(body: bytes, content_type: str, wanted: str) -> tuple[Any, str]:
    """The body of an answer and what it is: json, text, base64 or empty.

    `wanted` is auto, json, text or base64. Auto goes by the content type, and by the looks where there is none. Raises
    ValueError when JSON is wanted and isn't there.
    """
    media, charset = _media_type(content_type)
    text = body.removeprefix(b"\xef\xbb\xbf")
    if wanted == "base64":
        return base64.b64encode(body).decode(), "base64"
    if not body.strip():
        return None, "empty"
    if wanted == "json":
        return orjson.loads(text), "json"
    announced = media.endswith(("/json", "+json"))
    if wanted == "auto" and (announced or (not media and text.lstrip()[:1] in (b"{", b"["))):
        try:
            return orjson.loads(text), "json"
        except ValueError:
            pass  # announced as JSON and isn't: the text is still worth having
    if wanted == "auto" and not announced and not _is_text(media) and b"\0" in body:
        return base64.b64encode(body).decode(), "base64"
    try:
        return text.decode(charset), "text"
    except (LookupError, UnicodeDecodeError):
        if wanted == "text" or announced or _is_text(media):
            return text.decode("utf-8", "replace"), "text"
        return base64.b64encode(body).decode(), "base64"


def _media_type(content_type: str) -> tuple[str, str]:
    media, _, parameters = content_type.partition(";")
    charset = "utf-8"
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        value = value.strip().strip('"')
        if name.strip().lower() == "charset" and _CHARSETS.fullmatch(value):
            charset = value
    return media.strip().lower(), charset


def _is_text(media: str) -> bool:
    return media.startswith("text/") or media.endswith(("/xml", "+xml", "/javascript", "/x-www-form-urlencoded"))
