"""Signing up: the first account owns the instance, then the door is closed or open."""

import asyncio

import pytest
from sqlalchemy import text

from tests.fixtures.graphql import PASSWORD, WORKSPACES, StartApi
from zipped.db import Database
from zipped.errors import Forbidden, ValidationFailed
from zipped.services import accounts

CLOSED = (
    "Sign-up is closed here: ask whoever runs this Zipped for an account. "
    "(They can open it to everybody with ZIPPED_SIGNUP=open.)"
)


async def count(database: Database, table: str) -> int:
    async with database.begin() as session:
        number: int = (await session.execute(text(f'select count(*) from "{table}"'))).scalar_one()
    return number


async def test_first_account_owns_the_instance_and_its_workspace(start_api: StartApi, database: Database) -> None:
    api = await start_api(signup="closed")

    person = await api.person(" Ada@Example.com ", "Ada")

    viewer = (await person(WORKSPACES)).data["viewer"]
    assert viewer["user"] == {"id": person.user_id}
    assert viewer["workspaces"] == [
        {"id": person.workspace_id, "name": "Ada's workspace", "role": "OWNER", "isPersonal": True}
    ]
    async with database.begin() as session:
        row = (await session.execute(text('select email, email_key, owns_instance, password_hash from "user"'))).one()
        audit = (await session.execute(text("select action, host(ip::inet) as ip from audit order by id"))).all()
    assert (row.email, row.email_key, row.owns_instance) == ("Ada@Example.com", "ada@example.com", True)
    assert row.password_hash.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert [tuple(entry) for entry in audit] == [("signUp", "127.0.0.1"), ("signIn", "127.0.0.1")]


async def test_closed_once_the_first_account_exists(start_api: StartApi, database: Database) -> None:
    api = await start_api(signup="closed")
    await api.person()
    hashed = api.platform.gate.passwords.hashed

    result = await api.anonymous.mutate(
        "signUp", "user { id }", {"email": "eve@example.com", "password": PASSWORD, "name": "Eve"}
    )

    assert result == {"__typename": "Forbidden", "message": CLOSED, "code": "FORBIDDEN", "path": None}
    assert (await count(database, "user"), await count(database, "workspace")) == (1, 1)
    assert api.platform.gate.passwords.hashed == hashed


async def test_of_many_first_accounts_at_once_one_owns_a_closed_instance(
    start_api: StartApi, database: Database
) -> None:
    api = await start_api(signup="closed")

    results = await asyncio.gather(
        *(
            api.anonymous.mutate(
                "signUp", "user { id }", {"email": f"p{number}@example.com", "password": PASSWORD, "name": "P"}
            )
            for number in range(8)
        )
    )

    assert sorted(result["__typename"] for result in results) == ["Forbidden"] * 7 + ["SignUpSuccess"]
    assert (await count(database, "user"), await count(database, "membership")) == (1, 1)


async def test_of_many_first_accounts_at_once_one_owns_an_open_instance(
    start_api: StartApi, database: Database
) -> None:
    api = await start_api(signup="open")

    people = await asyncio.gather(*(api.person() for _ in range(6)))

    async with database.begin() as session:
        owners = (await session.execute(text('select id from "user" where owns_instance'))).all()
    assert len(owners) == 1
    assert len({person.workspace_id for person in people}) == 6


async def test_an_address_is_taken_however_it_is_written(start_api: StartApi, database: Database) -> None:
    api = await start_api(signup="open")
    await api.person("strasse@example.com")

    for again in ("STRASSE@EXAMPLE.COM", " strasse@example.com ", "straße@example.com", "\uff53trasse@example.com"):
        result = await api.anonymous.mutate(
            "signUp", "user { id }", {"email": again, "password": PASSWORD, "name": "Ada"}
        )

        assert result == {
            "__typename": "Conflict",
            "message": "There is an account with this e-mail address already: sign in instead.",
            "code": "CONFLICT",
            "path": ["email"],
            "currentRevision": None,
        }
    assert await count(database, "user") == 1


async def test_everything_wrong_is_said_at_once(start_api: StartApi, database: Database) -> None:
    api = await start_api(signup="open")

    result = await api.anonymous.mutate("signUp", "user { id }", {"email": "ada", "password": "short", "name": " \n "})

    assert result["__typename"] == "ValidationError"
    assert [(issue["path"], issue["code"]) for issue in result["issues"]] == [
        (["email"], "invalid_email"),
        (["password"], "too_short"),
        (["name"], "required"),
    ]
    assert result["message"] == "That is no e-mail address. (2 more problems)"
    assert await count(database, "user") == 0


@pytest.mark.parametrize(
    "email",
    [
        "",
        "ada",
        "@example.com",
        "ada@",
        "ada@@example.com",
        "a b@example.com",
        "ada@exa mple.com",
        ".ada@example.com",
        "ada@.example.com",
        "ada@example.com.",
        "ada@-example.com",
        "ada\n@example.com",
        "ada@example.com\r\nBcc: eve@example.com",
        "a" * 65 + "@example.com",
        "ada@" + "a" * 255,
        "\u202eada@example.com",
    ],
)
def test_what_is_no_address(email: str) -> None:
    with pytest.raises(ValidationFailed, match=r"^That is no e-mail address\.$"):
        accounts.clean_email(email)


@pytest.mark.parametrize(
    "email", ["ada@localhost", "Ada.Lovelace+zips@mail.example.com", "ädä@exämple.com", "o'hara@example.co.uk"]
)
def test_what_is_an_address(email: str) -> None:
    assert accounts.clean_email(f" {email} ") == email


async def test_first_account_by_command(database: Database) -> None:
    async with database.begin() as session:
        person = await accounts.create_first_account(session, "ada@example.com", PASSWORD, "Ada")
    assert person.owns_instance

    with pytest.raises(Forbidden):
        async with database.begin() as session:
            await accounts.create_first_account(session, "eve@example.com", PASSWORD, "Eve")

    assert (await count(database, "user"), await count(database, "workspace")) == (1, 1)


async def test_who_is_not_signed_in_learns_whether_they_may_sign_up(start_api: StartApi) -> None:
    ask = "{ isSignUpOpen }"
    closed, opened = await start_api(signup="closed"), await start_api(signup="open")

    before = (await closed.anonymous(ask)).data
    await closed.person()

    assert before == {"isSignUpOpen": True}
    assert (await closed.anonymous(ask)).data == {"isSignUpOpen": False}
    assert (await opened.anonymous(ask)).data == {"isSignUpOpen": True}
