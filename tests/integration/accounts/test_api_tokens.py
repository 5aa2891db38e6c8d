"""API tokens: shown once, one workspace, a scope, and never more than their person may."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import text

from tests.fixtures.graphql import Api, Client, Person
from zipped.db import Database

TOKEN = "token apiToken { id name scope hint expiresAt lastUsedAt userId }"
WHO = "{ viewer { user { id } scope workspaces { id role } } }"
LIST = "query Q($id: ID!) { workspace(id: $id) { apiTokens { nodes { id name scope hint } } } }"


async def make(person: Client, workspace_id: str, scope: str = "WRITE", **more: object) -> dict[str, Any]:
    given = {"workspaceId": workspace_id, "name": "ci", "scope": scope, **more}
    return await person.mutate("createApiToken", TOKEN, given)


async def set_role(api: Api, person: Person, workspace_id: str, role: str | None) -> None:
    """Make somebody a member of another's workspace, or no longer one, as if ten seconds ago."""
    values = {"user": person.user_id[4:], "workspace": workspace_id[4:], "role": role}
    api.platform.gate._seen.clear()
    async with api.platform.database.begin() as session:
        if role is None:
            await session.execute(
                text("delete from membership where user_id = :user and workspace_id = :workspace"), values
            )
        else:
            await session.execute(
                text(
                    "insert into membership (user_id, workspace_id, role) values (:user, :workspace, :role) "
                    "on conflict (workspace_id, user_id) do update set role = excluded.role"
                ),
                values,
            )


async def test_a_token_is_shown_once_and_opens_its_workspace(api: Api, database: Database) -> None:
    person = await api.person()

    made = await make(person, person.workspace_id)

    token = made["token"]
    assert token.startswith("zpt_")
    assert len(token) == 36
    assert made["apiToken"] == {
        "id": made["apiToken"]["id"],
        "name": "ci",
        "scope": "WRITE",
        "hint": token[-4:],
        "expiresAt": None,
        "lastUsedAt": None,
        "userId": person.user_id,
    }
    assert (await api.anonymous.by(token)(WHO)).data["viewer"] == {
        "user": {"id": person.user_id},
        "scope": "WRITE",
        "workspaces": [{"id": person.workspace_id, "role": "OWNER"}],
    }
    async with database.begin() as session:
        stored = (await session.execute(text("select to_jsonb(t)::text from api_token t"))).scalar_one()
        audit = (
            await session.execute(text("select action, detail, api_token_id from audit where workspace_id is not null"))
        ).all()
    assert token[4:] not in stored
    assert tuple(audit[-1]) == ("createApiToken", {"name": "ci", "scope": "write"}, None)


async def test_scopes_include_the_one_before(api: Api, subtests: pytest.Subtests) -> None:
    person = await api.person()

    for scope, may_make in (("READ", False), ("WRITE", False), ("ADMIN", True)):
        with subtests.test(scope):
            program = api.anonymous.by((await make(person, person.workspace_id, scope))["token"])

            assert (await program(LIST, id=person.workspace_id)).data["workspace"]["apiTokens"]["nodes"]
            result = await make(program, person.workspace_id, "READ")
            if may_make:
                assert result["__typename"] == "CreateApiTokenSuccess"
            else:
                allows = scope.lower()
                assert result == {
                    "__typename": "Forbidden",
                    "message": f"This API token allows {allows}; this needs admin.",
                    "code": "FORBIDDEN",
                    "path": None,
                }


async def test_programs_cannot_do_what_is_for_people(api: Api, subtests: pytest.Subtests) -> None:
    person = await api.person()
    program = api.anonymous.by((await make(person, person.workspace_id, "ADMIN"))["token"])

    for name, selection, given in (
        ("changePassword", "endedSessions", {"currentPassword": "x" * 10, "newPassword": "y" * 10}),
        ("revokeSession", "sessionId", {"sessionId": person.session_id}),
        ("updateProfile", "user { id }", {"name": "Not Ada"}),
    ):
        with subtests.test(name):
            result = await program.mutate(name, selection, given)

            assert (result["__typename"], result["message"]) == (
                "Forbidden",
                "An API token can't do this: sign in as a person.",
            )
    answer = await program("{ viewer { sessions { nodes { id } } } }")
    assert answer.body["data"] == {"viewer": {"sessions": None}}
    assert answer.errors[0]["extensions"] == {"code": "FORBIDDEN"}
    assert (await person(WHO)).data["viewer"]


