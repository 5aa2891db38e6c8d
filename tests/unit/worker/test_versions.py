"""What a version's steps look at is worked out once, so that nothing else is loaded."""

from typing import Any
from uuid import UUID

import pytest

from worker.versions import Needs, read_version
from zipped.engine.definition import DefinitionError


def version(*inputs: dict[str, Any], **more: Any) -> Any:
    steps = [{"id": f"s{n}", "app": "a", "action": "b", "input": one, **more} for n, one in enumerate(inputs)]
    return read_version({"steps": steps})


def test_steps_that_look_at_nothing_need_nothing() -> None:
    found = version({"a": "text"}, {"b": [1, {"c": None}]})

    assert found.needs == Needs(trigger=frozenset(), zip_name=False, outputs=frozenset())
    assert found.connections == {}
    assert not found.keeps("s0")


def test_expressions_anywhere_in_an_input_count() -> None:
    found = version({"a": [{"b": "x {{ trigger.body.n }}"}]}, {"c": "{{ steps.s0.value }} {{ zip.name }}"})

    assert found.needs == Needs(trigger=frozenset({"body"}), zip_name=True, outputs=frozenset({"s0"}))
    assert found.keeps("s0")
    assert not found.keeps("s1")


@pytest.mark.parametrize(
    ("expression", "parts", "body"),
    [
        ("trigger.headers.x-by", {"headers"}, False),
        ("trigger.raw", {"raw"}, True),
        ("trigger.body", {"body"}, True),
        ("trigger", {"method", "headers", "query", "body", "raw"}, True),
        ("run.id", set(), False),
    ],
)
def test_of_the_trigger_only_those_parts_are_needed_that_are_looked_at(
    expression: str, parts: set[str], body: bool
) -> None:
    found = version({"a": f"{{{{ {expression} }}}}"})

    assert found.needs.trigger == parts
    assert found.needs.body is body


def test_who_looks_at_all_outputs_needs_all() -> None:
    found = version({"a": "{{ steps }}"})

    assert found.needs.outputs is None
    assert found.keeps("anything")


def test_connections_are_known_by_the_id_that_steps_give() -> None:
    found = version({}, connection="con_01a20469-fefd-78ab-b71d-4e71eeff90eb")

    assert found.connections == {
        "con_01a20469-fefd-78ab-b71d-4e71eeff90eb": UUID("01a20469-fefd-78ab-b71d-4e71eeff90eb")
    }


def test_what_is_no_definition_is_refused() -> None:
    with pytest.raises(DefinitionError):
        read_version({"steps": [{"id": "loop", "branches": []}]})
