from typing import Any

import pytest

from zipped.engine.values import MAX_DEPTH, Meter, ValueRefused, canonical, kind_of, same, text_of


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        (None, "null", ""),
        (True, "true or false", "true"),
        (False, "true or false", "false"),
        (12, "a number", "12"),
        (1.5, "a number", "1.5"),
        (1e30, "a number", "1e+30"),
        ("é", "text", "é"),
        ([1, "a", None], "a list", '[1,"a",null]'),
        ({"ä": {"b": True}}, "an object", '{"ä":{"b":true}}'),
    ],
)
def test_what_values_are_called_and_how_they_read(value: Any, kind: str, text: str) -> None:
    assert (kind_of(value), text_of(value)) == (kind, text)


def test_what_is_no_json_is_called_by_its_type() -> None:
    assert kind_of({1}) == "no JSON value (set)"


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        (1, 1.0, True),
        (1, True, False),
        (0, False, False),
        ("1", 1, False),
        (None, None, True),
        (None, False, False),
        ([1, {"a": 2.0, "b": 0}], [1.0, {"b": 0, "a": 2}], True),
        ([True], [1], False),
        ([1], {"0": 1}, False),
        ([1.5], [1.5], True),
        ([1], 1, False),
    ],
)
def test_equality_is_that_of_json(one: Any, other: Any, equal: bool) -> None:
    assert same(one, other) is equal
    assert same(other, one) is equal
    assert (canonical(one) == canonical(other)) is equal


def test_a_copy_shares_no_list_and_no_object() -> None:
    value = {"a": [{"b": [1, 2.5, "x", None, True]}]}
    meter = Meter(1_000)
    copied = meter.copy(value)
    assert copied == value
    assert copied is not value
    assert copied["a"] is not value["a"]
    assert copied["a"][0]["b"] is not value["a"][0]["b"]
    assert meter.nodes == 11


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (float("nan"), "a number is not finite, or beyond 64 bits"),
        ([10**5_000], "a number is not finite, or beyond 64 bits"),
        ("\ud800", "a text holds half a character (a lone surrogate)"),
        ({"\ud800": 1}, "a text holds half a character (a lone surrogate)"),
        ({1: 2}, "a key of an object is a number"),
        ([b"x"], "a value is no JSON value (bytes)"),
        ("x" * 1_024, "it is larger than 1 KiB"),
        (["é" * 400, "é" * 400], "it is larger than 1 KiB"),
        ([0] * 1_024, "it is larger than 1 KiB"),
    ],
)
def test_what_no_expression_may_touch(value: Any, message: str) -> None:
    with pytest.raises(ValueRefused) as caught:
        Meter(1_024).copy(value)
    assert str(caught.value) == message


def test_depth_is_bounded() -> None:
    value: Any = "x"
    for _ in range(MAX_DEPTH):
        value = [value]
    assert Meter(1_000).copy(value) == value
    with pytest.raises(ValueRefused, match="a value is nested deeper than 100 levels"):
        Meter(1_000).copy([value])