async def test_nobody_gives_more_than_they_have(api: Api, subtests: pytest.Subtests) -> None:
    owner, member = await api.person(), await api.person()
    allowed = {"viewer": {"READ"}, "editor": {"READ", "WRITE"}, "owner": {"READ", "WRITE", "ADMIN"}}

    for role, scopes in allowed.items():
        await set_role(api, member, owner.workspace_id, role)
        for scope in ("READ", "WRITE", "ADMIN"):
            with subtests.test(f"{role} {scope}"):
                result = await make(member, owner.workspace_id, scope)

                expected = "CreateApiTokenSuccess" if scope in scopes else "Forbidden"
                assert result["__typename"] == expected


async def test_a_token_allows_no_more_than_its_person_s_role_now(api: Api) -> None:
    owner, member = await api.person(), await api.person()
    await set_role(api, member, owner.workspace_id, "owner")
    token = (await make(member, owner.workspace_id, "ADMIN"))["token"]
    program = api.anonymous.by(token)
    assert (await make(program, owner.workspace_id, "READ"))["__typename"] == "CreateApiTokenSuccess"

    await set_role(api, member, owner.workspace_id, "viewer")
    assert (await make(program, owner.workspace_id, "READ"))["__typename"] == "Forbidden"

    await set_role(api, member, owner.workspace_id, None)
    assert (await program(WHO)).status == 401


async def test_lists_and_revocation(api: Api) -> None:
    owner, editor, stranger = await api.person(), await api.person(), await api.person()
    await set_role(api, editor, owner.workspace_id, "editor")
    of_owner = await make(owner, owner.workspace_id)
    of_editor = await make(editor, owner.workspace_id)

    async def listed(person: Client) -> list[str]:
        nodes = (await person(LIST, id=owner.workspace_id)).data["workspace"]["apiTokens"]["nodes"]
        return [node["id"] for node in nodes]

    assert await listed(owner) == [of_editor["apiToken"]["id"], of_owner["apiToken"]["id"]]
    assert await listed(editor) == [of_editor["apiToken"]["id"]]
    assert (await stranger(LIST, id=owner.workspace_id)).data == {"workspace": None}

    for person in (editor, stranger):
        result = await person.mutate("revokeApiToken", "apiTokenId", {"apiTokenId": of_owner["apiToken"]["id"]})
        assert result["__typename"] == "NotFound"
    assert (await api.anonymous.by(of_owner["token"])(WHO)).data["viewer"]

    for made in (of_owner, of_editor):
        result = await owner.mutate("revokeApiToken", "apiTokenId", {"apiTokenId": made["apiToken"]["id"]})
        assert result["__typename"] == "RevokeApiTokenSuccess"
        refused = await api.anonymous.by(made["token"])(WHO)
        assert refused.status == 401
        assert refused.errors[0]["message"] == "The API token is unknown, revoked or has run out."
    assert await listed(owner) == []


async def test_tokens_run_out(api: Api, database: Database) -> None:
    person = await api.person()
    made = await make(person, person.workspace_id, expiresInDays=1)
    assert made["apiToken"]["expiresAt"] is not None
    assert (await api.anonymous.by(made["token"])(WHO)).data["viewer"]

    async with database.begin() as session:
        await session.execute(text("update api_token set expires_at = now()"))
    api.platform.gate._seen.clear()

    assert (await api.anonymous.by(made["token"])(WHO)).status == 401


async def test_what_is_wrong_with_a_token_to_make(api: Api) -> None:
    person = await api.person()

    for more, path, code in (
        ({"name": ""}, ["name"], "required"),
        ({"name": "x" * 101}, ["name"], "too_long"),
        ({"expiresInDays": 0}, ["expiresInDays"], "out_of_range"),
        ({"expiresInDays": 10_000}, ["expiresInDays"], "out_of_range"),
        ({"workspaceId": "nonsense"}, ["workspaceId"], "invalid_id"),
        ({"workspaceId": person.user_id}, ["workspaceId"], "invalid_id"),
    ):
        result = await make(person, person.workspace_id, **more)

        assert result["__typename"] == "ValidationError"
        assert [(issue["path"], issue["code"]) for issue in result["issues"]] == [(path, code)]


@pytest.mark.parametrize("token", ["zpt_", "zpt_" + "A" * 32, "zpt_" + "A" * 5000, "zpt_'; drop table user; --"])
async def test_unknown_tokens_are_401(api: Api, token: str) -> None:
    answer = await api.anonymous.by(token)(WHO)

    assert (answer.status, answer.headers["www-authenticate"]) == (401, 'Bearer error="invalid_token"')


async def test_use_is_noted_without_one_waiting_for_the_other(api: Api, database: Database) -> None:
    person = await api.person()
    program = api.anonymous.by((await make(person, person.workspace_id))["token"])

    async def fresh() -> int:
        api.platform.gate._seen.clear()
        return (await program(WHO)).status

    assert set(await asyncio.gather(*(fresh() for _ in range(20)))) == {200}
    async with database.begin() as session:
        assert (await session.execute(text("select last_used_at from api_token"))).scalar_one() is not None
