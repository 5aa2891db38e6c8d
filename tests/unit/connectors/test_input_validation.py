"""An input is checked as the author wrote it, and once more as it was rendered."""

from typing import Any

import pytest

from zipped.catalog import (
    Action,
    ActionContext,
    Effect,
    Failed,
    Outcome,
    Succeeded,
    validate_connection,
    validate_input,
    validate_resolved,
)
from zipped.errors import Problem


async def _run(context: ActionContext, input: Any) -> Outcome:
    return Succeeded(input)


ACTION = Action(
    app="test",
    key="act",
    title="Act",
    description="Does something.",
    input={
        "type": "object",
        "properties": {
            "url": {"type": "string", "title": "Address", "minLength": 1, "maxLength": 20},
            "count": {"type": "integer", "title": "Count", "minimum": 1, "maximum": 9},
            "mode": {"type": "string", "title": "Mode", "enum": ["a", "b"], "x-zipped": {"templates": False}},
            "key": {"type": "string", "title": "Key", "x-zipped": {"secret": True}},
            "headers": {"type": "object", "additionalProperties": {"type": "string"}},
            "lines": {"type": "array", "items": {"type": "object", "required": ["n"]}, "maxItems": 2},
        },
        "required": ["url"],
        "additionalProperties": False,
    },
    output={},
    sample={},
    effect=Effect.PURE,
    run=_run,
    connection_kinds=("basic", "bearer"),
    connection_required=True,
)


def _told(problems: list[Problem]) -> list[tuple[str, str]]:
    return [(".".join(problem.path), problem.code) for problem in problems]


@pytest.mark.parametrize(
    "template",
    [
        {"url": "x"},
        {"url": "{{ trigger.body.url }}", "count": "{{ steps.a.count }}", "headers": "{{ trigger.headers }}"},
        {"url": "x{{ trigger.body.a_very_long_name_of_a_field }}", "lines": "{{ trigger.body.lines }}"},
        {"url": "x", "key": "{{ trigger.body.key }}", "lines": [{"n": 1}, "{{ trigger.body.line }}"]},
    ],
)
def test_expressions_may_stand_where_any_value_may(template: dict[str, Any]) -> None:
    assert validate_input(ACTION, template) == []


@pytest.mark.parametrize(
    ("template", "problems"),
    [
        ({}, [("url", "required")]),
        ({"url": 5}, [("url", "wrong_type")]),
        ({"url": ""}, [("url", "too_short")]),
        ({"url": "x" * 21}, [("url", "too_long")]),
        ({"url": "x", "count": 0}, [("count", "too_small")]),
        ({"url": "x", "count": 10}, [("count", "too_large")]),
        ({"url": "x", "count": 1.5}, [("count", "wrong_type")]),
        ({"url": "x", "count": True}, [("count", "wrong_type")]),
        ({"url": "x", "mode": "c"}, [("mode", "not_a_choice")]),
        ({"url": "x", "mode": "{{ trigger.body.mode }}"}, [("mode", "expression_not_allowed")]),
        ({"url": "x", "key": "s3cret"}, [("key", "secret_literal")]),
        ({"url": "x", "headers": {"A": 1}}, [("headers.A", "wrong_type")]),
        ({"url": "x", "lines": [{}]}, [("lines.0.n", "required")]),
        ({"url": "x", "lines": [1, {"n": 1}, {"n": 1}]}, [("lines", "too_long"), ("lines.0", "wrong_type")]),
        ({"url": "x", "ulr": "y"}, [("ulr", "unknown_field")]),
        ([], [("", "wrong_type")]),
        (None, [("", "wrong_type")]),
        ("{{ trigger.body }}", []),
    ],
)
def test_literals_are_checked_as_they_are(template: Any, problems: list[tuple[str, str]]) -> None:
    found = validate_input(ACTION, template)
    assert sorted(_told(found)) == problems
    assert [problem for problem in found if not problem.fix] == []


def test_every_problem_is_told_at_once_in_plain_words() -> None:
    problems = validate_input(ACTION, {"ulr": "x", "count": "many", "key": "hunter2-hunter2"})
    assert sorted(problems, key=lambda problem: problem.path) == [
        Problem(
            path=("count",), code="wrong_type", message="Count must be a whole number.", fix="Enter a whole number."
        ),
        Problem(
            path=("key",),
            code="secret_literal",
            message="Key is secret and can't be written into a step.",
            fix="Put it into a connection and choose that connection in the step.",
        ),
        Problem(
            path=("ulr",),
            code="unknown_field",
            message="There is no field called 'ulr' here.",
            fix="Did you mean 'url'?",
        ),
        Problem(path=("url",), code="required", message="Address is missing.", fix="Fill it in."),
    ]
    assert "hunter2" not in str(problems)


def test_a_hostile_input_costs_little() -> None:
    deep: Any = "x"
    for _ in range(100_000):
        deep = [deep]
    assert _told(validate_input(ACTION, {"url": deep})) == [("", "too_deep")]
    many = {f"field{n}": n for n in range(100_000)}
    assert len(validate_input(ACTION, {"url": "x", **many})) == 10
    assert len(validate_input(ACTION, {"url": "x", "headers": dict.fromkeys(many, 1)})) == 50


def test_what_was_rendered_is_checked_whole() -> None:
    assert validate_resolved(ACTION, {"url": "x", "count": 3, "key": "s3cret"}) is None
    assert validate_resolved(ACTION, {"url": "x", "count": "3"}) == Failed(
        code="bad_input",
        message="count: Count must be a whole number.",
        retryable=False,
        detail={
            "problems": [
                {
                    "path": ["count"],
                    "code": "wrong_type",
                    "message": "Count must be a whole number.",
                    "fix": "Enter a whole number.",
                }
            ]
        },
    )
    assert validate_resolved(ACTION, {"url": "{{ x }}" * 5}) is not None


def test_a_connection_must_be_of_a_kind_that_fits() -> None:
    assert validate_connection(ACTION, "basic") is None
    missing, wrong = validate_connection(ACTION, None), validate_connection(ACTION, "smtp")
    assert missing is not None
    assert (missing.code, missing.fix) == ("required", "Choose a connection of the kind basic or bearer.")
    assert wrong is not None
    assert (wrong.path, wrong.code) == (("connection",), "wrong_kind")


def test_a_literal_authorization_header_is_refused() -> None:
    import connectors

    request = connectors.load().action("http", "request")
    assert request is not None
    for name in ("Authorization", "authorization", "X-API-Key", "x-api-key"):
        literal = validate_input(request, {"url": "https://example.com", "headers": {name: "Bearer abc"}})
        assert _told(literal) == [(f"headers.{name}", "secret_literal")]
        mapped = {"url": "https://example.com", "headers": {name: "{{ trigger.headers.authorization }}"}}
        assert validate_input(request, mapped) == []
    assert validate_input(request, {"url": "https://example.com", "headers": {"Accept": "text/html"}}) == []
