"""Who may do what with a zip, and whose ids lead nowhere."""

from typing import Any

from tests.api.graphql.acts import act, join, live_zip, make_connection, make_zip, program, rows
from tests.fixtures.graphql import Api


async def test_a_connection_of_ones_own_other_workspace_is_a_problem(api: Api) -> None:
    # given
    ada, ben = await api.person(), await api.person()
    await join(api, ada, ben.workspace_id, "editor")
    ada = await _again(api, ada)
    theirs = await make_connection(ben)
    step = {
        "id": "a",
        "app": "http",
        "action": "request",
        "input": {"method": "GET", "url": "https://api.example.com"},
        "connection": theirs["id"],
    }

    # when
    mine = await make_zip(ada, "problems { code }", definition={"steps": [step]})
    at_bens = await act(
        ada,
        "createZip",
        "zip { problems { code } }",
        workspaceId=ben.workspace_id,
        name="There",
        definition={"steps": [step]},
    )

    # then
    assert mine["problems"] == [{"code": "unknown_connection"}]
    assert at_bens["zip"]["problems"] == []


async def test_who_may_only_read_reads_and_changes_nothing(api: Api) -> None:
    # given
    ada, ben = await api.person(), await api.person(name="Ben")
    zip = await live_zip(ada)
    await join(api, ben, ada.workspace_id, "viewer")
    ben = await _again(api, ben)
    reader = await program(ada, "READ")

    for who, told in ((ben, "Your role in this workspace"), (reader, "This API token")):
        # when
        seen = await who("query Q($id: ID!) { zip(id: $id) { name trigger { url settings } } }", id=zip["id"])
        refused = [
            await act(who, "createZip", "zip { id }", workspaceId=ada.workspace_id, name="No"),
            await act(who, "updateZip", "zip { id }", zipId=zip["id"], revision=1, name="No"),
            await act(who, "publishZip", "zip { id }", zipId=zip["id"], revision=1),
            await act(
                who, "rollbackZip", "zip { id }", zipId=zip["id"], versionId=zip["version"]["id"], replaceDraftAt=1
            ),
            await act(who, "pauseZip", "zip { id }", zipId=zip["id"]),
            await act(who, "resumeZip", "zip { id }", zipId=zip["id"]),
            await act(who, "deleteZip", "zip { id }", zipId=zip["id"]),
            await act(who, "runZip", "run { id }", zipId=zip["id"]),
            await act(who, "updateTrigger", "trigger { id }", triggerId=zip["trigger"]["id"], revision=1, settings={}),
            await act(who, "rotateHookToken", "trigger { id }", triggerId=zip["trigger"]["id"]),
        ]

        # then
        assert seen.data["zip"]["name"] == "A zip"
        assert seen.data["zip"]["trigger"]["url"] is None
        assert seen.data["zip"]["trigger"]["settings"]["methods"] == ["POST", "PUT", "PATCH"]
        assert {(one["__typename"], one["message"]) for one in refused} == {
            ("Forbidden", f"{told} allows read; this needs write.")
        }
    assert await rows(api.platform.database, "select name, state, revision, deleted_at from zip") == [
        ("A zip", "live", 1, None)
    ]
    assert await rows(api.platform.database, "select count(*) from zip_run") == [(0,)]


async def test_a_program_that_may_write_does(api: Api) -> None:
    # given
    ada = await api.person()
    writer = await program(ada, "WRITE")

    # when
    made = await act(writer, "createZip", "zip { trigger { url } }", workspaceId=ada.workspace_id, name="By program")

    # then
    assert made["zip"]["trigger"]["url"] is not None
    assert await rows(
        api.platform.database, "select action, api_token_id is not null from audit where action = 'createZip'"
    ) == [("createZip", True)]


async def test_ids_of_other_people_other_kinds_and_none_at_all(api: Api) -> None:
    # given
    ada, eve = await api.person(), await api.person(name="Eve")
    zip = await live_zip(ada)
    foreign = {
        "zip": zip["id"],
        "trigger": zip["trigger"]["id"],
    }

    # when, then: nothing is found by another person's ids
    for noun, id in foreign.items():
        answer = await eve(f"query Q($id: ID!) {{ {noun}(id: $id) {{ id }} node(id: $id) {{ id }} }}", id=id)
        assert answer.data == {noun: None, "node": None}
    refused = await act(eve, "updateZip", "zip { id }", zipId=zip["id"], revision=1, name="Mine")
    assert (refused["code"], refused["path"]) == ("NOT_FOUND", ["zipId"])
    answer = await eve("query Q($w: ID!) { zips(workspaceId: $w) { nodes { id } } }", w=ada.workspace_id)
    assert answer.body["data"] == {"zips": None}
    assert answer.errors[0]["extensions"]["code"] == "NOT_FOUND"

    # an id of another kind is refused as such, also by a mutation
    for id in (zip["trigger"]["id"], zip["id"].upper(), zip["id"][4:], "zip_1", "", "zip_\u0661", "x" * 5000):
        answer = await ada("query Q($id: ID!) { zip(id: $id) { id } }", id=id)
        assert answer.body["data"] == {"zip": None}
        assert answer.errors[0]["extensions"]["code"] == "VALIDATION"
        assert answer.errors[0]["extensions"]["path"] == ["id"]
    refused = await act(ada, "deleteZip", "zip { id }", zipId=zip["trigger"]["id"])
    assert (refused["code"], refused["path"]) == ("VALIDATION", ["zipId"])
    assert await rows(api.platform.database, "select name, deleted_at from zip") == [("A zip", None)]


async def test_who_is_not_signed_in_sees_and_does_nothing(api: Api) -> None:
    # given
    ada = await api.person()
    zip = await make_zip(ada)

    # when
    refused = await act(api.anonymous, "deleteZip", "zip { id }", zipId=zip["id"])
    answers = [
        await api.anonymous("query Q($id: ID!) { zip(id: $id) { id } }", id=zip["id"]),
        await api.anonymous("query Q($id: ID!) { node(id: $id) { id } }", id=zip["id"]),
        await api.anonymous("query Q($w: ID!) { zips(workspaceId: $w) { nodes { id } } }", w=ada.workspace_id),
        await api.anonymous("{ apps { key } }"),
    ]

    # then
    assert refused["code"] == "UNAUTHENTICATED"
    assert [answer.errors[0]["extensions"]["code"] for answer in answers] == ["UNAUTHENTICATED"] * 4
    assert await rows(api.platform.database, "select deleted_at from zip") == [(None,)]


async def _again(api: Api, person: Any) -> Any:
    """Sign in anew, so that a membership made meanwhile counts."""
    made = await act(
        api.anonymous, "signIn", "session { accessToken }", email=person.email, password="correct horse battery"
    )
    from dataclasses import replace

    return replace(person, token=made["session"]["accessToken"])
