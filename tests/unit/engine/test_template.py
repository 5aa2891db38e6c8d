import copy
from types import MappingProxyType
from typing import Any

import pytest

from zipped.engine.template import (
    MAX_WORK,
    Heavy,
    Reference,
    TemplateError,
    is_expression,
    problems,
    references,
    render,
    render_each,
)
from zipped.engine.values import MAX_SIZE

SCOPE: dict[str, Any] = {
    "trigger": {
        "body": {
            "email": "ada@example.com",
            "amount": 12.5,
            "paid": True,
            "note": None,
            "items": [{"sku": "a"}, {"sku": "b"}],
            "key with space": "x",
            "0": "zero",
        },
        "headers": {"content-type": "application/json"},
    },
    "steps": {"call": {"status": 200}},
    "run": {"id": "run_1"},
    "zip": {"id": "zip_1", "name": "Orders"},
}


def error(template: Any, scope: Any = SCOPE) -> TemplateError:
    with pytest.raises(TemplateError) as caught:
        render(template, scope)
    return caught.value


@pytest.mark.parametrize(
    ("template", "result"),
    [
        ("{{ trigger.body.amount }}", 12.5),
        ("{{trigger.body.paid}}", True),
        ("{{ trigger.body.note }}", None),
        ("{{ trigger.body.items }}", [{"sku": "a"}, {"sku": "b"}]),
        ("{{ trigger.body.items[1] }}", {"sku": "b"}),
        ('{{ trigger.body["key with space"] }}', "x"),
        ('{{ trigger.body["0"] }}', "zero"),
        ("{{ trigger.headers.content-type }}", "application/json"),
        ("{{ steps.call.status | plus(1) }}", 201),
        (" {{ trigger.body.amount }}", " 12.5"),
        ("{{ trigger.body.amount }}{{ trigger.body.note }}", "12.5"),
        ("{{ run.id }}/{{ zip.name }}", "run_1/Orders"),
        ("paid: {{ trigger.body.paid }}, note: {{ trigger.body.note }}.", "paid: true, note: ."),
        ("{{ trigger.body.items }}!", '[{"sku":"a"},{"sku":"b"}]!'),
        ("{{ trigger.body.nope | default('none') }}", "none"),
        ("{{ trigger.nope.nope[3].nope | upper | trim | default(null) }}", None),
        ("{{ trigger.body.email.nope | default(1) }}", 1),
        (r"\{{ trigger.body.email }}", "{{ trigger.body.email }}"),
        ("no expression", "no expression"),
        ("", ""),
        (5, 5),
        (None, None),
        (
            {"a": ["{{ run.id }}", {"b": "x{{ zip.id }}"}], "{{ run.id }}": 1.5, "c": True},
            {"a": ["run_1", {"b": "xzip_1"}], "{{ run.id }}": 1.5, "c": True},
        ),
    ],
)
def test_rendering(template: Any, result: Any) -> None:
    rendered = render(template, SCOPE)
    assert rendered == result
    assert type(rendered) is type(result)


@pytest.mark.parametrize(
    ("template", "message"),
    [
        (
            "{{ trigger.body.emial }}",
            'trigger.body has no emial (it has: email, amount, paid, note, items, ["key with space"], ["0"])',
        ),
        ("{{ trigger.body.items.sku }}", "trigger.body.items is a list: say which item, as in trigger.body.items[0]"),
        ("{{ trigger.body.items[2] }}", "trigger.body.items has only 2 items, there is no [2]"),
        ("{{ trigger.body[0] }}", "trigger.body is an object and has no [0]"),
        ("{{ trigger.body.note.x }}", "trigger.body.note is null and has no x"),
        ("{{ trigger.body.amount.x }}", "trigger.body.amount is a number and has no x"),
        ("{{ trigger.body.email[0] }}", "trigger.body.email is text and has no [0]"),
        ("{{ steps.send.id }}", 'no step "send" is done by now: it comes later, was skipped, or does not exist'),
        ("{{ env.PATH }}", 'there is no "env"; paths begin with trigger, steps, run, zip'),
        ("{{ trigger.body.note | upper }}", "trigger.body.note: upper takes text, not null"),
    ],
)
def test_what_is_missing_is_named(template: str, message: str) -> None:
    told = error({"to": [template]})
    assert (told.message, told.path, told.position) == (message, ("to", "0"), 0)
    assert str(told) == f"to.0: {message}"


