"""Filters from one notation to another: JSON, URLs, base64, digests."""

import base64
import binascii
import hashlib
import json
import re
from typing import NoReturn
from urllib.parse import quote

from zipped.engine.document import number_fits
from zipped.engine.filters.declaration import Filter, FilterError, as_text
from zipped.engine.outcome import Json
from zipped.engine.values import MAX_DEPTH, compact

_MAX_NUMBER = 400  # characters: more than a float ever prints
_BRACKETS_OR_STRING = re.compile(r'"(?:[^"\\]|\\.)*"?|[\[{]|[\]}]', re.DOTALL)


def _parse_json(value: Json) -> Json:
    text = as_text(value)
    _check_depth(text)
    try:
        return json.loads(text, parse_int=_whole, parse_float=_float, parse_constant=_constant)
    except json.JSONDecodeError as error:
        raise FilterError(f"takes JSON: {error.msg} at line {error.lineno} column {error.colno}") from None


def _check_depth(text: str) -> None:
    """Brackets are counted before anything is built: the parser itself would recurse into them."""
    depth = 0
    for found in _BRACKETS_OR_STRING.finditer(text):
        sign = found[0][0]
        depth += (sign in "[{") - (sign in "]}")
        if depth > MAX_DEPTH:
            raise FilterError(f"takes JSON of at most {MAX_DEPTH} levels")


def _whole(digits: str) -> int:
    value = int(digits) if len(digits) <= 20 else None
    if value is None or not number_fits(value):
        raise FilterError("takes JSON with whole numbers of at most 64 bits; put larger ones in quotes")
    return value


def _float(digits: str) -> float:
    value = float(digits) if len(digits) <= _MAX_NUMBER else None
    if value is None or not number_fits(value):
        raise FilterError("takes JSON with numbers that are not that large")
    return value


def _constant(name: str) -> NoReturn:
    raise FilterError(f"takes JSON, which knows no {name}")


def _base64(value: Json) -> str:
    return base64.b64encode(_bytes(value)).decode("ascii")


def _base64_decode(value: Json) -> str:
    told = "".join(as_text(value).split()).rstrip("=").translate(str.maketrans("-_", "+/"))
    try:
        return base64.b64decode(told + "=" * (-len(told) % 4), validate=True).decode()
    except (binascii.Error, UnicodeError, ValueError):
        raise FilterError("takes the base64 form of a text in UTF-8") from None


def _bytes(value: Json) -> bytes:
    return as_text(value).encode()  # a measured text has a UTF-8 form


ENCODING = (
    Filter("json", compact, "As compact JSON.", "its JSON"),
    Filter("parse_json", _parse_json, "What a JSON text says.", "about the text; 100 levels"),
    Filter(
        "url_encode",
        lambda value: quote(_bytes(value), safe=""),
        "Safe to put into any part of a URL.",
        "3 times the bytes",
    ),
    Filter("base64", _base64, "The UTF-8 text in base64.", "4/3 of the bytes, and 3"),
    Filter(
        "base64_decode",
        _base64_decode,
        "The text that base64 stands for, in the usual or the URL alphabet.",
        "3/4 of the text",
    ),
    Filter(
        "md5",
        lambda value: hashlib.md5(_bytes(value), usedforsecurity=False).hexdigest(),
        "The MD5 digest of the UTF-8 text in hex, for services that ask for it.",
        "32 characters",
    ),
    Filter(
        "sha256",
        lambda value: hashlib.sha256(_bytes(value)).hexdigest(),
        "The SHA-256 digest of the UTF-8 text in hex.",
        "64 characters",
    ),
)
