from typing import Any

import pytest

from zipped.engine import definition
from zipped.engine.definition import Definition, DefinitionError, Step, StepSettings, parse
from zipped.engine.problem import Problem
from zipped.engine.retry import RetryPolicy


def step(step_id: str = "call", **fields: Any) -> dict[str, Any]:
    return {"id": step_id, "app": "http", "action": "request"} | fields


def refused(document: object) -> tuple[Problem, ...]:
    with pytest.raises(DefinitionError) as caught:
        parse(document)
    return caught.value.problems


def told(*steps: object) -> list[tuple[tuple[str, ...], str, str, str]]:
    return [(one.path, one.code, one.message, one.fix) for one in refused({"steps": list(steps)})]


def test_the_least_that_a_step_needs() -> None:
    assert parse({"steps": [step()]}) == Definition(
        (
            Step(
                id="call",
                app="http",
                action="request",
                name="",
                input={},
                connection_id=None,
                skip=False,
                note="",
                settings=StepSettings(
                    timeout=None, retry=RetryPolicy(attempts=9), on_error="stop", on_unknown="repeat"
                ),
            ),
        )
    )


def test_a_whole_step_is_read_and_written_back() -> None:
    document = {
        "steps": [
            step(
                name="Call it",
                connection="con_01999999-0000-7000-8000-000000000001",
                input={"url": "https://example.com/{{ trigger.body.id }}", "json": {"a": [1, None]}},
                skip=True,
                note="why",
                settings={
                    "timeoutSeconds": 2.5,
                    "retry": {"attempts": 1},
                    "onError": "continue",
                    "onUnknown": "stop",
                },
            )
        ]
    }
    parsed = parse(document)
    assert parsed.steps[0].settings == StepSettings(
        timeout=2.5, retry=RetryPolicy(attempts=1), on_error="continue", on_unknown="stop"
    )
    assert parsed.to_document() == document
    assert parse(parsed.to_document()) == parsed


def test_null_is_what_is_not_said() -> None:
    nothing = dict.fromkeys(["name", "connection", "input", "skip", "note", "settings"])
    assert parse({"steps": [step() | nothing]}) == parse({"steps": [step()]})
    settings = {"timeoutSeconds": None, "retry": None, "onError": None, "onUnknown": None}
    assert parse({"steps": [step(settings=settings)]}) == parse({"steps": [step()]})


def test_no_steps_is_a_definition_and_five_hundred_are_too() -> None:
    assert parse({"steps": []}) == Definition(())
    assert len(parse({"steps": [step(f"s{index}") for index in range(500)]}).steps) == 500


def test_more_steps_are_refused() -> None:
    assert [one.message for one in refused({"steps": [step(f"s{index}") for index in range(501)]})] == [
        '"steps" has 501 entries; at most 500 are allowed.'
    ]


@pytest.mark.parametrize(
    ("document", "path", "message"),
    [
        (None, (), "It must be an object, not null."),
        ([], (), "It must be an object, not a list."),
        ({}, ("steps",), '"steps" is missing.'),
        ({"steps": {}}, ("steps",), '"steps" must be a list, not an object.'),
        ({"steps": [3]}, ("steps", "0"), "It must be an object, not a number."),
        ({"steps": [], "stepz": []}, ("stepz",), 'There is no field "stepz" here.'),
        (object(), (), "It is not a JSON value."),
    ],
)
def test_what_is_no_definition_at_all(document: object, path: tuple[str, ...], message: str) -> None:
    problem = refused(document)[0]
    assert (problem.path, problem.message) == (path, message)