def test_only_the_first_keys_are_listed() -> None:
    scope = {"trigger": {"body": {f"k{index}": 0 for index in range(20)}, "empty": {}}}
    assert error("{{ trigger.body.x }}", scope).message == (
        "trigger.body has no x (it has: k0, k1, k2, k3, k4, k5, k6, k7, …)"
    )
    assert error("{{ trigger.empty.x }}", scope).message == "trigger.empty has no x"


def test_a_name_of_the_data_is_told_in_part_however_long_it_is() -> None:
    told = error("{{ trigger.body.x }}", {"trigger": {"body": {"k" * 100_000: 0, "short": 0}}})
    assert told.message == f'trigger.body has no x (it has: ["{"k" * 100}"], short)'


def test_a_text_that_can_not_be_read_is_told_with_its_position() -> None:
    told = error({"a": "x {{ trigger.body | nope }}"})
    assert (told.message, told.path, told.position) == ('there is no filter "nope"', ("a",), 20)


def test_nothing_is_changed_and_nothing_is_shared() -> None:
    template = {"all": "{{ trigger }}", "items": ["{{ trigger.body.items }}"], "plain": {"x": [1]}}
    before = copy.deepcopy((template, SCOPE))
    rendered = render(template, SCOPE)
    rendered["all"]["body"]["items"].append("spoilt")
    rendered["items"][0][0]["sku"] = "spoilt"
    rendered["plain"]["x"].append("spoilt")
    assert (template, SCOPE) == before
    assert render(template, SCOPE)["items"] == [[{"sku": "a"}, {"sku": "b"}]]


def test_what_was_looked_up_is_never_read_as_a_template() -> None:
    scope = {"trigger": {"body": {"evil": "{{ steps.secret }}", "list": ["{{ x }}"]}}, "steps": {"secret": "s"}}
    assert render("{{ trigger.body.evil }}", scope) == "{{ steps.secret }}"
    assert render("a {{ trigger.body.evil | trim }} {{ trigger.body.list }}", scope) == (
        'a {{ steps.secret }} ["{{ x }}"]'
    )


def test_any_mapping_is_a_scope() -> None:
    assert render("{{ run.id }}", MappingProxyType({"run": {"id": 1}})) == 1


