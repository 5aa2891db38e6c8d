"""Connections in GraphQL: made, tried against a real server, changed, deleted."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.api.graphql.acts import act, make_connection, make_zip, program, rows
from tests.fixtures.graphql import Api, StartApi

FIELDS = (
    "connection { id name kind fields secretFields hosts revision lastTest { isOk message } "
    "usedBy { isInDraft isInLiveVersion zip { id name } } createdBy { name } }"
)


@dataclass
class OtherSide:
    """A server that lets in whoever knows the password, and echoes what it was sent."""

    port: int = 0
    seen: list[str | None] = field(default_factory=list)
    during: list[Any] = field(default_factory=list)
    #: Looked at while a request is being answered.
    watch: Any = None

    async def answer(self, request: web.Request) -> web.Response:
        self.seen.append(request.headers.get("Authorization"))
        if self.watch:
            self.during.append(await self.watch())
        good = request.headers.get("Authorization") == "Basic YWRhOmNhbmFyeS1wYXNzd29yZA=="
        return web.Response(status=200 if good else 401, reason=None if good else "Wrong canary-password")


@asynccontextmanager
async def other_side() -> AsyncIterator[OtherSide]:
    side = OtherSide()
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", side.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    assert site._server is not None
    side.port = site._server.sockets[0].getsockname()[1]  # type: ignore[attr-defined]
    try:
        yield side
    finally:
        await runner.cleanup()


async def test_made_changed_and_deleted(api: Api) -> None:
    # given
    ada = await api.person()

    # when
    made = await act(
        ada,
        "createConnection",
        FIELDS,
        workspaceId=ada.workspace_id,
        name="Shop",
        kind="basic",
        fields={"username": "ada", "password": "canary-password"},
        hosts=["API.example.com"],
        idempotencyKey="k",
    )
    again = await act(
        ada,
        "createConnection",
        "connection { id }",
        workspaceId=ada.workspace_id,
        name="Shop",
        kind="basic",
        fields={"username": "ada", "password": "canary-password"},
        hosts=["API.example.com"],
        idempotencyKey="k",
    )
    connection = made["connection"]
    step = {
        "id": "a",
        "app": "http",
        "action": "request",
        "input": {"method": "GET", "url": "https://api.example.com"},
        "connection": connection["id"],
    }
    zip = await make_zip(ada, name="User", definition={"steps": [step]})
    changed = await act(
        ada, "updateConnection", FIELDS, connectionId=connection["id"], revision=1, fields={"username": "ben"}
    )
    stale = await act(ada, "updateConnection", FIELDS, connectionId=connection["id"], revision=1, name="No")
    moved = await act(
        ada, "updateConnection", FIELDS, connectionId=connection["id"], revision=2, hosts=["evil.example.com"]
    )
    used = await act(ada, "deleteConnection", "connectionId", connectionId=connection["id"])
    await act(ada, "deleteZip", "zip { id }", zipId=zip["id"])
    deleted = await act(ada, "deleteConnection", "connectionId", connectionId=connection["id"])
    gone = await ada("query Q($id: ID!) { connection(id: $id) { id } }", id=connection["id"])

    # then
    assert again["connection"]["id"] == connection["id"]
    assert connection == {
        "id": connection["id"],
        "name": "Shop",
        "kind": "basic",
        "fields": {"username": "ada"},
        "secretFields": ["password"],
        "hosts": ["api.example.com"],
        "revision": 1,
        "lastTest": None,
        "usedBy": [],
        "createdBy": {"name": "Ada"},
    }
    assert changed["connection"]["fields"] == {"username": "ben"}
    assert changed["connection"]["usedBy"] == [
        {"isInDraft": True, "isInLiveVersion": False, "zip": {"id": zip["id"], "name": "User"}}
    ]
    assert (stale["code"], stale["currentRevision"]) == ("CONFLICT", 2)
    assert moved["issues"] == [
        {
            "path": ["fields", "password"],
            "code": "required",
            "message": "The stored secret would be sent to a new place.",
            "fix": "Enter it again.",
        }
    ]
    assert (used["code"], used["message"]) == (
        "CONFLICT",
        "It is used by “User”: choose another connection there first.",
    )
    assert deleted == {"__typename": "DeleteConnectionSuccess", "connectionId": connection["id"]}
    assert gone.data["connection"] is None


async def test_it_is_tried_against_the_real_other_side_outside_of_any_transaction(start_api: StartApi) -> None:
    # given
    async with other_side() as side:
        api = await start_api(signup="open", outbound_allow=frozenset({("127.0.0.1", side.port)}))
        ada = await api.person()
        url = f"http://127.0.0.1:{side.port}/me"
        connection = await make_connection(
            ada,
            fields={"username": "ada", "password": "canary-password", "testUrl": url},
            hosts=[f"127.0.0.1:{side.port}"],
        )

        async def open_transactions() -> Any:
            ((count,),) = await rows(
                api.platform.database,
                "select count(*) from pg_stat_activity where datname = current_database() and xact_start is not null "
                "and pid <> pg_backend_pid()",
            )
            return count

        side.watch = open_transactions

        # when
        good = await act(ada, "testConnection", FIELDS, connectionId=connection["id"])
        await act(
            ada,
            "updateConnection",
            "connection { id }",
            connectionId=connection["id"],
            revision=1,
            fields={"username": "eve"},
        )
        bad = await act(ada, "testConnection", FIELDS, connectionId=connection["id"])

    # then
    assert good["connection"]["lastTest"] == {"isOk": True, "message": "It works: the server answered 200 OK."}
    assert good["connection"]["revision"] == 1
    assert bad["connection"]["lastTest"]["isOk"] is False
    assert "canary" not in bad["connection"]["lastTest"]["message"]
    assert len(side.seen) == 2
    assert side.during == [0, 0]


async def test_a_refused_address_is_told_and_nothing_is_sent(api: Api) -> None:
    # given
    ada = await api.person()
    async with other_side() as side:
        connection = await make_connection(
            ada,
            fields={"username": "ada", "password": "x", "testUrl": f"http://127.0.0.1:{side.port}/"},
            hosts=["127.0.0.1"],
        )

        # when
        tried = await act(ada, "testConnection", FIELDS, connectionId=connection["id"])

    # then
    assert tried["connection"]["lastTest"]["isOk"] is False
    assert side.seen == []


async def test_every_problem_is_told_without_repeating_a_secret(api: Api) -> None:
    # given
    ada = await api.person()

    # when
    answer = await act(
        ada,
        "createConnection",
        "connection { id }",
        workspaceId=ada.workspace_id,
        name="A",
        kind="basic",
        fields={"username": "a:canary", "password": ["canary"], "extra": "canary"},
        hosts=["api.example.com"],
    )
    unknown = await act(
        ada, "createConnection", "connection { id }", workspaceId=ada.workspace_id, name="A", kind="oauth", fields={}
    )

    # then
    assert {".".join(issue["path"]) for issue in answer["issues"]} == {
        "fields.username",
        "fields.password",
        "fields.extra",
    }
    assert "canary" not in str(answer)
    assert [issue["path"] for issue in unknown["issues"]] == [["kind"]]
    assert await rows(api.platform.database, "select count(*) from connection") == [(0,)]


async def test_who_may_only_read_and_strangers_change_nothing(api: Api) -> None:
    # given
    ada, eve = await api.person(), await api.person(name="Eve")
    connection = await make_connection(ada)
    reader = await program(ada, "READ")

    for who, code in ((reader, "FORBIDDEN"), (eve, "NOT_FOUND"), (api.anonymous, "UNAUTHENTICATED")):
        # when
        refused = [
            await act(who, "updateConnection", FIELDS, connectionId=connection["id"], revision=1, name="No"),
            await act(who, "testConnection", FIELDS, connectionId=connection["id"]),
            await act(who, "deleteConnection", "connectionId", connectionId=connection["id"]),
        ]
        # then
        assert {one["code"] for one in refused} == {code}
    seen = await reader("query Q($id: ID!) { connection(id: $id) { name fields } }", id=connection["id"])
    assert seen.data["connection"] == {"name": "A connection", "fields": {"username": "ada"}}
    assert await rows(api.platform.database, "select name, revision, tested_at from connection") == [
        ("A connection", 1, None)
    ]


async def test_lists_are_filtered(api: Api) -> None:
    # given
    ada = await api.person()
    await make_connection(ada, name="Shop")
    await make_connection(ada, name="Mail", kind="smtp", fields={"host": "mail.example.com"}, hosts=[])
    query = "query Q($w: ID!, $f: ConnectionFilter) { connections(workspaceId: $w, filter: $f) { nodes { name } } }"

    async def names(**filter: Any) -> list[str]:
        answer = await ada(query, w=ada.workspace_id, f=filter)
        return [connection["name"] for connection in answer.data["connections"]["nodes"]]

    # when, then
    assert await names() == ["Mail", "Shop"]
    assert await names(kinds=["smtp"]) == ["Mail"]
    assert await names(search="shop") == ["Shop"]