@pytest.mark.parametrize(
    ("fields", "path", "code", "message", "fix"),
    [
        ({"id": None}, ("0", "id"), "required", '"id" is missing.', f"It is {definition._STEP_ID_TOLD}."),
        (
            {"id": 3},
            ("0", "id"),
            "wrong_type",
            '"id" must be text, not a number.',
            f"It is {definition._STEP_ID_TOLD}.",
        ),
        ({"id": "A"}, ("0", "id"), "wrong_form", '"id" can\'t be "A".', f"It is {definition._STEP_ID_TOLD}."),
        (
            {"id": "a" * 65},
            ("0", "id"),
            "wrong_form",
            f'"id" can\'t be "{"a" * 65}".',
            f"It is {definition._STEP_ID_TOLD}.",
        ),
        ({"app": ""}, ("call", "app"), "wrong_form", '"app" can\'t be "".', f"It is {definition._KEY_TOLD}."),
        (
            {"name": "x" * 301},
            ("call", "name"),
            "too_long",
            '"name" has 301 characters; at most 300 are allowed.',
            "Make it shorter.",
        ),
        ({"note": 1}, ("call", "note"), "wrong_type", '"note" must be text, not a number.', "Put it in quotes."),
        ({"input": []}, ("call", "input"), "wrong_type", '"input" must be an object, not a list.', "Write { … }."),
        (
            {"skip": "yes"},
            ("call", "skip"),
            "wrong_type",
            '"skip" must be true or false, not text.',
            "Write true or false, without quotes.",
        ),
        (
            {"settings": 5},
            ("call", "settings"),
            "wrong_type",
            "It must be an object, not a number.",
            "Write { … }.",
        ),
        (
            {"settings": {"timeoutSeconds": 0.5}},
            ("call", "settings", "timeoutSeconds"),
            "out_of_range",
            '"timeoutSeconds" must be from 1 to 900.',
            "Write a number from 1 to 900.",
        ),
        (
            {"settings": {"timeoutSeconds": True}},
            ("call", "settings", "timeoutSeconds"),
            "wrong_type",
            '"timeoutSeconds" must be a number.',
            "Write a number from 1 to 900.",
        ),
        (
            {"settings": {"retry": {"attempts": 10}}},
            ("call", "settings", "retry", "attempts"),
            "out_of_range",
            '"attempts" must be from 1 to 9.',
            "Write a whole number from 1 to 9.",
        ),
        (
            {"settings": {"retry": {"attempts": 2.5}}},
            ("call", "settings", "retry", "attempts"),
            "wrong_type",
            '"attempts" must be a whole number.',
            "Write a whole number from 1 to 9.",
        ),
        (
            {"settings": {"onError": "ignore"}},
            ("call", "settings", "onError"),
            "not_a_choice",
            '"onError" must be "stop" or "continue".',
            'Write "stop" or "continue".',
        ),
        (
            {"setings": {}},
            ("call", "setings"),
            "unknown_field",
            'There is no field "setings" here.',
            'Did you mean "settings"?',
        ),
        (
            {"settings": {"retries": 3}},
            ("call", "settings", "retries"),
            "unknown_field",
            'There is no field "retries" here.',
            'Did you mean "retry"?',
        ),
        (
            {"settings": {"x": 3}},
            ("call", "settings", "x"),
            "unknown_field",
            'There is no field "x" here.',
            "Use one of: timeoutSeconds, retry, onError, onUnknown.",
        ),
        (
            {"branches": []},
            ("call", "branches"),
            "not_supported",
            "Steps within steps are not supported.",
            "Put the steps one after the other in one list.",
        ),
        (
            {"input": {"url": ["{{ 7*7 }}"]}},
            ("call", "input", "url", "0"),
            "expression_syntax",
            "The expression can't be read at character 4: expected a path such as \"trigger.body.email\", found '7'.",
            "Write it as {{ path | filter }}, and plain braces as \\{{.",
        ),
        (
            {"input": {"url": "{{ trigger.body | uper }}"}},
            ("call", "input", "url"),
            "expression_syntax",
            'The expression can\'t be read at character 19: there is no filter "uper"; did you mean "upper"?',
            "Write it as {{ path | filter }}, and plain braces as \\{{.",
        ),
    ],
)
def test_each_fault_is_told_with_its_field_and_its_cure(
    fields: dict[str, Any], path: tuple[str, ...], code: str, message: str, fix: str
) -> None:
    assert told(step() | fields) == [(("steps", *path), code, message, fix)]


def test_all_problems_come_at_once_in_the_order_of_the_document() -> None:
    problems = told(step("a", app=3, skip=1), step("B"), step("c", x=1, note=5))
    assert [path for path, *_ in problems] == [
        ("steps", "a", "app"),
        ("steps", "a", "skip"),
        ("steps", "1", "id"),
        ("steps", "c", "x"),
        ("steps", "c", "note"),
    ]