@pytest.mark.parametrize(
    ("template", "value", "message"),
    [
        ("{{ trigger }}", {1: 2}, "trigger: a key of an object is a number"),
        ("{{ trigger.x }}", {1: 2}, "trigger has no x"),
        ("{{ trigger[0] }}", [10**5_000], "trigger[0]: a number is not finite, or beyond 64 bits"),
        ("is {{ trigger }}", [10**5_000], "trigger: a number is not finite, or beyond 64 bits"),
        ("{{ trigger | json }}", float("nan"), "trigger: a number is not finite, or beyond 64 bits"),
        ("is {{ trigger }}", "\udc00", "trigger: a text holds half a character (a lone surrogate)"),
        ("{{ trigger }}", object, "trigger: a value is no JSON value (type)"),
        ("{{ trigger.__class__ }}", object(), "trigger is no JSON value (object) and has no __class__"),
        ("{{ trigger }}", "x" * MAX_SIZE, "trigger: it is larger than 1024 KiB"),
        (["{{ trigger }}", "{{ trigger }}"], "x" * (MAX_SIZE // 2), "it is larger than 1024 KiB"),
        ("{{ trigger }}{{ trigger }}", "x" * (MAX_SIZE // 2), "it is larger than 1024 KiB"),
        ({1: "x"}, None, "a key is a number"),
        ({"\ud800": "x"}, None, "a text holds half a character (a lone surrogate)"),
        ([float("inf")], None, "a number is not finite, or beyond 64 bits"),
        ({"x": {1}}, None, "a value is no JSON value (set)"),
    ],
)
def test_what_is_no_json_or_too_large_is_an_error(template: Any, value: Any, message: str) -> None:
    assert error(template, {"trigger": value}).message == message


def test_a_template_that_is_nested_too_deeply_is_an_error() -> None:
    nest: Any = "x"
    for _ in range(5_000):
        nest = {"n": nest}
    assert error(nest).message == "it is nested deeper than 100 levels"
    assert references(nest) == []


def test_a_template_that_holds_itself_is_an_error() -> None:
    loop: list[Any] = []
    loop.append(loop)
    assert error(loop).message == "it is nested deeper than 100 levels"


def test_many_expressions_over_a_large_value_have_a_bound_in_all() -> None:
    scope = {"trigger": {"body": "x" * (MAX_SIZE - 10)}}
    assert render(["{{ trigger.body | length }}"] * 15, scope) == [MAX_SIZE - 10] * 15
    assert error(["{{ trigger.body | length }}"] * 1_000, scope).message == (
        "trigger.body: the expressions of this step look at more than 16 MiB in all"
    )
    assert MAX_WORK == 16 * 2**20


def test_the_expressions_of_a_template_are_listed_for_validation() -> None:
    template = {"a": "{{ trigger.body }} and {{ steps.call.items[0].x | default(1) }}", "b": ["{{ broken", 1], "c": "x"}
    assert references(template) == [
        Reference(("a",), 0, ("trigger", "body")),
        Reference(("a",), 23, ("steps", "call", "items", 0, "x")),
    ]
    assert [(one.path, one.position, one.message) for one in problems(template)] == [
        (("b", "0"), 0, 'this "{{" is never closed by "}}"; two plain braces are written "\\{{"')
    ]


def test_each_text_is_rendered_for_itself() -> None:
    template = {
        "a": "{{ trigger.n }}",
        "b": ["plain", "no {{ trigger.no }}"],
        "c": "{{ broken",
        "d": "{{ trigger.n }}!",
    }

    rendered = render_each(template, {"trigger": {"n": 7}})

    told = [(one.location, str(one.value) if isinstance(one.value, TemplateError) else one.value) for one in rendered]
    assert told == [
        (("a",), 7),
        (("b", "1"), "b.1: trigger has no no (it has: n)"),
        (("c",), 'c: this "{{" is never closed by "}}"; two plain braces are written "\\{{"'),
        (("d",), "7!"),
    ]


def test_texts_rendered_for_themselves_share_their_limits() -> None:
    template = {str(number): "{{ trigger.large | length }}" for number in range(100)}

    rendered = render_each(template, {"trigger": {"large": "x" * (MAX_SIZE - 100)}})

    failed = [one for one in rendered if isinstance(one.value, TemplateError)]
    assert rendered[0].value == MAX_SIZE - 100
    assert 80 <= len(failed) < 100
    assert "MiB in all" in str(failed[0].value)


@pytest.mark.parametrize(
    ("value", "holds_one"),
    [
        ("{{ a }}", True),
        ("x {{ a }}", True),
        ("{{ broken", True),
        ("{{ a | nope }}", True),
        (r"\{{ a }}", False),
        ("plain }}", False),
        ("x" * 5_000 + "{{ a }}", True),
        (5, False),
        (None, False),
        (["{{ a }}"], False),
    ],
)
def test_whether_a_text_holds_an_expression(value: object, holds_one: bool) -> None:
    assert is_expression(value) is holds_one


def test_what_takes_more_work_than_is_allowed_here_is_left_for_elsewhere() -> None:
    # given: by its bytes, by its values, by being looked at again and again, and by its depth
    scope = {"trigger": {"text": "x" * 2_000, "list": [[]] * 100, "small": "y" * 600, "deep": nested(120)}, "steps": {}}
    for template in (
        "{{ trigger.text }}",
        "{{ trigger.list | length }}",
        ["{{ trigger.small | sha256 }}"] * 2,
        "{{ trigger.deep }}",
    ):
        with pytest.raises(Heavy):
            render(template, scope, within=1_000)

    # then
    assert render("{{ trigger.small }}", scope, within=1_000) == "y" * 600
    assert render("{{ trigger.list | length }}", scope) == 100
    with pytest.raises(TemplateError, match="nested deeper than 100 levels"):
        render("{{ trigger.deep }}", scope)


def nested(depth: int) -> Any:
    value: Any = 0
    for _ in range(depth):
        value = [value]
    return value
