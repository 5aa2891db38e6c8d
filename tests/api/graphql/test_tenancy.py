"""Two accounts with each other's real ids, over every root field of the schema: nothing is seen, nothing changes.

The tries stand in `worlds.py`; a root field without one, or an id that none of its tries gives, fails here.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from graphql import (
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInputType,
    get_named_type,
    is_object_type,
    is_union_type,
)

from api.graphql.schema import Schema
from tests.api.graphql import worlds
from tests.api.graphql.acts import join
from tests.api.graphql.worlds import NAMES_NOTHING, World, make_world, rows_of
from tests.fixtures.graphql import ERRORS, Api, Client
from tests.fixtures.sockets import bearer, connect
from zipped.db import Database


@pytest.fixture
async def ada(api: Api) -> World:
    return await make_world(api)


@pytest.fixture
async def eve(api: Api) -> World:
    return await make_world(api)


def given_ids(type: GraphQLInputType, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The places of an argument's type where an id goes."""
    named = get_named_type(type)
    if named.name == "ID":
        yield path
    elif isinstance(named, GraphQLInputObjectType):
        for name, field in named.fields.items():
            yield from given_ids(field.type, (*path, name))


def at(value: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def test_every_id_that_a_root_field_takes_is_tried(schema: Schema) -> None:
    dummy: Any = type("Dummy", (), {"__getattr__": lambda self, name: f"<{name}>"})()
    tries = {
        **worlds.queries(dummy, dummy),
        **{name: [{"input": given} for given in inputs] for name, inputs in worlds.mutations(dummy, dummy).items()},
        **worlds.subscriptions(dummy),
    }
    roots = (schema._schema.query_type, schema._schema.mutation_type, schema._schema.subscription_type)
    fields = {name: field for root in roots if root for name, field in root.fields.items()}

    assert set(fields) == set(tries) | set(NAMES_NOTHING)
    for name, field in fields.items():
        for argument, definition in field.args.items():
            for path in given_ids(definition.type, (argument,)):
                tried = [at(one, path) for one in tries.get(name, [])]
                assert name in NAMES_NOTHING or any(tried), f"{name} takes an id at {'.'.join(path)}: try it"


def selection(field: GraphQLField) -> str:
    """Something of everything a field can answer with."""
    named = get_named_type(field.type)
    if is_object_type(named) and "nodes" in named.fields:
        return "{ nodes { id } edges { cursor } }"
    if is_object_type(named) and "counts" in named.fields:
        counted = get_named_type(named.fields["counts"].type)
        assert is_object_type(counted)
        numbers = [name for name, one in counted.fields.items() if get_named_type(one.type).name == "Int"]
        return f"{{ counts {{ {' '.join(numbers)} }} }}"
    return "{ id }" if "id" in getattr(named, "fields", {}) else "{ __typename }"


async def query(client: Client, schema: Schema, name: str, given: dict[str, Any]) -> Any:
    assert schema._schema.query_type
    field = schema._schema.query_type.fields[name]
    declared = ", ".join(f"${argument}: {field.args[argument].type}" for argument in given)
    passed = ", ".join(f"{argument}: ${argument}" for argument in given)
    return (await client(f"query Q({declared}) {{ {name}({passed}) {selection(field)} }}", **given)).body


async def mutate(client: Client, schema: Schema, name: str, given: dict[str, Any]) -> dict[str, Any]:
    assert schema._schema.mutation_type
    assert is_union_type(get_named_type(schema._schema.mutation_type.fields[name].type))
    kind = name[0].upper() + name[1:]
    document = f"mutation M($input: {kind}Input!) {{ {name}(input: $input) {{ __typename {ERRORS} }} }}"
    result: dict[str, Any] = (await client(document, input=given)).data[name]
    return result


async def test_nothing_of_another_is_seen(
    api: Api, schema: Schema, ada: World, eve: World, subtests: pytest.Subtests
) -> None:
    for name, tries in worlds.queries(of=ada, by=eve).items():
        for given in tries:
            with subtests.test(f"{name} {given}"):
                stolen = await query(eve.person, schema, name, given)
                nobody = await query(api.anonymous, schema, name, given)

                assert not [id for id in ada.ids if id in str(stolen.get("data"))]
                found = stolen["data"][name]
                if found and "counts" in found:
                    assert not any(number for count in found["counts"] for number in count.values())
                elif found is not None:
                    assert found == {"nodes": [], "edges": []}
                codes = [error["extensions"]["code"] for error in stolen.get("errors", [])]
                assert set(codes) <= {"NOT_FOUND", "VALIDATION"}
                assert nobody["data"] == {name: None}
                codes = [error["extensions"]["code"] for error in nobody["errors"]]
                assert codes in (["UNAUTHENTICATED"], ["VALIDATION"])


async def test_nothing_of_another_changes(
    api: Api, schema: Schema, database: Database, ada: World, eve: World, subtests: pytest.Subtests
) -> None:
    before = await rows_of(database, ada)
    own = await rows_of(database, eve)

    for name, tries in worlds.mutations(of=ada, by=eve).items():
        for given in tries:
            with subtests.test(f"{name} {given}"):
                stolen = await mutate(eve.person, schema, name, given)
                nobody = await mutate(api.anonymous, schema, name, given)

                assert stolen["__typename"] == "NotFound", stolen
                assert nobody["__typename"] == "Unauthenticated", nobody
    assert await rows_of(database, ada) == before
    assert await rows_of(database, eve) == own


async def test_who_may_only_look_changes_nothing(
    api: Api, schema: Schema, database: Database, ada: World, eve: World, subtests: pytest.Subtests
) -> None:
    await join(api, eve.person, ada.workspace, "viewer")
    api.platform.gate._seen.clear()  # instead of waiting ten seconds
    before = await rows_of(database, ada)

    for name, tries in worlds.mutations(of=ada, by=ada).items():
        if name in ("createApiToken", "revokeApiToken", "revokeSession"):
            continue  # what is one's own: tests of accounts
        with subtests.test(name):
            result = await mutate(eve.person, schema, name, tries[0])

            assert result["__typename"] == "Forbidden", result
    for name, tries in worlds.queries(of=ada, by=ada).items():
        with subtests.test(name):
            assert (await query(eve.person, schema, name, tries[0]))["data"][name] is not None
    assert await rows_of(database, ada) == before


async def test_the_same_tries_by_their_owner_succeed(
    api: Api, schema: Schema, ada: World, subtests: pytest.Subtests
) -> None:
    for name, tries in worlds.queries(of=ada, by=ada).items():
        for given in tries:
            if name == "node" and given["id"][:4] in ("ver_", "tok_", "ses_"):
                continue  # these are seen in their zip, workspace and person
            with subtests.test(f"{name} {given}"):
                body = await query(ada.person, schema, name, given)
                assert "errors" not in body
                assert body["data"][name] is not None
    for name, tries in worlds.mutations(of=ada, by=ada).items():
        with subtests.test(name):
            result = await mutate(ada.person, schema, name, tries[0])
            assert result["__typename"] == f"{name[0].upper()}{name[1:]}Success", result


async def test_nothing_of_another_is_watched(api: Api, schema: Schema, ada: World, eve: World) -> None:
    socket = await connect(api)
    await socket.init(bearer(eve.person))
    assert schema._schema.subscription_type

    for name, tries in worlds.subscriptions(of=ada).items():
        args = schema._schema.subscription_type.fields[name].args
        for number, given in enumerate(tries):
            declared = ", ".join(f"${argument}: {args[argument].type}" for argument in given)
            passed = ", ".join(f"{argument}: ${argument}" for argument in given)
            document = f"subscription S({declared}) {{ {name}({passed}) {{ __typename }} }}"
            await socket.run(f"{name}{number}", document, **given)

            heard = await socket.hear()
            assert heard["type"] == "error"
            assert [error["extensions"]["code"] for error in heard["payload"]] == ["NOT_FOUND"]