def test_an_id_that_comes_twice_is_told_at_each_place() -> None:
    assert [(path, message) for path, _, message, _ in told(step("a"), step("b"), step("a"))] == [
        (("steps", "0", "id"), '2 steps have the id "a".'),
        (("steps", "2", "id"), '2 steps have the id "a".'),
    ]


def test_more_than_a_hundred_problems_are_cut() -> None:
    assert len(told(*(step(f"s{index}", x=1) for index in range(300)))) == 100


def test_the_error_counts_what_it_does_not_say() -> None:
    with pytest.raises(DefinitionError, match=r'^"id" is missing. \(2 more\)$'):
        parse({"steps": [{}]})
    with pytest.raises(DefinitionError, match=r'^"steps" is missing.$'):
        parse({})


@pytest.mark.parametrize(
    ("expression", "message", "fix"),
    [
        ("nope.x", '"nope.x" begins with an unknown name.', "Begin with one of: trigger, steps, run, zip."),
        (
            "trigger.bdy",
            '"trigger.bdy" refers to nothing.',
            "Use one of: trigger.body, trigger.headers, trigger.method, trigger.query, trigger.raw.",
        ),
        ("run.x", '"run.x" refers to nothing.', "Use one of: run.id."),
        ("zip[0]", '"zip[0]" refers to nothing.', "Use one of: zip.id, zip.name."),
        (
            "steps.later.x",
            '"steps.later.x" refers to a step that is not done by then.',
            "Refer to an earlier step, or move that one up.",
        ),
        (
            "steps.call",
            '"steps.call" refers to a step that is not done by then.',
            "Refer to an earlier step, or move that one up.",
        ),
        ("steps.frist.x", '"steps.frist.x" refers to a step that does not exist.', 'Did you mean "steps.first"?'),
        ("steps.zzz", '"steps.zzz" refers to a step that does not exist.', "Use the id of an earlier step."),
        ("steps[0].x", '"steps[0].x" refers to a step that does not exist.', "Use the id of an earlier step."),
    ],
)
def test_an_expression_refers_to_something_that_is_there_by_then(expression: str, message: str, fix: str) -> None:
    call = step(input={"a": {"b": f"x {{{{ {expression} | default(1) }}}}"}})
    assert told(step("first"), call, step("later")) == [
        (("steps", "call", "input", "a", "b"), "unknown_reference", message, fix)
    ]


@pytest.mark.parametrize(
    "expression", ["trigger", "trigger.body.x[0]", "steps", "steps.first.y", 'steps["first"]', "run.id", "zip.name"]
)
def test_what_is_there_may_be_referred_to(expression: str) -> None:
    assert len(parse({"steps": [step("first"), step(input={"a": f"{{{{ {expression} }}}}"})]}).steps) == 2


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("a\0", "nul_character"),
        ("\ud800", "lone_surrogate"),
        (float("nan"), "number_out_of_range"),
        (2**64, "number_out_of_range"),
    ],
)
def test_what_can_not_be_stored_is_refused_where_it_is(value: object, code: str) -> None:
    problems = refused({"steps": [step(input={"x": [value]}, name=7)]})
    assert [(one.path, one.code) for one in problems] == [(("steps", "0", "input", "x", "0"), code)]


def test_what_is_too_large_or_too_deep_is_told_alone() -> None:
    assert [one.code for one in refused({"steps": [step(input={"x": "y" * 256 * 1024}, name=7)]})] == ["too_large"]
    nest: object = 1
    for _ in range(100_000):
        nest = [nest]
    assert [one.code for one in refused({"steps": nest})] == ["too_deep"]
    assert [one.code for one in refused(dict.fromkeys(map(str, range(200_000))))] == ["too_large"]


def test_reading_does_not_touch_the_document() -> None:
    document = {"steps": [step(input={"a": ["{{ trigger.body }}"]})]}
    copy = {"steps": [step(input={"a": ["{{ trigger.body }}"]})]}
    parse(document)
    assert document == copy
