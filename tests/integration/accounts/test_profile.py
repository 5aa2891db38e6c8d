"""What a person is called, and that only they change it."""

import pytest
from sqlalchemy import text

from tests.fixtures.graphql import Api
from zipped.db import Database

WHO = "{ viewer { user { name email } workspaces { name } } }"


async def test_a_name_is_changed_and_the_workspace_keeps_its_own(api: Api, database: Database) -> None:
    person = await api.person("ada@example.com", "Ada")

    result = await person.mutate("updateProfile", "user { id name }", {"name": " Ada Lovelace "})

    assert result == {"__typename": "UpdateProfileSuccess", "user": {"id": person.user_id, "name": "Ada Lovelace"}}
    assert (await person(WHO)).data["viewer"] == {
        "user": {"name": "Ada Lovelace", "email": "ada@example.com"},
        "workspaces": [{"name": "Ada's workspace"}],
    }
    async with database.begin() as session:
        rows = await session.execute(text("select detail from audit where action = 'updateProfile'"))
    assert [row.detail for row in rows] == [{}]


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "x" * 101])
async def test_what_is_no_name_changes_nothing(api: Api, database: Database, name: str) -> None:
    person = await api.person("ada@example.com", "Ada")

    result = await person.mutate("updateProfile", "user { id }", {"name": name})

    assert (result["__typename"], result["path"]) == ("ValidationError", ["name"])
    assert (await person(WHO)).data["viewer"]["user"]["name"] == "Ada"
    async with database.begin() as session:
        told = await session.scalar(text("select count(*) from audit where action = 'updateProfile'"))
    assert told == 0


async def test_nobody_has_no_name_to_change(api: Api) -> None:
    result = await api.anonymous.mutate("updateProfile", "user { id }", {"name": "Eve"})

    assert result["__typename"] == "Unauthenticated"
