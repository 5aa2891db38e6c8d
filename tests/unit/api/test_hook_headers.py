"""What the door reads from headers, and what it never stores."""

import hashlib

import orjson
import pytest

from api.hooks import headers

TRACE = b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def test_the_first_of_a_name_counts() -> None:
    assert headers.named([(b"a", b"1"), (b"b", b"2"), (b"a", b"3")]) == {b"a": b"1", b"b": b"2"}


def test_headers_are_kept_in_order_without_credentials() -> None:
    given = [(b"a", b"1"), (b"authorization", b"x"), (b"a", b"\xff"), (b"cookie", b"x"), (b"x-signature", b"x")]
    assert orjson.loads(headers.kept(given, (b"x-signature",))) == [
        ["a", "1"],
        ["authorization", "***"],
        ["a", "\xff"],
        ["cookie", "***"],
        ["x-signature", "***"],
    ]


@pytest.mark.parametrize(
    ("given", "key"),
    [
        ({}, None),
        ({b"one": b""}, None),
        ({b"one": b" \t"}, None),
        ({b"one": b" a b "}, "one:a b"),
        ({b"two": b"2", b"one": b"1"}, "one:1"),
        ({b"two": b"2"}, "two:2"),
        ({b"one": b"k" * 200}, "one:" + "k" * 200),
        ({b"one": b"k" * 201}, "one:sha256=" + hashlib.sha256(b"k" * 201).hexdigest()),
        ({b"one": b"\x00"}, "one:sha256=" + hashlib.sha256(b"\x00").hexdigest()),
    ],
)
def test_a_key_names_its_source(given: dict[bytes, bytes], key: str | None) -> None:
    assert headers.dedupe_key(given, ("one", "two")) == key


@pytest.mark.parametrize(
    ("value", "depth"), [(b"0", 0), (b"8", 8), (b"99999", 1000), (b"-1", 0), (b"1e1", 0), (b"", 0), (b"9" * 5000, 0)]
)
def test_depth(value: bytes, depth: int) -> None:
    assert headers.depth({b"x-zipped-depth": value}) == depth


@pytest.mark.parametrize(
    ("value", "kept"), [(TRACE, TRACE.decode()), (TRACE + b"x", None), (b"", None), (b"\xff", None)]
)
def test_traceparent(value: bytes, kept: str | None) -> None:
    assert headers.traceparent({b"traceparent": value}) == kept


@pytest.mark.parametrize(
    ("given", "encoded"),
    [
        ({}, False),
        ({b"content-encoding": b"identity"}, False),
        ({b"content-encoding": b"gzip"}, True),
        ({b"content-encoding": b"br, gzip"}, True),
        ({b"transfer-encoding": b"Chunked"}, False),
        ({b"transfer-encoding": b"gzip, chunked"}, True),
    ],
)
def test_compressed(given: dict[bytes, bytes], encoded: bool) -> None:
    assert headers.is_encoded(given) is encoded


@pytest.mark.parametrize(
    ("media", "json"),
    [
        (b"application/json", True),
        (b"Application/JSON ; charset=utf-8", True),
        (b"application/ld+json", True),
        (b"application/jsonl", False),
        (b"text/plain", False),
        (b"", False),
    ],
)
def test_json_by_its_media_type(media: bytes, json: bool) -> None:
    assert headers.is_json({b"content-type": media}) is json
    assert not headers.is_json({})
