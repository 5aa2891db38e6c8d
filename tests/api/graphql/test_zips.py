"""Zips in GraphQL: from making one to deleting it, and who may."""

from typing import Any

from sqlalchemy import text

from tests.api.graphql.acts import GREET, act, live_zip, make_zip, rows
from tests.fixtures.graphql import Api

RTL = "\u0645\u0631\u062d\u0628\u0627"


async def test_a_zip_from_draft_to_live_and_back(api: Api) -> None:
    # given
    ada = await api.person()
    made = await act(
        ada,
        "createZip",
        "zip { id name folder state revision definition problems { code } hasUnpublishedChanges liveVersion { id } "
        "trigger { kind url verifier } createdBy { name } workspaceId stats { runs hours { failed } } "
        "lastRuns(first: 20) { id } deletedAt retentionDays }",
        workspaceId=ada.workspace_id,
        name="x" * 300,
        folder=RTL,
        definition=GREET,
    )
    zip = made["zip"]

    # then
    url = zip.pop("trigger")["url"]
    assert url.startswith(f"{api.base}/hooks/")
    zip_id = zip.pop("id")
    assert zip == {
        "name": "x" * 300,
        "folder": RTL,
        "state": "DRAFT",
        "revision": 1,
        "definition": GREET,
        "problems": [],
        "hasUnpublishedChanges": True,
        "liveVersion": None,
        "createdBy": {"name": "Ada"},
        "workspaceId": ada.workspace_id,
        "stats": {"runs": 0, "hours": []},
        "lastRuns": [],
        "deletedAt": None,
        "retentionDays": None,
    }

    # when it is changed, published, changed, published, rolled back
    saved = await act(
        ada, "updateZip", "zip { name folder revision }", zipId=zip_id, revision=1, name="Greet", folder=None
    )
    first = await act(
        ada,
        "publishZip",
        "zip { state hasUnpublishedChanges liveVersion { number isLive } } "
        "version { id number note createdBy { name } zip { name } }",
        zipId=zip_id,
        revision=2,
        note="First",
    )
    again = await act(ada, "updateZip", "zip { revision }", zipId=zip_id, revision=2, definition={"steps": []})
    second = await act(ada, "publishZip", "version { number }", zipId=zip_id, revision=3)
    back = await act(
        ada,
        "rollbackZip",
        "zip { definition revision hasUnpublishedChanges versions { nodes { number note isLive } } } "
        "version { number }",
        zipId=zip_id,
        versionId=first["version"]["id"],
    )
    paused = await act(ada, "pauseZip", "zip { state }", zipId=zip_id)
    resumed = await act(ada, "resumeZip", "zip { state }", zipId=zip_id)

    # then
    assert saved["zip"] == {"name": "Greet", "folder": None, "revision": 2}
    assert first["zip"] == {
        "state": "LIVE",
        "hasUnpublishedChanges": False,
        "liveVersion": {"number": 1, "isLive": True},
    }
    assert first["version"].pop("id").startswith("ver_")
    assert first["version"] == {"number": 1, "note": "First", "createdBy": {"name": "Ada"}, "zip": {"name": "Greet"}}
    assert (again["zip"]["revision"], second["version"]["number"], back["version"]["number"]) == (3, 2, 3)
    assert back["zip"] == {
        "definition": {"steps": []},
        "revision": 3,
        "hasUnpublishedChanges": True,
        "versions": {
            "nodes": [
                {"number": 3, "note": "Rolled back to version 1", "isLive": True},
                {"number": 2, "note": None, "isLive": False},
                {"number": 1, "note": "First", "isLive": False},
            ]
        },
    }
    assert (paused["zip"]["state"], resumed["zip"]["state"]) == ("PAUSED", "LIVE")

    # when it is deleted
    deleted = await act(ada, "deleteZip", "zip { id deletedAt trigger { url } }", zipId=zip_id)
    found = await ada(
        "query Q($id: ID!, $w: ID!) { zip(id: $id) { name deletedAt } zips(workspaceId: $w) { nodes { id } } "
        "node(id: $id) { id ... on Zip { state } } }",
        id=zip_id,
        w=ada.workspace_id,
    )

    # then
    assert deleted["zip"]["deletedAt"] is not None
    assert deleted["zip"]["trigger"] == {"url": None}
    assert found.data["zip"]["name"] == "Greet"
    assert found.data["zips"] == {"nodes": []}
    assert found.data["node"] == {"id": zip_id, "state": "PAUSED"}


