"""Signing in and out, changing a password, and what an attacker learns from it: nothing."""

import asyncio
import threading
from typing import Any

import orjson
import pytest
from sqlalchemy import text

from tests.fixtures.graphql import PASSWORD, Api
from zipped import passwords
from zipped.db import Database
from zipped.passwords import Passwords

WRONG = {
    "__typename": "Unauthenticated",
    "message": "The e-mail address or the password is wrong.",
    "code": "UNAUTHENTICATED",
    "path": None,
}
SESSION = "user { id } session { id accessToken refreshToken accessExpiresAt }"
WHO = "{ viewer { user { id } } }"


async def sign_in(api: Api, email: str, password: str = PASSWORD) -> dict[str, Any]:
    return await api.anonymous.mutate("signIn", SESSION, {"email": email, "password": password})


async def test_sign_in_opens_a_session_of_its_own(api: Api) -> None:
    person = await api.person("Ada@example.com")

    result = await sign_in(api, " ada@EXAMPLE.com ")

    assert result["__typename"] == "SignInSuccess"
    assert result["user"] == {"id": person.user_id}
    assert result["session"]["id"] != person.session_id
    assert (await api.anonymous.by(result["session"]["accessToken"])(WHO)).data["viewer"]["user"] == result["user"]


async def test_a_wrong_password_and_nobody_look_the_same(api: Api) -> None:
    await api.person("ada@example.com")
    query = (
        'mutation { signIn(input: {email: "EMAIL", password: "not the right one"}) '
        "{ __typename ... on UserError { message code path } } }"
    )

    known = await api.anonymous.send("POST", json={"query": query.replace("EMAIL", "ada@example.com")})
    unknown = await api.anonymous.send("POST", json={"query": query.replace("EMAIL", "eve@example.com")})

    assert known.body == unknown.body == {"data": {"signIn": WRONG}}
    assert known.status == unknown.status == 200
    different = {"date"}
    assert {k: v for k, v in known.headers.items() if k.lower() not in different} == {
        k: v for k, v in unknown.headers.items() if k.lower() not in different
    }


async def test_nobody_costs_a_hash_as_well(api: Api) -> None:
    before = api.platform.gate.passwords.hashed

    assert await sign_in(api, "nobody@example.com") == WRONG

    assert api.platform.gate.passwords.hashed == before + 1


@pytest.mark.parametrize("password", ["", "x" * 5000, PASSWORD + "\n", PASSWORD.upper(), "💥" * 300])
async def test_other_passwords_are_wrong(api: Api, password: str) -> None:
    person = await api.person()

    assert await sign_in(api, person.email, password) == WRONG


async def test_guessing_is_stopped_before_the_hash_and_the_owner_gets_in_elsewhere(api: Api) -> None:
    person = await api.person()
    elsewhere = await api.person()
    before = api.platform.gate.passwords.hashed

    results = [await sign_in(api, person.email, f"guess number {number}") for number in range(50)]

    assert [result["__typename"] for result in results] == ["Unauthenticated"] * 5 + ["LimitExceeded"] * 45
    assert results[-1]["message"] == "Too many tries: wait a little and try again."
    assert results[-1]["code"] == "LIMIT_EXCEEDED"
    assert 25 <= results[-1]["retryAfter"] <= 30
    assert api.platform.gate.passwords.hashed == before + 5
    assert (await sign_in(api, elsewhere.email))["__typename"] == "SignInSuccess"


async def test_a_crowd_is_hashed_by_two_threads_off_the_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    # given: a hash that ends only when another has begun beside it
    hashing, stored = Passwords(), passwords.hash_now(PASSWORD)
    both, threads = threading.Barrier(2), set()
    verify = passwords._verify

    def watched(stored: str | None, password: str) -> bool:
        threads.add(threading.current_thread().name)
        both.wait(timeout=60)
        return verify(stored, password)

    monkeypatch.setattr(passwords, "_verify", watched)

    # when
    try:
        results = await asyncio.gather(*(hashing.verify(stored, PASSWORD) for _ in range(16)))
    finally:
        hashing.close()

    # then
    assert results == [True] * 16
    assert threads == {"argon2_0", "argon2_1"}


async def test_the_queue_of_hashes_has_an_end() -> None:
    hashing = Passwords()
    try:
        results = await asyncio.gather(*(hashing.hash("a password") for _ in range(40)), return_exceptions=True)
    finally:
        hashing.close()

    assert [isinstance(result, str) for result in results] == [True] * 16 + [False] * 24
    assert {str(result) for result in results[16:]} == {"Too many people are signing in at this moment; try again."}


async def test_password_of_ten_bytes_to_a_kilobyte() -> None:
    for size in (10, 1024):
        passwords.check("x" * size)
    for size in (0, 9, 1025):
        with pytest.raises(Exception, match="password is"):
            passwords.check("x" * size)


