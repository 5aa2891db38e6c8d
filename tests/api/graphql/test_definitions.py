"""Definitions are read where they are asked for, and nowhere else: what a page of a hundred costs."""

import re
from pathlib import Path

import pytest
from graphql import FragmentDefinitionNode, OperationDefinitionNode, parse, print_ast
from sqlalchemy import text

from api.graphql.limits import CONTENT
from api.graphql.schema import Schema
from tests.api.graphql.acts import GREET, act, live_zip, make_zip
from tests.api.graphql.test_limits import refusals
from tests.api.graphql.test_loading import counted
from tests.fixtures.graphql import Api, Person

ROOT = Path(__file__).resolve().parents[3]

LISTS = """query Q($w: ID!, $z: ID!) {
    zips(workspaceId: $w) { nodes { id name revision state updatedAt liveVersion { number isLive } trigger { kind } } }
    runs(workspaceId: $w) { nodes { id zip { name } version { number note } } }
    zip(id: $z) { name versions(first: 100) { nodes { id number note createdBy { name } } } } }"""


async def three_zips(person: Person) -> list[str]:
    zips = [await live_zip(person) for _ in range(3)]
    for zip in zips:
        await act(person, "runZip", "run { id }", zipId=zip["id"])
    return [zip["id"] for zip in zips]


def reads(statements: list[str]) -> list[str]:
    """Those that read a definition: its column stands among what is selected."""
    return [one for one in statements if ".draft" in one.split(" FROM ")[0] or ".definition" in one.split(" FROM ")[0]]


async def test_lists_read_no_definition(api: Api) -> None:
    # given
    ada = await api.person()
    zips = await three_zips(ada)

    # when
    with counted(api) as seen:
        answer = await ada(LISTS, w=ada.workspace_id, z=zips[0])

    # then
    assert [len(answer.data[name]["nodes"]) for name in ("zips", "runs")] == [3, 3]
    assert len(answer.data["zip"]["versions"]["nodes"]) == 1
    assert len(seen) >= 6
    assert reads(seen) == []


async def test_definitions_are_read_once_however_often_they_are_asked_for(api: Api) -> None:
    # given
    ada = await api.person()
    await three_zips(ada)

    # when
    with counted(api) as seen:
        answer = await ada(
            """query Q($w: ID!) { zips(workspaceId: $w, first: 3) { nodes { definition again: definition
                problems { code } hasUnpublishedChanges liveVersion { definition } } } }""",
            w=ada.workspace_id,
        )

    # then: the size and the text of the drafts, and the same of the live versions
    for node in answer.data["zips"]["nodes"]:
        assert (node["definition"], node["again"], node["problems"]) == (GREET, GREET, [])
        assert node["hasUnpublishedChanges"] is False
        assert node["liveVersion"]["definition"]["steps"][0]["input"] == GREET["steps"][0]["input"]
    assert len(reads(seen)) == 4


async def test_a_definition_comes_out_as_it_went_in(api: Api) -> None:
    # given: what a sorted or rounded copy would change
    ada = await api.person()
    fields = {"z": 2**64 - 1, "a": 1e22, "m": "\U0001f4a5 \u2028", "b": [True, 1, 1.0, None, {}]}
    definition = {"steps": [{"id": "a", "app": "data", "action": "set_fields", "input": {"fields": fields}}]}

    # when
    zip = await make_zip(ada, "definition", definition=definition)
    answer = await ada("query Q($z: ID!) { zip(id: $z) { definition } }", z=zip["id"])

    # then
    assert repr(answer.data["zip"]["definition"]) == repr(zip["definition"]) == repr(definition)


async def test_more_than_32_mib_of_definitions_are_not_read(api: Api) -> None:
    # given: some of an older release's, larger than one may be today
    ada = await api.person()
    for _ in range(9):
        await make_zip(ada)
    async with api.platform.database.begin() as session:
        await session.execute(
            text("update zip set draft = json_build_object('steps', json_build_array(), 'x', repeat('a', 4 << 20))")
        )
    query = "query Q($w: ID!) { zips(workspaceId: $w, first: 9) { nodes { id definition } } }"

    # when
    with counted(api) as seen:
        answer = await ada(query, w=ada.workspace_id)

    # then
    (issue,) = answer.errors[0]["extensions"]["issues"]
    assert (issue["code"], issue["fix"]) == ("too_large", "Ask for fewer rows, or without their contents.")
    assert answer.body["data"] == {"zips": None}
    assert [one for one in reads(seen) if "octet_length" not in one] == []