async def test_a_stale_revision_is_a_conflict_that_names_the_current_one(api: Api) -> None:
    # given
    ada = await api.person()
    zip = await make_zip(ada)
    await act(ada, "updateZip", "zip { id }", zipId=zip["id"], revision=1, name="By Ben")

    # when
    refused = [
        await act(ada, "updateZip", "zip { id }", zipId=zip["id"], revision=1, name="By Ada"),
        await act(ada, "publishZip", "zip { id }", zipId=zip["id"], revision=1),
    ]

    # then
    assert (
        refused
        == [
            {
                "__typename": "Conflict",
                "message": "The draft was saved since you loaded it: you have revision 1, it is at 2.",
                "code": "CONFLICT",
                "path": ["revision"],
                "currentRevision": 2,
            }
        ]
        * 2
    )
    assert await rows(api.platform.database, "select name, state, revision from zip") == [("By Ben", "draft", 2)]


async def test_publishing_tells_every_problem_as_the_zip_and_a_check_without_saving_do(api: Api) -> None:
    # given
    ada = await api.person()
    broken: dict[str, Any] = {
        "steps": [
            {"id": "a", "app": "http", "action": "request", "input": {"method": "GET"}, "connection": "con_1"},
            {"id": "b", "app": "data", "action": "set_field", "input": {"fields": {"x": "{{ steps.c.y }}"}}},
        ]
    }
    zip = await make_zip(ada, definition=broken)

    # when
    refused = await act(ada, "publishZip", "zip { id }", zipId=zip["id"], revision=1)
    found = await ada(
        "query Q($w: ID!, $id: ID!, $d: JSON!) { validateDefinition(workspaceId: $w, definition: $d) "
        "{ path code message fix } zip(id: $id) { problems { path code message fix } } }",
        w=ada.workspace_id,
        id=zip["id"],
        d=broken,
    )

    # then
    assert [(".".join(issue["path"]), issue["code"]) for issue in refused["issues"]] == [
        ("steps.a.input.url", "required"),
        ("steps.a.connection", "invalid_id"),
        ("steps.b.input.fields.x", "unknown_reference"),
        ("steps.b.action", "unknown_action"),
    ]
    assert refused["code"] == "VALIDATION"
    assert all(issue["fix"] for issue in refused["issues"])
    assert found.data["validateDefinition"] == found.data["zip"]["problems"] == refused["issues"]
    assert await rows(api.platform.database, "select count(*) from zip_version") == [(0,)]


async def test_pages_hold_still_and_cursors_belong_to_their_list(api: Api) -> None:
    # given
    ada, eve = await api.person(), await api.person()
    made = [(await make_zip(ada, name=f"Zip {number}"))["id"] for number in range(5)]
    page = (
        "{ nodes { id } edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } }"
    )
    query = (
        "query Q($w: ID!, $first: Int!, $after: String) "
        f"{{ zips(workspaceId: $w, first: $first, after: $after) {page} }}"
    )

    # when
    first = (await ada(query, w=ada.workspace_id, first=2)).data["zips"]
    await make_zip(ada, name="Newer")
    second = (await ada(query, w=ada.workspace_id, first=2, after=first["pageInfo"]["endCursor"])).data["zips"]
    third = (await ada(query, w=ada.workspace_id, first=2, after=second["pageInfo"]["endCursor"])).data["zips"]
    newer = (
        await ada(
            "query Q($w: ID!, $before: String) { workspace(id: $w) { zips(before: $before) { nodes { name } } } }",
            w=ada.workspace_id,
            before=first["pageInfo"]["startCursor"],
        )
    ).data["workspace"]["zips"]

    # then
    assert [node["id"] for part in (first, second, third) for node in part["nodes"]] == made[::-1]
    assert first["edges"][1] == {"cursor": first["pageInfo"]["endCursor"], "node": first["nodes"][1]}
    assert [part["pageInfo"]["hasNextPage"] for part in (first, second, third)] == [True, True, False]
    assert newer == {"nodes": [{"name": "Newer"}]}

    # a cursor of another list, another workspace or none at all is refused
    cursor = first["pageInfo"]["endCursor"]
    for who, workspace_id, list_, after, code in (
        (ada, ada.workspace_id, "runs", cursor, "foreign_cursor"),
        (eve, eve.workspace_id, "zips", cursor, "foreign_cursor"),
        (ada, ada.workspace_id, "zips", cursor[:-2], "invalid_cursor"),
        (ada, ada.workspace_id, "zips", "", "invalid_cursor"),
        (ada, ada.workspace_id, "zips", "é" * 10, "invalid_cursor"),
        (ada, ada.workspace_id, "zips", "A" * 9000, "invalid_cursor"),
    ):
        answer = await who(
            f"query Q($w: ID!, $a: String) {{ {list_}(workspaceId: $w, after: $a) {{ nodes {{ id }} }} }}",
            w=workspace_id,
            a=after,
        )
        assert answer.body["data"] == {list_: None}
        assert [issue["code"] for issue in answer.errors[0]["extensions"]["issues"]] == [code], (list_, after)
    for size in (0, -1, 101, 2**31 - 1):
        answer = await ada(query, w=ada.workspace_id, first=size)
        assert answer.errors[0]["extensions"]["issues"][0]["code"] == "out_of_range"


