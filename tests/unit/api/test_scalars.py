"""The scalars of our own: what comes in, what goes out, what is refused."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from graphql import GraphQLError

from api.graphql import scalars


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-22T18:30:00Z", datetime(2026, 11, 22, 18, 30, tzinfo=UTC)),
        ("2026-11-22t18:30:00z", datetime(2026, 11, 22, 18, 30, tzinfo=UTC)),
        ("2026-11-22T18:30:00.5+01:00", datetime(2026, 11, 22, 17, 30, 0, 500_000, tzinfo=UTC)),
        ("2026-11-22T18:30:00.123456789-05:30", datetime(2026, 11, 23, 0, 0, 0, 123_456, tzinfo=UTC)),
    ],
)
def test_datetime_comes_in_with_an_offset(text: str, moment: datetime) -> None:
    parsed = scalars.parse_datetime(text)

    assert (parsed, parsed.utcoffset()) == (moment, timedelta(0))


@pytest.mark.parametrize(
    "value",
    [
        "2026",
        "2026-W01",
        "20261122T183000Z",
        "2026-11-22",
        "2026-11-22T18:30:00",
        "2026-11-22 18:30:00Z",
        "2026-11-22T18:30Z",
        "2026-02-30T18:30:00Z",
        "2026-11-22T24:00:00Z",
        "2026-11-22T18:30:60Z",
        "2026-11-22T18:30:00+25:00",
        "0001-01-01T00:00:00+23:59",
        "\uff12026-11-22T18:30:00Z",
        "2026-11-22T18:30:00Z\n",
        "",
        1_700_000_000,
        True,
        None,
    ],
)
def test_datetime_refuses_anything_else(value: object) -> None:
    with pytest.raises(GraphQLError, match=r"^DateTime takes a moment with an offset, like 2026-11-22T18:30:00Z"):
        scalars.parse_datetime(value)


def test_datetime_goes_out_in_utc_with_milliseconds() -> None:
    moment = datetime(2026, 11, 22, 19, 30, 0, 123_999, tzinfo=timezone(timedelta(hours=1)))

    assert scalars.serialize_datetime(moment) == "2026-11-22T18:30:00.123Z"
    with pytest.raises(TypeError):
        scalars.serialize_datetime(datetime(2026, 11, 22))  # noqa: DTZ001  # a moment without an offset is a mistake


@pytest.mark.parametrize(("value", "number"), [("5", 5), (-5, -5), (str(2**63 - 1), 2**63 - 1)])
def test_big_int_takes_text_and_numbers(value: object, number: int) -> None:
    assert scalars.parse_big_int(value) == number


@pytest.mark.parametrize("value", ["", "5.0", "0x5", " 5", "५", 5.0, True, None, str(2**63), 2**63, "1" * 5000])
def test_big_int_refuses_anything_else(value: object) -> None:
    with pytest.raises(GraphQLError, match=r"^BigInt takes a whole number of up to 64 bits"):
        scalars.parse_big_int(value)


def nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


def test_json_takes_any_value() -> None:
    value = {"a": [1, 2.5, None, True, "💥", {}], "": nested(60)}

    assert scalars.parse_json(value) is value


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (nested(65), "The JSON value is nested more than 64 deep: make it flatter."),
        ([0] * 50_001, "The JSON value holds more than 50000 values: send less at once."),
        ({"a": ["b\0"]}, "The JSON value holds a NUL character (U+0000) at a.0: remove it."),
        ({"a\0": 1}, "The JSON value holds a NUL character (U+0000) at its top: remove it."),
        ("\ud800", "The JSON value holds half of a surrogate pair (U+D800 to U+DFFF) at its top: remove it."),
        ({"a": float("nan")}, "The JSON value holds nan at a: JSON knows only finite numbers."),
        ([float("-inf")], "The JSON value holds -inf at 0: JSON knows only finite numbers."),
    ],
)
def test_json_refuses_what_cannot_be_stored_and_names_the_place(value: object, message: str) -> None:
    with pytest.raises(GraphQLError) as caught:
        scalars.parse_json(value)

    assert caught.value.message == message
