"""Which name was meant, and that hundreds of long ones are no work."""

import random

import pytest

from zipped.engine.definition import MAX_PROBLEMS, DefinitionError, parse, parse_step
from zipped.engine.near import nearest

KNOWN = ["first", "second", "second_one", "url"]


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("frist", "first"),
        ("firts", "first"),
        ("fist", "first"),
        ("firstt", "first"),
        ("First", "first"),
        ("urls", "url"),
        ("ulr", "url"),
        ("second_on", "second_one"),
        ("secon", "second"),
        ("zebra", None),
        ("f", None),
        ("", None),
        ("a" * 100_000, None),
    ],
)
def test_the_name_that_was_meant(given: str, meant: str | None) -> None:
    assert nearest(given, KNOWN) == meant


def test_of_equally_near_names_the_first_is_offered() -> None:
    assert nearest("step_x", ["step_a", "step_b"]) == "step_a"
    assert nearest("ab", []) is None


def wrong_references(count: int) -> dict[str, object]:
    """A document of 499 steps with long ids, and one that refers to as many that there are not."""
    draw = random.Random(20)
    names = ["s" + "".join(draw.choices("abcdefgh", k=63)) for _ in range(499 + count)]
    steps = [{"id": name, "app": "data", "action": "set_fields"} for name in names[:499]]
    input = {"fields": {str(index): f"{{{{ steps.{name}.x }}}}" for index, name in enumerate(names[499:])}}
    return {"steps": [*steps, {"id": "last", "app": "data", "action": "set_fields", "input": input}]}


def test_long_names_that_refer_to_nothing_are_no_work() -> None:
    # given: with difflib each took a third of a second
    document = wrong_references(1_500)

    # when
    with pytest.raises(DefinitionError) as whole:
        parse(document)
    with pytest.raises(DefinitionError) as step:
        parse_step(document, "last")

    # then
    assert len(whole.value.problems) == len(step.value.problems) == MAX_PROBLEMS
    assert {problem.code for problem in whole.value.problems} == {"unknown_reference"}


def test_what_other_steps_refer_to_is_not_this_ones_problem() -> None:
    document = {
        "steps": [
            {"id": "other", "app": "data", "action": "x", "input": {"a": "{{ steps.nobody.x }}"}},
            {"id": "mine", "app": "data", "action": "x", "input": {"a": "{{ steps.other.x }}"}},
        ]
    }
    mine = parse_step(document, "mine")
    assert mine is not None
    assert mine.id == "mine"
