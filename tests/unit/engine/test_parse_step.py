"""One step of a draft, whatever its neighbours are."""

from typing import Any

import pytest

from zipped.engine.definition import DefinitionError, parse, parse_step

CALL: dict[str, Any] = {"id": "call", "app": "http", "action": "request", "input": {"url": "{{ steps.first.url }}"}}
FIRST: dict[str, Any] = {"id": "first", "app": "data", "action": "set_fields"}


def test_it_is_the_step_that_the_whole_definition_would_have() -> None:
    document = {"steps": [FIRST, CALL]}

    assert parse_step(document, "call") == parse(document).steps[1]


@pytest.mark.parametrize(
    "document",
    [
        {"steps": [FIRST, CALL, {"id": "later"}, "nothing", {"id": 7}]},
        {"steps": [{**FIRST, "app": "", "unheard": 1}, CALL], "more": True},
    ],
)
def test_what_is_wrong_elsewhere_does_not_matter(document: Any) -> None:
    step = parse_step(document, "call")

    assert step is not None
    assert step.id == "call"


@pytest.mark.parametrize("document", [None, [], {}, {"steps": {}}, {"steps": [FIRST]}])
def test_a_step_that_is_not_there_is_none(document: Any) -> None:
    assert parse_step(document, "call") is None


def test_everything_wrong_with_it_is_told_at_its_path() -> None:
    document = {"steps": [{**CALL, "app": "", "skip": "no"}, FIRST]}

    with pytest.raises(DefinitionError) as refused:
        parse_step(document, "call")

    assert [(problem.path, problem.code) for problem in refused.value.problems] == [
        (("steps", "call", "app"), "wrong_form"),
        (("steps", "call", "skip"), "wrong_type"),
        (("steps", "call", "input", "url"), "unknown_reference"),
    ]


def test_an_id_that_two_steps_have_names_none_of_them() -> None:
    with pytest.raises(DefinitionError) as refused:
        parse_step({"steps": [CALL, FIRST, CALL]}, "call")

    assert [(problem.path, problem.code) for problem in refused.value.problems] == [
        (("steps", "0", "id"), "duplicate_id"),
        (("steps", "2", "id"), "duplicate_id"),
    ]
