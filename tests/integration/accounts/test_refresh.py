"""Refresh tokens: one successor for everybody within the grace, the end of the session for a thief after it."""

import asyncio
import base64
from typing import Any

import pytest
from sqlalchemy import text

from tests.fixtures.graphql import Api, Person
from zipped.db import Database

SESSION = "user { id } session { id accessToken refreshToken }"
WHO = "{ viewer { user { id } } }"


async def refresh(api: Api, token: str) -> dict[str, Any]:
    return await api.anonymous.mutate("refreshSession", SESSION, {"refreshToken": token})


async def later(database: Database, seconds: int) -> None:
    async with database.begin() as session:
        await session.execute(text(f"update session set rotated_at = rotated_at - interval '{seconds} seconds'"))


async def stored(database: Database, person: Person) -> Any:
    async with database.begin() as session:
        row = await session.execute(
            text("select *, revoked_at is null as alive from session where id = :id"), {"id": person.session_id[4:]}
        )
        return row.one()


async def test_a_token_gets_the_next_one(api: Api) -> None:
    person = await api.person()

    first = (await refresh(api, person.refresh_token))["session"]
    second = (await refresh(api, first["refreshToken"]))["session"]

    assert len({person.refresh_token, first["refreshToken"], second["refreshToken"]}) == 3
    assert first["id"] == second["id"] == person.session_id
    assert (await api.anonymous.by(second["accessToken"])(WHO)).data["viewer"]["user"]["id"] == person.user_id


async def test_twenty_at_once_get_the_same_successor(api: Api, database: Database) -> None:
    person = await api.person()

    results = await asyncio.gather(*(refresh(api, person.refresh_token) for _ in range(20)))

    assert {result["__typename"] for result in results} == {"RefreshSessionSuccess"}
    (successor,) = {result["session"]["refreshToken"] for result in results}
    assert (await refresh(api, successor))["__typename"] == "RefreshSessionSuccess"
    assert (await stored(database, person)).alive


async def test_within_the_grace_a_lost_answer_can_be_asked_for_again(api: Api, database: Database) -> None:
    person = await api.person()
    successor = (await refresh(api, person.refresh_token))["session"]["refreshToken"]
    await later(database, 15)

    again = await refresh(api, person.refresh_token)

    assert again["session"]["refreshToken"] == successor


async def test_after_the_grace_a_used_token_ends_the_session(api: Api, database: Database) -> None:
    person = await api.person()
    successor = (await refresh(api, person.refresh_token))["session"]
    await later(database, 21)

    reused = await refresh(api, person.refresh_token)

    assert reused == {
        "__typename": "Unauthenticated",
        "message": "This refresh token was used before, so its session has been ended: sign in again.",
        "code": "UNAUTHENTICATED",
        "path": None,
    }
    assert not (await stored(database, person)).alive
    after = await refresh(api, successor["refreshToken"])
    assert (after["__typename"], after["message"]) == ("Unauthenticated", "The session is over: sign in again.")
    assert (await api.anonymous.by(successor["accessToken"])(WHO)).status == 401
    async with database.begin() as session:
        actions = await session.execute(
            text("select action from audit where subject_id = :id order by id"), {"id": person.session_id[4:]}
        )
    assert list(actions.scalars()) == ["signIn", "endSessionForReuse"]


async def test_a_token_from_long_ago_ends_the_session_within_the_grace_too(api: Api, database: Database) -> None:
    person = await api.person()
    first = (await refresh(api, person.refresh_token))["session"]["refreshToken"]
    await refresh(api, first)

    assert (await refresh(api, person.refresh_token))["__typename"] == "Unauthenticated"
    assert not (await stored(database, person)).alive


async def test_made_up_tokens_end_no_session(api: Api, database: Database) -> None:
    person = await api.person()
    raw = base64.urlsafe_b64decode(person.refresh_token[4:] + "==")
    forged = [
        "",
        "zrt_",
        "zrt_" + "A" * 86,
        person.refresh_token + "A",
        person.refresh_token[:-1],
        person.refresh_token.replace("zrt_", "zpt_"),
        # The right session with another secret, as who has seen an access token could write it.
        "zrt_" + base64.urlsafe_b64encode(raw[:16] + bytes(48)).decode().rstrip("="),
        "zrt_" + base64.urlsafe_b64encode(raw[:-1] + bytes([raw[-1] ^ 1])).decode().rstrip("="),
        "zrt_" + "💥" * 86,
        person.token or "",
    ]

    for token in forged:
        result = await refresh(api, token)

        assert (result["__typename"], result["message"]) == ("Unauthenticated", "The session is over: sign in again.")
    assert (await stored(database, person)).alive
    assert (await refresh(api, person.refresh_token))["__typename"] == "RefreshSessionSuccess"


async def test_without_a_token_and_without_our_page_there_is_nothing_to_refresh(api: Api) -> None:
    result = await api.anonymous.mutate("refreshSession", SESSION, {})

    assert result["__typename"] == "Forbidden"


@pytest.mark.parametrize("column", ["expires_at", "revoked_at"])
async def test_a_session_that_is_over_stays_over(api: Api, database: Database, column: str) -> None:
    person = await api.person()
    async with database.begin() as session:
        await session.execute(text(f"update session set {column} = now()"))

    assert (await refresh(api, person.refresh_token))["message"] == "The session is over: sign in again."


async def test_a_session_lives_thirty_days_idle_and_half_a_year_at_most(api: Api, database: Database) -> None:
    person = await api.person()
    async with database.begin() as session:
        await session.execute(text("update session set created_at = now() - interval '170 days'"))

    await refresh(api, person.refresh_token)

    row = await stored(database, person)
    assert round((row.expires_at - row.created_at).total_seconds() / 86400) == 180