async def test_lists_are_filtered_and_folders_listed(api: Api) -> None:
    # given
    ada = await api.person()
    await make_zip(ada, name="Draft one", folder="Sales")
    await live_zip(ada, name="Live two", folder="Ops")
    query = "query Q($w: ID!, $f: ZipFilter) { workspace(id: $w) { folders zips(filter: $f) { nodes { name } } } }"

    async def names(**filter: Any) -> list[str]:
        answer = await ada(query, w=ada.workspace_id, f=filter)
        assert answer.data["workspace"]["folders"] == ["Ops", "Sales"]
        return [zip["name"] for zip in answer.data["workspace"]["zips"]["nodes"]]

    # when, then
    assert await names() == ["Live two", "Draft one"]
    assert await names(states=["LIVE"]) == ["Live two"]
    assert await names(states=["DRAFT", "PAUSED"]) == ["Draft one"]
    assert await names(folder="Sales", search="ONE") == ["Draft one"]
    assert await names(folder="") == []
    assert await names(search=None, states=None, folder=None) == ["Live two", "Draft one"]


async def test_texts_that_cannot_be_stored_are_refused_before_anything_happens(api: Api) -> None:
    # given
    ada = await api.person()

    # when
    bad: list[tuple[dict[str, Any], str]] = [
        ({"name": "a\0b"}, "U+0000"),
        ({"name": "a\ud800b"}, "surrogate"),
        ({"name": "A", "definition": {"steps": [{"name": "\0"}]}}, "U+0000"),
        ({"name": "A", "folder": "\udfff"}, "surrogate"),
    ]
    for input, told in bad:
        answer = await ada.post(
            {
                "query": "mutation M($input: CreateZipInput!) { createZip(input: $input) { __typename } }",
                "variables": {"input": {"workspaceId": ada.workspace_id, **input}},
            }
        )
        assert answer.status == 400
        assert told in answer.errors[0]["message"]

    # then
    assert await rows(api.platform.database, "select count(*) from zip") == [(0,)]


async def test_absent_and_null_differ_where_something_can_be_taken_away(api: Api) -> None:
    # given
    ada = await api.person()
    zip = await make_zip(ada, folder="Sales")
    selection = "zip { name folder retentionDays revision }"

    # when
    kept = await act(ada, "updateZip", selection, zipId=zip["id"], revision=1, retentionDays=7)
    same = await act(ada, "updateZip", selection, zipId=zip["id"], revision=2, name=None, definition=None)
    gone = await act(ada, "updateZip", selection, zipId=zip["id"], revision=2, folder=None, retentionDays=None)
    refused = await act(ada, "updateZip", selection, zipId=zip["id"], revision=3, retentionDays=0)

    # then
    assert kept["zip"] == {"name": "A zip", "folder": "Sales", "retentionDays": 7, "revision": 2}
    assert same["zip"] == kept["zip"]
    assert gone["zip"] == {"name": "A zip", "folder": None, "retentionDays": None, "revision": 3}
    assert (refused["code"], refused["path"]) == ("VALIDATION", ["retentionDays"])


async def test_changes_of_one_operation_see_each_other(api: Api) -> None:
    # given
    ada = await api.person()
    zip = await make_zip(ada)

    # when
    answer = await ada(
        """mutation M($id: ID!) {
          one: updateZip(input: {zipId: $id, revision: 1, name: "One"}) {
            ... on UpdateZipSuccess { zip { name trigger { zip { name } } } }
          }
          two: updateZip(input: {zipId: $id, revision: 2, name: "Two"}) {
            ... on UpdateZipSuccess { zip { name trigger { zip { name } } } }
          }
        }""",
        id=zip["id"],
    )

    # then
    assert answer.data == {
        "one": {"zip": {"name": "One", "trigger": {"zip": {"name": "One"}}}},
        "two": {"zip": {"name": "Two", "trigger": {"zip": {"name": "Two"}}}},
    }


async def test_who_waits_too_long_for_somebody_else_is_told_to_try_again(api: Api) -> None:
    # given
    ada = await api.person()
    zip = await live_zip(ada)

    # when
    async with api.platform.database.begin() as session:
        await session.execute(text("select from zip for update"))
        answer = await ada(
            "mutation M($id: ID!) { pauseZip(input: {zipId: $id}) { __typename } }",
            id=zip["id"],
        )

    # then
    assert answer.body["data"] is None
    assert answer.errors[0]["extensions"]["code"] == "UNAVAILABLE"
    assert answer.errors[0]["message"] == "Somebody else is changing this right now; nothing was changed; try again."
    assert await rows(api.platform.database, "select state from zip") == [("live",)]
