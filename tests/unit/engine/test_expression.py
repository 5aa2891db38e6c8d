import time
from contextlib import suppress

import pytest

from zipped.engine.expression import Expression, ExpressionError, FilterCall, Literal, parse, path_text


def only(text: str) -> Expression:
    parts = parse(text)
    assert len(parts) == 1
    assert isinstance(parts[0], Expression)
    return parts[0]


def error(text: str) -> tuple[str, int]:
    with pytest.raises(ExpressionError) as caught:
        parse(text)
    return caught.value.message, caught.value.position


def test_text_and_expressions_come_in_their_order() -> None:
    assert parse("a {{ b }}{{c}} d") == ("a ", Expression(("b",), (), 2), Expression(("c",), (), 9), " d")
    assert parse("") == ()
    assert parse("no braces, }} nor ${x}, {% y %}") == ("no braces, }} nor ${x}, {% y %}",)


@pytest.mark.parametrize(
    ("path", "parts"),
    [
        ("a", ("a",)),
        ("a.b_c.content-type", ("a", "b_c", "content-type")),
        ('a[0][12].b["key with space"]', ("a", 0, 12, "b", "key with space")),
        ("a['it\\'s \\\\ \\n\\r\\t\\\"']", ("a", "it's \\ \n\r\t\"")),
        ("größe.日本", ("größe", "日本")),
        (" a . b [ 0 ] [ 'c' ] ", ("a", "b", 0, "c")),
        ("_.__class__", ("_", "__class__")),
        ('a["}}"]', ("a", "}}")),
    ],
)
def test_paths(path: str, parts: tuple[str | int, ...]) -> None:
    assert only(f"{{{{{path}}}}}").path == parts


@pytest.mark.parametrize(
    ("told", "arguments"),
    [
        ("f", ()),
        ("f()", ()),
        ("f( )", ()),
        ('f("a,)|}}", 1)', ("a,)|}}", 1)),
        ("f(true,false,null)", (True, False, None)),
        ("f(0,-1,1.5,-2e3,1E+2)", (0, -1, 1.5, -2000.0, 100.0)),
        ("f(18446744073709551615,-9223372036854775808)", (2**64 - 1, -(2**63))),
    ],
)
def test_filters_take_literals(told: str, arguments: tuple[Literal, ...]) -> None:
    assert only(f"{{{{a|{told}|g}}}}").filters == (FilterCall("f", arguments, 4), FilterCall("g", (), 5 + len(told)))


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (r"\{{ a }}", ("{{ a }}",)),
        (r"\\{{a}}", ("\\", Expression(("a",), (), 2))),
        (r"x\\\{{ a }}", ("x\\{{ a }}",)),
        (r"C:\dir\x {{a}}\n", ("C:\\dir\\x ", Expression(("a",), (), 9), "\\n")),
        (r"\{{{{a}}", ("{{", Expression(("a",), (), 3))),
        ("{{a}}}}", (Expression(("a",), (), 0), "}}")),
    ],
)
def test_a_backslash_makes_braces_plain(text: str, parts: tuple[object, ...]) -> None:
    assert parse(text) == parts


PATH = 'expected a path such as "trigger.body.email"'
NO_OPERATORS = "; there are no operators, only filters such as plus(1)"


@pytest.mark.parametrize(
    ("text", "message", "position"),
    [
        ("{{ 7*7 }}", f"{PATH}, found '7'", 3),
        ("{{}}", f"{PATH}, found '}}'", 2),
        ("{{{ a }}", f"{PATH}, found '{{'", 2),
        ("x {{ a + 1 }}", f'expected "|" or "}}}}", found \'+\'{NO_OPERATORS}', 7),
        ("{{ a() }}", 'expected "|" or "}}", found \'(\'', 4),
        ("{{ a b }}", 'expected "|" or "}}", found \'b\'', 5),
        ("{{ a }", 'expected "|" or "}}", found \'}\'', 5),
        (
            "{{ a.0 }}",
            "expected a name after the dot (a position is written [0], any other key [\"a key\"]), found '0'",
            5,
        ),
        (
            "{{ a[-1] }}",
            "expected a position from 0, or a key in quotes: [0], [\"a key\"], found '-'" + NO_OPERATORS,
            5,
        ),
        ("{{ a[0 }}", "expected \"]\", found '}'", 7),
        ("{{ a[1234567890] }}", "expected a position from 0, or a key in quotes: [0], [\"a key\"], found '1'", 5),
        ("{{ a | }}", "expected the name of a filter, found '}'", 7),
        ("{{ a | f(b) }}", "expected a text in quotes, a number, true, false or null, found 'b'", 9),
        ("{{ a | f(1 2) }}", 'expected "," or ")", found \'2\'', 11),
        ("{{ a | f(1,) }}", "expected a text in quotes, a number, true, false or null, found ')'", 11),
        ("{{ a | f('x) }}", "this text has no closing quote", 9),
        (r"{{ a | f('\d') }}", r'"\d" is not an escape; a backslash itself is written "\\"', 9),
        ("{{ a | f(1e999) }}", "this number is too large", 9),
        ("{{ a | f(18446744073709551616) }}", "this number is too large", 9),
        ("{{ a | f(" + "9" * 1_500 + ") }}", "a number has at most 40 characters", 9),
        ("text {{ a", 'this "{{" is never closed by "}}"; two plain braces are written "\\{{"', 5),
        ("{{", 'this "{{" is never closed by "}}"; two plain braces are written "\\{{"', 0),
        ("{{ a" + " " * 3_000 + "}}", "the expression is longer than 2000 characters", 2_004),
        ("{{ a" + ".b" * 64 + " }}", "the path has more than 64 parts", 132),
        ("{{ a" + "|f" * 33 + " }}", "there are more than 32 filters", 69),
        ("{{a}}" * 1_001, "there are more than 1000 expressions", 5_000),
    ],
)
def test_what_is_no_expression_is_told_with_its_position(text: str, message: str, position: int) -> None:
    assert error(text) == (message, position)


def test_a_path_is_told_as_it_is_written() -> None:
    assert path_text(("a", "b", 0, "key with space", 'quo"te\\', "c")) == 'a.b[0]["key with space"]["quo\\"te\\\\"].c'


@pytest.mark.parametrize(
    "unit", ["\\", "{", "}", "{{a}}", "\\{{", "{{a|f('", "{{a.b", "{{'", "[", " ", "{{ " + " " * 1_990]
)
def test_reading_is_linear(unit: str) -> None:
    """Sixteen times the text takes nothing like 256 times as long."""
    short, long = (unit * (size // len(unit)) for size in (16_384, 262_144))

    def seconds(text: str) -> float:
        best = 9.0
        for _ in range(3):
            start = time.process_time()
            with suppress(ExpressionError):
                parse(text)
            best = min(best, time.process_time() - start)
        return best

    assert seconds(long) < 64 * seconds(short) + 0.01
