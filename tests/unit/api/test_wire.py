"""What is looked at in a request's variables, and what that takes."""

import tracemalloc
from typing import Any

import pytest

from api.graphql.wire import BadRequest, refuse_unstorable


def nested(value: object, depth: int) -> object:
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"a": ["b", {"c": "\0"}]}, "variables.a.1.c holds a NUL character (U+0000): remove it."),
        ({"a": {"b\0": 1}}, "A name in variables.a holds a NUL character (U+0000): remove it."),
        ({"a": [[], "\ud800"]}, "variables.a.1 holds half of a surrogate pair (U+D800 to U+DFFF): remove it."),
        ({"a": nested(0, 100)}, "variables is nested more than 100 deep: make it flatter."),
    ],
)
def test_what_can_not_be_stored_is_named_with_its_place(variables: Any, message: str) -> None:
    with pytest.raises(BadRequest) as error:
        refuse_unstorable(variables, "variables")
    assert str(error.value) == message


def test_looking_at_many_values_takes_little_room() -> None:
    # given: as many as fit into a request, as deep as they may be
    variables = {"a": nested([0] * 127_000, 97)}

    # when
    tracemalloc.start()
    try:
        refuse_unstorable(variables, "variables")
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    # then
    assert most < 1_000_000