async def test_one_definition_counts_under_every_alias(api: Api) -> None:
    # given
    ada = await api.person()
    zip = await make_zip(ada)
    async with api.platform.database.begin() as session:
        await session.execute(
            text("update zip set draft = json_build_object('steps', json_build_array(), 'x', repeat('a', 4 << 20))")
        )
    aliases = " ".join(f"a{number}: definition" for number in range(9))

    # when
    answer = await ada(f"query Q($z: ID!) {{ zip(id: $z) {{ {aliases} }} }}", z=zip["id"])

    # then
    assert answer.errors[0]["extensions"]["issues"][0]["code"] == "too_large"
    assert answer.body["data"] == {"zip": None}


def test_asking_for_many_definitions_is_dear(schema: Schema, subtests: pytest.Subtests) -> None:
    versions = "versions(first: 100) { nodes { number definition } }"
    zips = "zips(workspaceId: $w, first: 100) { nodes { definition } }"
    for document, cost in (
        (f"query Q($z: ID!) {{ zip(id: $z) {{ a: {versions} b: {versions} }} }}", 2203),
        (f"query Q($w: ID!) {{ a: {zips} b: {zips} }}", 2202),
        (
            "query Q($w: ID!) { zips(workspaceId: $w, first: 100) "
            "{ nodes { definition problems { code } hasUnpublishedChanges } } }",
            3201,
        ),
        (
            "query Q($w: ID!) { runs(workspaceId: $w, first: 100) "
            "{ nodes { version { definition } zip { definition } } } }",
            2301,
        ),
    ):
        with subtests.test(document[:80]):
            assert refusals(schema, document) == [
                f"The operation's cost is {cost}; the limit is 2000. Ask for less at once."
            ]


def test_a_page_of_versions_with_their_definitions_passes(schema: Schema) -> None:
    document = "query Q($z: ID!) { zip(id: $z) { versions(first: 100) { nodes { number definition } } } }"

    assert schema.documents.check(document)


def test_what_the_pages_ask_for_passes(schema: Schema, subtests: pytest.Subtests) -> None:
    texts = [file.read_text() for file in sorted((ROOT / "web" / "components").rglob("*.graphql"))]
    parsed = [definition for text in texts for definition in parse(text).definitions]
    fragments = {node.name.value: node for node in parsed if isinstance(node, FragmentDefinitionNode)}
    operations = [node for node in parsed if isinstance(node, OperationDefinitionNode)]
    assert len(operations) >= 20
    for operation in operations:
        with subtests.test(operation.name.value if operation.name else ""):
            assert schema.documents.check(complete(operation, fragments))


def complete(operation: OperationDefinitionNode, fragments: dict[str, FragmentDefinitionNode]) -> str:
    """An operation with the fragments it spreads, as the pages send it."""
    texts: dict[str, str] = {}
    waiting = [print_ast(operation)]
    while waiting:
        text = waiting.pop()
        for name in set(re.findall(r"\.\.\.(\w+)", text)) - texts.keys() - {"on"}:
            texts[name] = print_ast(fragments[name])
            waiting.append(texts[name])
    return "\n".join([print_ast(operation), *texts.values()])


def test_what_counts_as_content_is_in_the_schema(schema: Schema) -> None:
    for type_name, field in CONTENT:
        assert field in schema.documents._schema.get_type(type_name).fields  # type: ignore[union-attr]


async def test_anothers_definition_is_not_read(api: Api) -> None:
    # given
    ada, eve = await api.person(), await api.person()
    zip = await live_zip(ada)

    # when
    answer = await eve(
        "query Q($z: ID!, $v: ID!) { zip(id: $z) { definition } node(id: $v) { ... on Version { definition } } }",
        z=zip["id"],
        v=zip["version"]["id"],
    )

    # then
    assert answer.data == {"zip": None, "node": None}
