"""The schema as a contract: fresh, described, in one shape, and never broken without a deprecation."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLUnionType,
    get_named_type,
    is_list_type,
    is_non_null_type,
    is_object_type,
)

from api.graphql.schema import Schema
from tests.api.graphql.compatibility import breaking

ROOT = Path(__file__).resolve().parents[3]
FILE = ROOT / "schema.graphql"


def test_committed_file_is_fresh(schema: Schema) -> None:
    assert FILE.read_text(encoding="utf-8") == schema.as_str(), "run `make schema` and commit what it writes"


def undescribed(schema: Schema) -> Iterator[str]:
    for name, kind in schema._schema.type_map.items():
        if name.startswith("__"):
            continue
        if not kind.description:
            yield name
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
            for field_name, field in kind.fields.items():
                if not field.description:
                    yield f"{name}.{field_name}"
                for argument_name, argument in getattr(field, "args", {}).items():
                    if not argument.description:
                        yield f"{name}.{field_name}({argument_name})"
        if isinstance(kind, GraphQLEnumType):
            yield from (f"{name}.{value_name}" for value_name, value in kind.values.items() if not value.description)


def test_everything_is_described(schema: Schema) -> None:
    assert list(undescribed(schema)) == []


def test_every_mutation_has_one_input_and_a_result_that_can_be_every_error(schema: Schema) -> None:
    mutations = schema._schema.mutation_type
    error = schema._schema.get_type("UserError")
    assert mutations is not None
    assert isinstance(error, GraphQLInterfaceType)
    errors = {kind.name for kind in schema._schema.get_possible_types(error)}

    for name, field in mutations.fields.items():
        noun = name[0].upper() + name[1:]
        assert {argument: str(given.type) for argument, given in field.args.items()} == {"input": f"{noun}Input!"}
        assert str(field.type) == f"{noun}Result!"
        result = get_named_type(field.type)
        assert isinstance(result, GraphQLUnionType)
        assert {kind.name for kind in result.types} == {f"{noun}Success"} | errors, name


def test_roots_of_queries_are_nullable_so_that_one_failure_leaves_the_others(schema: Schema) -> None:
    queries = schema._schema.query_type
    assert queries is not None

    required = [name for name, field in queries.fields.items() if is_non_null_type(field.type)]

    assert required == []


def test_items_of_lists_are_never_null(schema: Schema) -> None:
    for name, kind in schema._schema.type_map.items():
        if is_object_type(kind) and not name.startswith("__"):
            for field_name, field in kind.fields.items():
                plain = field.type.of_type if isinstance(field.type, GraphQLNonNull) else field.type
                if is_list_type(plain):
                    assert is_non_null_type(plain.of_type), f"{name}.{field_name}"


def test_one_mutation_a_file(schema: Schema) -> None:
    mutations = schema._schema.mutation_type
    assert mutations is not None
    files = {path.stem for path in (ROOT / "api/graphql/mutations").glob("*.py")} - {"__init__"}

    def snake(name: str) -> str:
        return "".join(f"_{sign.lower()}" if sign.isupper() else sign for sign in name)

    assert {snake(name) for name in mutations.fields} == files


def git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False, timeout=60).stdout


def earlier_versions() -> dict[str, str]:
    """The committed file, the one before the commit that touched it last, and that of the latest release."""
    versions = git("log", "-2", "--format=%H", "--", "schema.graphql").split()
    versions += git("describe", "--tags", "--abbrev=0", "--match", "v[0-9]*").split()
    found = {version: git("show", f"{version}:schema.graphql") for version in versions}
    return {version: text for version, text in found.items() if text}


def test_nothing_is_broken_that_was_not_deprecated(schema: Schema, subtests: pytest.Subtests) -> None:
    versions = earlier_versions()
    if not versions:
        missing = "no earlier schema.graphql to compare with: git knows no commit that holds it"
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)

    for commit, text in versions.items():
        with subtests.test(commit[:10]):
            assert breaking(text, schema.as_str()) == []


BEFORE = """
type Query { old: Old @deprecated(reason: "use new") new(a: Int, b: Int @deprecated(reason: "no")): New kept: Kind }
type Old { x: Int }
type New { y: Int }
enum Kind { A B @deprecated(reason: "no") }
"""


@pytest.mark.parametrize(
    ("after", "broken"),
    [
        (BEFORE, []),
        ("type Query { new(a: Int): New kept: Kind more: Int } type New { y: Int z: Int } enum Kind { A C }", []),
        (
            "type Query { new(a: Int): New } type New { y: Int } enum Kind { A }",
            ["Field Query.kept was removed."],
        ),
        (
            "type Query { new(a: Int): New kept: Kind } type New { z: Int } enum Kind { A }",
            ["Field New.y was removed."],
        ),
        (
            "type Query { new(a: Int!): New kept: Kind } type New { y: Int } enum Kind { C }",
            None,
        ),
    ],
)
def test_the_check_itself(after: str, broken: list[str] | None) -> None:
    found = breaking(BEFORE, after)

    if broken is None:
        assert len(found) == 2
    else:
        assert found == broken