async def test_sign_out_ends_the_session_at_once(api: Api, database: Database) -> None:
    person = await api.person()
    other = (await sign_in(api, person.email))["session"]
    assert (await person(WHO)).data["viewer"]

    result = await person.mutate("signOut", "signedOut", {})

    assert result == {"__typename": "SignOutSuccess", "signedOut": True}
    refused = await person(WHO)
    assert refused.status == 401
    assert refused.headers["www-authenticate"] == 'Bearer error="invalid_token"'
    assert refused.body == {
        "errors": [
            {"message": "The session is over: sign in again.", "extensions": {"code": "UNAUTHENTICATED"}},
        ]
    }
    again = await api.anonymous.mutate("refreshSession", SESSION, {"refreshToken": person.refresh_token})
    assert again["__typename"] == "Unauthenticated"
    assert (await api.anonymous.by(other["accessToken"])(WHO)).data["viewer"]


async def test_sign_out_by_refresh_token_and_without_any(api: Api) -> None:
    person = await api.person()

    first = await api.anonymous.mutate("signOut", "signedOut", {"refreshToken": person.refresh_token})
    second = await api.anonymous.mutate("signOut", "signedOut", {"refreshToken": person.refresh_token})
    none = await api.anonymous.mutate("signOut", "signedOut", {})

    assert [result["signedOut"] for result in (first, second, none)] == [True, False, False]
    assert (await person(WHO)).status == 401


async def test_change_password_ends_the_other_sessions(api: Api, database: Database) -> None:
    person = await api.person()
    other = api.anonymous.by((await sign_in(api, person.email))["session"]["accessToken"])
    assert (await other(WHO)).data["viewer"]

    result = await person.mutate(
        "changePassword", "endedSessions", {"currentPassword": PASSWORD, "newPassword": "another good one"}
    )

    assert result == {"__typename": "ChangePasswordSuccess", "endedSessions": 1}
    assert (await other(WHO)).status == 401
    assert (await person(WHO)).data["viewer"]
    assert await sign_in(api, person.email) == WRONG
    assert (await sign_in(api, person.email, "another good one"))["__typename"] == "SignInSuccess"
    async with database.begin() as session:
        rows = await session.execute(text("select detail from audit where action = 'changePassword'"))
    assert [row.detail for row in rows] == [{}]


async def test_change_password_needs_the_current_one(api: Api) -> None:
    person = await api.person()

    wrong = await person.mutate(
        "changePassword", "endedSessions", {"currentPassword": "not it at all", "newPassword": "another good one"}
    )
    short = await person.mutate("changePassword", "endedSessions", {"currentPassword": PASSWORD, "newPassword": "x"})

    assert (wrong["__typename"], wrong["message"], wrong["path"]) == (
        "Forbidden",
        "The current password is wrong.",
        ["currentPassword"],
    )
    assert (short["__typename"], short["path"]) == ("ValidationError", ["newPassword"])
    assert (await sign_in(api, person.email))["__typename"] == "SignInSuccess"


async def test_a_sign_in_that_a_change_of_password_overtakes_opens_nothing(
    api: Api, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = await api.person()
    verify = api.platform.gate.passwords.verify

    async def overtaken(stored: str | None, password: str) -> bool:
        right = await verify(stored, password)
        async with database.begin() as session:
            await session.execute(text("update \"user\" set password_hash = 'another'"))
        return right

    monkeypatch.setattr(api.platform.gate.passwords, "verify", overtaken)

    assert await sign_in(api, person.email) == WRONG
    async with database.begin() as session:
        assert (await session.execute(text("select count(*) from session"))).scalar_one() == 1


async def test_sessions_are_listed_and_revoked_by_their_owner_alone(api: Api) -> None:
    ada, eve = await api.person(), await api.person()
    other = (await sign_in(api, ada.email))["session"]
    query = "{ viewer { sessions { nodes { id isCurrent ip userAgent } pageInfo { hasNextPage } } } }"

    listed = (await ada(query)).data["viewer"]["sessions"]

    assert [(node["id"], node["isCurrent"], node["ip"]) for node in listed["nodes"]] == [
        (other["id"], False, "127.0.0.1"),
        (ada.session_id, True, "127.0.0.1"),
    ]
    stolen = await eve.mutate("revokeSession", "sessionId", {"sessionId": other["id"]})
    assert stolen["__typename"] == "NotFound"
    assert (await api.anonymous.by(other["accessToken"])(WHO)).data["viewer"]
    assert await ada.mutate("revokeSession", "sessionId", {"sessionId": other["id"]}) == {
        "__typename": "RevokeSessionSuccess",
        "sessionId": other["id"],
    }
    assert (await api.anonymous.by(other["accessToken"])(WHO)).status == 401
    assert [node["id"] for node in (await ada(query)).data["viewer"]["sessions"]["nodes"]] == [ada.session_id]


async def test_no_secret_is_in_the_audit_or_stored_plain(api: Api, database: Database) -> None:
    person = await api.person()
    await sign_in(api, person.email)
    await api.anonymous.mutate("refreshSession", SESSION, {"refreshToken": person.refresh_token})

    async with database.begin() as session:
        told = ""
        for table in ("user", "session", "audit", "api_token"):
            rows = await session.execute(text(f'select to_jsonb(t)::text from "{table}" t'))
            told += "".join(rows.scalars())

    assert PASSWORD not in told
    assert person.refresh_token not in told
    assert orjson.dumps(person.token).decode() not in told
