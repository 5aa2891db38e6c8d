from typing import Any

import pytest

from zipped.engine import filters
from zipped.engine.filters import FILTERS, FilterError
from zipped.engine.template import TemplateError, render
from zipped.engine.values import MAX_SIZE

HALF = "x" * (MAX_SIZE // 2)


def made(chain: str, value: Any) -> Any:
    return render(f"{{{{ trigger.body | {chain} }}}}", {"trigger": {"body": value}})


def refused(chain: str, value: Any) -> str:
    with pytest.raises(TemplateError) as caught:
        made(chain, value)
    return caught.value.message.removeprefix("trigger.body: ")


@pytest.mark.parametrize(
    ("chain", "value", "result"),
    [
        ("upper", "straße", "STRASSE"),
        ("upper", True, "TRUE"),
        ("lower", "ÄB", "äb"),
        ("title", "ada lovelace", "Ada Lovelace"),
        ("trim", " \n a b\t", "a b"),
        ("replace('a', '')", "banana", "bnn"),
        ("replace('a', 'aa')", "banana", "baanaanaa"),
        ("split", "a,b,,c", ["a", "b", "", "c"]),
        ("split(' - ')", "a - b", ["a", "b"]),
        ("split", "", [""]),
        ("escape_html", "<a href=\"x\">'&'</a>", "&lt;a href=&quot;x&quot;&gt;&#x27;&amp;&#x27;&lt;/a&gt;"),
        ("string", None, ""),
        ("string", 12, "12"),
        ("string", {"a": [1]}, '{"a":[1]}'),
        ("number", " -3.50 ", -3.5),
        ("number", "007", 7),
        ("number", "+.5e1", 5.0),
        ("number", 8, 8),
        ("round", 2.5, 3),
        ("round", -2.5, -3),
        ("round(2)", 1.005, 1.01),
        ("round", 7, 7),
        ("round(3)", 7, 7),
        ("round(1)", 2.0, 2.0),
        ("round", 1e300, 1e300),
        ("round(10)", 1.7976931348623157e308, 1.7976931348623157e308),
        ("plus(0.2)", 0.1, 0.3),
        ("plus(1)", 9, 10),
        ("plus(1.0)", 9, 10.0),
        ("minus(3)", 1, -2),
        ("times(1.1)", 3, 3.3),
        ("times(100)", 19, 1900),
        ("times(0)", 1e-300, 0.0),
        ("divided_by(100)", 1999, 19.99),
        ("divided_by(100)", 1900, 19),
        ("divided_by(3)", 1, 0.3333333333333333),
        ("divided_by(0.5)", 1, 2.0),
        ("divided_by(-1)", 18446744073709551615 // 2, -9223372036854775807),
        ("sum", [1, 2, 3], 6),
        ("sum", [0.1, 0.2], 0.3),
        ("sum", [], 0),
        ("default('x')", None, "x"),
        ("default(null)", None, None),
        ("default('x')", False, False),
        ("default('x')", "", ""),
        ("join", ["a", 1, None, True, [2]], "a, 1, , true, [2]"),
        ("join('')", ["a", "b"], "ab"),
        ("join('-')", [], ""),
        ("first", [1, 2], 1),
        ("last", [1, 2], 2),
        ("first | default(0)", [], 0),
        ("last | upper | default(0)", [], 0),
        ("length", "größe", 5),
        ("length", [1, 2], 2),
        ("length", {"a": 1}, 1),
        ("slice(1, 3)", "abcd", "bc"),
        ("slice(-2)", [1, 2, 3], [2, 3]),
        ("slice(1)", 12345, "2345"),
        ("slice(0, 99)", "abc", "abc"),
        ("reverse", [1, 2], [2, 1]),
        ("sort", ["b", "a", "B"], ["B", "a", "b"]),
        ("sort", [3, 1.5, -1], [-1, 1.5, 3]),
        ("sort", [], []),
        ("unique", [1, "1", 1.0, True, {"a": 1, "b": 2}, {"b": 2, "a": 1}, 1], [1, "1", True, {"a": 1, "b": 2}]),
        ("contains('b')", "abc", True),
        ("contains('x')", "abc", False),
        ("contains(1)", [1.0], True),
        ("contains(1)", [True], False),
        ("contains(null)", [None], True),
        ("contains(2)", 123, True),
        ("keys", {"b": 1, "a": 2}, ["b", "a"]),
        ("values", {"b": 1, "a": 2}, [1, 2]),
        ("get('a')", {"a": 1}, 1),
        ("get('b') | default(9)", {"a": 1}, 9),
        ("get(-1)", [1, 2], 2),
        ("get(2) | default(9)", [1, 2], 9),
        ("map('name')", [{"name": "a"}, {}, {"name": None}], ["a", None, None]),
        ("json", 'a"é\n', '"a\\"é\\n"'),
        ("json", None, "null"),
        ("parse_json", ' {"a": [1, -2.5e1, "x", null, true]} ', {"a": [1, -25.0, "x", None, True]}),
        ("parse_json", '"[[[[{{ 7 }}"', "[[[[{{ 7 }}"),
        ("parse_json", "[" * 99 + "]" * 99, __import__("json").loads("[" * 99 + "]" * 99)),
        ("url_encode", "a b/ü?&=", "a%20b%2F%C3%BC%3F%26%3D"),
        ("base64", "größe", "Z3LDtsOfZQ=="),
        ("base64_decode", "Z3LDtsOfZQ==", "größe"),
        ("base64_decode", " Z3LD\ntsOfZQ ", "größe"),
        ("base64_decode", "Pz8_Pw", "????"),
        ("md5", "a@example.com", "b418773a2c51fb9777a1648346fa7394"),
        ("sha256", "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("date", "2026-03-29T00:30:00Z", "2026-03-29T00:30:00+00:00"),
        ("date", "2026-03-29", "2026-03-29T00:00:00+00:00"),
        ("date('HH:mm ZZ', 'Europe/Berlin')", "2026-03-29T00:59:59Z", "01:59 +0100"),
        ("date('HH:mm Z', 'Europe/Berlin')", "2026-03-29T01:00:00Z", "03:00 +02:00"),
        ("date('HH:mm')", "2026-03-29T01:00:00+05:30", "19:30"),
        ("date('dddd, D. MMMM YYYY')", 0, "Thursday, 1. January 1970"),
        ("date('ddd DD MMM YY h:mm:ss.SSS a')", 1.25, "Thu 01 Jan 70 12:00:01.250 am"),
        ("date('hh A H m s M')", "2026-12-31T13:04:05", "01 PM 13 4 5 12"),
        ("date('X')", 1767225600000, "1767225600"),
        ("date('[at] YYYY[]MM')", "2026-12-31T13:04:05", "at 202612"),
        ("add_seconds(90)", "2026-12-31T23:59:00+01:00", "2027-01-01T00:00:30+01:00"),
        ("add_seconds(-0.5)", 0, "1969-12-31T23:59:59.500000+00:00"),
    ],
)
def test_what_filters_make(chain: str, value: Any, result: Any) -> None:
    made_of_it = made(chain, value)
    assert made_of_it == result
    assert type(made_of_it) is type(result)


@pytest.mark.parametrize(
    ("chain", "value", "message"),
    [
        ("upper", None, "upper takes text, not null"),
        ("trim", [1], "trim takes text, not a list"),
        ("contains(null)", "abc", "contains takes text, not null"),
        ("number", "1,234.50", "number takes text such as 12 or -3.50, without signs for thousands or money"),
        ("number", "1e999", "number takes text such as 12 or -3.50, without signs for thousands or money"),
        ("number", "9" * 65, "number takes text such as 12 or -3.50, without signs for thousands or money"),
        (
            "number",
            "18446744073709551616",
            "number takes text such as 12 or -3.50, without signs for thousands or money",
        ),
        ("number", True, "number takes a number, not true or false"),
        ("plus(1)", "1", 'plus takes a number, not text; put "number" before it'),
        ("plus(1)", 2**64 - 1, "plus makes a number that is out of range"),
        ("times(1e308)", 1e308, "times makes a number that is out of range"),
        ("sum", [1, "2"], 'sum takes a number, not text; put "number" before it'),
        ("sum", {}, "sum takes a list, not an object"),
        ("length", 5, "length takes text, a list or an object, not a number"),
        ("slice(1)", {}, "slice takes text, not an object"),
        ("sort", [1, "a"], "sort takes a list of texts only, or of numbers only"),
        ("sort", [True], "sort takes a list of texts only, or of numbers only"),
        ("keys", [], "keys takes an object, not a list"),
        ("get(0)", {"a": 1}, "get takes a list, not an object"),
        ("map('a')", [{"a": 1}, 2], "map takes an object, not a number"),
        (
            "parse_json",
            "{",
            "parse_json takes JSON: Expecting property name enclosed in double quotes at line 1 column 2",
        ),
        ("parse_json", "[" * 101, "parse_json takes JSON of at most 100 levels"),
        ("parse_json", "[" * 500_000, "parse_json takes JSON of at most 100 levels"),
        ("parse_json", "[NaN]", "parse_json takes JSON, which knows no NaN"),
        ("parse_json", "-Infinity", "parse_json takes JSON, which knows no -Infinity"),
        ("parse_json", "1e999", "parse_json takes JSON with numbers that are not that large"),
        ("parse_json", "1." + "1" * 5_000, "parse_json takes JSON with numbers that are not that large"),
        (
            "parse_json",
            "9" * 5_000,
            "parse_json takes JSON with whole numbers of at most 64 bits; put larger ones in quotes",
        ),
        (
            "parse_json",
            "18446744073709551616",
            "parse_json takes JSON with whole numbers of at most 64 bits; put larger ones in quotes",
        ),
        ("parse_json", '"\\ud800"', "a text holds half a character (a lone surrogate)"),
        ("base64_decode", "a", "base64_decode takes the base64 form of a text in UTF-8"),
        ("base64_decode", "é", "base64_decode takes the base64 form of a text in UTF-8"),
        ("base64_decode", "/w==", "base64_decode takes the base64 form of a text in UTF-8"),
        ("date", "tomorrow", 'date takes a time such as 2026-01-31T12:00:00Z or seconds since 1970, not "tomorrow"'),
        ("date", "x" * 65, f'date takes a time such as 2026-01-31T12:00:00Z or seconds since 1970, not "{"x" * 40}"'),
        ("date", 1e300, "date takes a time such as 2026-01-31T12:00:00Z or seconds since 1970, not a number"),
        ("date", True, "date takes a time such as 2026-01-31T12:00:00Z or seconds since 1970, not true or false"),
        ("date('', 'Asia/Tokyo')", "9999-12-31T23:00:00Z", "date leaves the years 1 to 9999"),
        ("add_seconds(1e300)", 0, "add_seconds leaves the years 1 to 9999"),
        ("first", [], "trigger.body | first: the list is empty"),
        ("get('b')", {}, "trigger.body | get: there is no 'b' in it"),
        ("get(1)", [1], "trigger.body | get: the list has 1 items"),
    ],
)
def test_what_filters_do_not_take(chain: str, value: Any, message: str) -> None:
    assert refused(chain, value) == message


@pytest.mark.parametrize(
    ("chain", "message"),
    [
        ("nope", 'there is no filter "nope"'),
        ("defualt(1)", 'there is no filter "defualt"; did you mean "default"?'),
        ("default", "default is written default(value)"),
        ("upper(1)", "upper is written upper"),
        ("replace('a')", "replace is written replace(old, new)"),
        ("slice(1, 2, 3)", "slice is written slice(start, [end])"),
        ("replace('', 'x')", "replace: an empty text can't be searched for"),
        ("replace(1, 'x')", "replace: old must be a text in quotes"),
        ("split('')", "split: an empty text can't be searched for"),
        ("slice(1.5)", "slice: start must be a whole number"),
        ("slice(true)", "slice: start must be a whole number"),
        ("plus('1')", "plus: n must be a number"),
        ("plus(false)", "plus: n must be a number"),
        ("divided_by(0)", "divided_by: nothing can be divided by 0"),
        ("divided_by(0.0)", "divided_by: nothing can be divided by 0"),
        ("round(11)", "round: digits go from 0 to 10"),
        ("get(null)", "get: key must be a key in quotes or a position"),
        ("date('X', 'Mars/Base')", 'date: there is no time zone "Mars/Base"; write it as "Europe/Berlin"'),
        (
            "date('X', '../../etc/passwd')",
            'date: there is no time zone "../../etc/passwd"; write it as "Europe/Berlin"',
        ),
        ("date('X', 'Europe')", 'date: there is no time zone "Europe"; write it as "Europe/Berlin"'),
        ("date('X', '')", 'date: there is no time zone ""; write it as "Europe/Berlin"'),
        (f"date('{'Y' * 101}')", "date: a format has at most 100 characters"),
    ],
)
def test_a_filter_that_is_written_wrongly_is_refused_before_it_runs(chain: str, message: str) -> None:
    assert refused(chain, "1") == message


@pytest.mark.parametrize(
    ("chain", "value", "message"),
    [
        ("replace('x', 'xxxxxxxxxx')", HALF, "the result would be larger than 1024 KiB"),
        ("join('" + "-" * 1_000 + "')", ["x"] * 2_000, "the result would be larger than 1024 KiB"),
        ("split('x')", HALF, "split makes at most 100000 items"),
        ("escape_html", HALF.replace("x", "&"), "it is larger than 1024 KiB"),
        ("url_encode", HALF.replace("x", " "), "it is larger than 1024 KiB"),
        ("json | json | json", HALF.replace("x", '"'), "it is larger than 1024 KiB"),
        ("base64 | base64 | base64", HALF, "it is larger than 1024 KiB"),
        ("upper", "ΐ" * (MAX_SIZE // 4), "it is larger than 1024 KiB"),
        ("map('" + "a" * 100 + "') | map('b')", [{}], "map takes an object, not null"),
    ],
)
def test_no_filter_makes_more_than_its_bound(chain: str, value: Any, message: str) -> None:
    assert refused(chain, value) == message


def test_a_filter_never_sees_what_is_missing_but_default_does() -> None:
    missing = filters.Missing("gone")
    for name in FILTERS:
        result = filters.apply(name, missing, ("x",))
        assert result == ("x" if name == "default" else missing)


def test_a_zone_that_vanished_since_the_zip_was_saved_is_an_error_of_the_filter() -> None:
    with pytest.raises(FilterError, match='date knows no time zone "Gone/Away"'):
        filters.apply("date", 0, ("X", "Gone/Away"))


def test_each_filter_says_what_it_does_and_how_large_it_gets() -> None:
    for name, one in FILTERS.items():
        assert one.name == name
        assert one.does.endswith(".")
        assert one.bound
