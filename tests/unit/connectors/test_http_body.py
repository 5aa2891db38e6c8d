"""Bodies between JSON values and bytes."""

import time
from typing import Any

import pytest

from connectors.http._body import BadBody, decode, encode


@pytest.mark.parametrize(
    ("input", "body", "content_type"),
    [
        ({}, None, None),
        ({"bodyType": "none", "json": {"a": 1}}, None, None),
        ({"json": {"b": 1, "a": [True, None]}}, b'{"b":1,"a":[true,null]}', "application/json"),
        ({"json": {}}, b"{}", "application/json"),
        ({"json": 0}, b"0", "application/json"),
        ({"bodyType": "json", "json": None}, b"null", "application/json"),
        ({"json": {"a": 1}, "contentType": "application/ld+json"}, b'{"a":1}', "application/ld+json"),
        (
            {"form": {"a": "x y&", "b": [1, True, None], "c": None, "d": 1.5}},
            b"a=x+y%26&b=1&b=true&d=1.5",
            "application/x-www-form-urlencoded",
        ),
        ({"raw": "<a>ä</a>", "contentType": "application/xml"}, "<a>ä</a>".encode(), "application/xml"),
        ({"raw": "x", "form": {}, "json": None}, b"x", "text/plain; charset=utf-8"),
        ({"bodyType": "raw"}, b"", "text/plain; charset=utf-8"),
    ],
)
def test_a_body_is_made_from_the_input(input: dict[str, Any], body: bytes | None, content_type: str | None) -> None:
    assert encode(input) == (body, content_type)


@pytest.mark.parametrize("input", [{"json": {"a": 1}, "raw": "x"}, {"json": 2**64}, {"raw": "\ud800"}])
def test_a_body_that_can_not_be_made_is_refused(input: dict[str, Any]) -> None:
    with pytest.raises(BadBody):
        encode(input)


@pytest.mark.parametrize(
    ("body", "content_type", "wanted", "value", "kind"),
    [
        (b'{"a":1}', "application/json", "auto", {"a": 1}, "json"),
        (b'\xef\xbb\xbf{"a":1}', "application/json; charset=utf-8", "auto", {"a": 1}, "json"),
        (b'{"a":1}', "application/problem+json", "auto", {"a": 1}, "json"),
        (b'{"a":1}', "", "auto", {"a": 1}, "json"),
        (b'{"a":1}', "text/plain", "auto", '{"a":1}', "text"),
        (b'{"a":1}', "text/plain", "json", {"a": 1}, "json"),
        (b'{"a":1}', "application/json", "text", '{"a":1}', "text"),
        (b"{no", "application/json", "auto", "{no", "text"),
        (b"[NaN]", "application/json", "auto", "[NaN]", "text"),
        (b"gr\xfc\xdfe", "text/plain; charset=iso-8859-1", "auto", "grüße", "text"),
        (b"gr\xfc\xdfe", "text/plain", "auto", "gr\ufffd\ufffde", "text"),
        (b"\x89PNG\r\n\x00", "image/png", "auto", "iVBORw0KAA==", "base64"),
        (b"\xff\xfe\xfd", "application/octet-stream", "auto", "//79", "base64"),
        (b"plain", "application/octet-stream", "auto", "plain", "text"),
        (b"abc", "text/plain", "base64", "YWJj", "base64"),
        (b"", "application/json", "auto", None, "empty"),
        (b" \n", "", "json", None, "empty"),
    ],
)
def test_an_answer_is_read_by_its_type(body: bytes, content_type: str, wanted: str, value: Any, kind: str) -> None:
    assert decode(body, content_type, wanted) == (value, kind)


def test_json_that_is_wanted_must_be_there() -> None:
    with pytest.raises(ValueError, match="unexpected character"):
        decode(b"<html>", "text/html", "json")


@pytest.mark.parametrize("charset", ["punycode", "idna", "unicode_escape", "utf-7", "hex", "rot13", "x" * 1000])
def test_only_known_encodings_are_used(charset: str) -> None:
    body = b"a-" * 200_000
    begin = time.perf_counter()
    assert decode(body, f"text/plain; charset={charset}", "auto") == (body.decode(), "text")
    assert time.perf_counter() - begin < 1
