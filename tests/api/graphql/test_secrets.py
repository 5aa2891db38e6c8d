"""No query gives a secret back: every field of everything is read, and every text of the answer searched."""

import base64
from typing import Any

from graphql import (
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
    is_leaf_type,
    is_required_argument,
)

from tests.api.graphql.acts import act, make_connection, make_zip, rows
from tests.fixtures.graphql import Api
from zipped import ids

CANARY = "canary-3f9c1b"


def selection(type: GraphQLNamedType, depth: int) -> str:
    """Every field of a type that can be asked for without arguments, down to a depth."""
    if isinstance(type, GraphQLUnionType | GraphQLInterfaceType):
        return "{ __typename }"
    assert isinstance(type, GraphQLObjectType)
    fields = ["__typename"]
    for name, field in type.fields.items():
        if any(is_required_argument(argument) for argument in field.args.values()):
            continue
        inner = get_named_type(field.type)
        if is_leaf_type(inner):
            fields.append(name)
        elif depth:
            fields.append(f"{name} {selection(inner, depth - 1)}")
    return "{ " + " ".join(fields) + " }"


def strings(value: Any) -> list[str]:
    """Every text in an answer."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, list):
        return [text for one in value for text in strings(one)]
    if isinstance(value, dict):
        return [text for one in value.values() for text in strings(one)] + [str(name) for name in value]
    return []


def graphql(api: Api) -> GraphQLSchema:
    return api.schema._schema


async def test_no_field_of_anything_gives_a_secret_back(api: Api) -> None:
    # given a connection, a trigger and a step that uses the connection, each with a secret
    ada = await api.person()
    connection = await make_connection(ada, fields={"username": "ada", "password": CANARY})
    step = {
        "id": "a",
        "app": "http",
        "action": "request",
        "input": {"method": "GET", "url": "https://api.example.com"},
        "connection": connection["id"],
    }
    zip = await make_zip(ada, definition={"steps": [step]})
    await act(ada, "publishZip", "zip { id }", zipId=zip["id"], revision=1)
    trigger = zip["trigger"]["id"]
    await act(
        ada,
        "updateTrigger",
        "trigger { id }",
        triggerId=trigger,
        revision=1,
        verifier="HMAC",
        secrets=[f"{CANARY}-hmac"],
    )
    run = (await act(ada, "runZip", "run { id event { id } version { id } }", zipId=zip["id"]))["run"]
    roots = {
        "workspace": ada.workspace_id,
        "zip": zip["id"],
        "trigger": trigger,
        "run": run["id"],
        "event": run["event"]["id"],
        "connection": connection["id"],
    }

    # when
    texts: list[str] = []
    types = graphql(api).query_type
    assert types is not None
    for noun, id in roots.items():
        inner = get_named_type(types.fields[noun].type)
        answer = await ada(f"query Q($id: ID!) {{ {noun}(id: $id) {selection(inner, 1)} }}", id=id)
        assert answer.data[noun]["__typename"] == noun.capitalize()
        texts += strings(answer.body)
    changed = [
        await act(ada, "testConnection", "connection { id lastTest { message } }", connectionId=connection["id"]),
        await act(ada, "updateConnection", "connection { id fields }", connectionId=connection["id"], revision=1),
        await act(
            ada, "updateConnection", "connection { id }", connectionId=connection["id"], revision=1, hosts=["e.org"]
        ),
        await act(ada, "updateTrigger", "trigger { settings }", triggerId=trigger, revision=2, settings={"x": 1}),
    ]
    texts += strings(changed)

    # then
    assert len(texts) > 300
    forms = {CANARY, base64.b64encode(f"ada:{CANARY}".encode()).decode(), base64.b64encode(CANARY.encode()).decode()}
    assert [text for text in texts for form in forms if form in text] == []

    # and the tables hold it nowhere in the clear
    tables = [
        name
        for (name,) in await rows(
            api.platform.database,
            "select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace",
        )
    ]
    for table in tables:
        dump = repr(await rows(api.platform.database, f'select t::text from "{table}" t'))
        assert CANARY not in dump, table
        assert CANARY.encode().hex() not in dump, table


async def test_the_canary_is_found_where_it_is_public(api: Api) -> None:
    # given: the search itself works
    ada = await api.person()
    connection = await make_connection(ada, name=CANARY)
    inner = graphql(api).type_map["Connection"]

    # when
    answer = await ada(f"query Q($id: ID!) {{ connection(id: $id) {selection(inner, 1)} }}", id=connection["id"])

    # then
    assert CANARY in strings(answer.body)
    assert ids.decode(connection["id"], "con")
