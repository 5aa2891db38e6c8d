"""What expressions find under `trigger`, whatever was sent."""

from typing import Any

import pytest

from zipped.services.trigger_scope import read_trigger


def read(body: bytes = b"", *, kind: str = "application/json", query: bytes = b"", method: str = "POST") -> Any:
    return read_trigger(method=method, query=query, headers=f'[["Content-Type","{kind}"]]'.encode(), body=body)


@pytest.mark.parametrize(
    ("kind", "body", "value"),
    [
        ("application/json", b'{"n":1}', {"n": 1}),
        ("application/json; charset=utf-8", b"[1,null]", [1, None]),
        ("application/vnd.github+json", b"true", True),
        ("text/plain", b"12", 12),
        ("text/plain", b"twelve", "twelve"),
        ("application/x-www-form-urlencoded", b"a=1&b=x+y&a=2&c=", {"a": ["1", "2"], "b": "x y", "c": ""}),
        ("application/xml", b"<a/>", "<a/>"),
        ("application/json", b"{broken", "{broken"),
        ("application/octet-stream", b"\xff\x00", "\ufffd\x00"),
        ("application/json", b"[" * 5000, "[" * 5000),
        ("application/x-www-form-urlencoded", b"&".join(b"a=1" for _ in range(1001)), "&".join(["a=1"] * 1001)),
    ],
)
def test_a_body_is_what_it_says(kind: str, body: bytes, value: Any) -> None:
    found = read(body, kind=kind)

    assert found["body"] == value
    assert found["raw"] == body.decode("utf-8", "replace")


def test_headers_have_small_names_and_repeated_ones_are_joined() -> None:
    found = read_trigger(method="PUT", query=b"", headers=b'[["X-Tag","a"],["x-tag","b"],["Host","h"]]', body=b"")

    assert found["headers"] == {"x-tag": "a, b", "host": "h"}
    assert found["method"] == "PUT"


@pytest.mark.parametrize("headers", [b"", b"nonsense", b'["a"]', b'[["only one"]]'])
def test_headers_that_cannot_be_read_are_none(headers: bytes) -> None:
    assert read_trigger(method="POST", query=b"", headers=headers, body=b"")["headers"] == {}


def test_a_query_is_a_dictionary_and_what_comes_twice_a_list() -> None:
    assert read(query=b"a=1&a=2&b=%C3%A9&flag")["query"] == {"a": ["1", "2"], "b": "\u00e9", "flag": ""}


def test_who_starts_a_run_by_hand_used_no_method() -> None:
    assert read(b'{"a":1}', method="MANUAL")["method"] is None


@pytest.mark.parametrize(
    ("parts", "body", "raw"), [({"body"}, {"a": 1}, None), ({"raw"}, None, '{"a":1}'), ({"headers"}, None, None)]
)
def test_of_what_was_sent_only_what_is_asked_for_is_read(parts: set[str], body: Any, raw: Any) -> None:
    found = read_trigger(
        method="POST", query=b"a=1", headers=b'[["Host","h"]]', body=b'{"a":1}', parts=frozenset(parts)
    )

    assert found == {"method": "POST", "headers": {"host": "h"}, "query": {"a": "1"}, "body": body, "raw": raw}
