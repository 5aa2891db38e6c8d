"""Cookies, and what another site's page can do with them: nothing."""

from typing import Any

import orjson
import pytest
from sqlalchemy import text

from tests.fixtures.graphql import PASSWORD, Answer, Api, Person, StartApi
from zipped.db import Database

SIGN_IN = """
mutation SignIn($input: SignInInput!) {
  signIn(input: $input) {
    __typename
    ... on SignInSuccess { session { id accessToken refreshToken } }
    ... on UserError { message code path }
  }
}
"""
REFRESH = """
mutation { refreshSession(input: {}) {
  __typename ... on RefreshSessionSuccess { session { accessToken refreshToken } } ... on UserError { message }
} }
"""
CREATE = 'mutation { createApiToken(input: {workspaceId: "WSP", name: "csrf", scope: ADMIN}) { __typename } }'
WHO = {"query": "{ viewer { user { id } } }"}
EVIL = "https://evil.example.com"


async def sign_in(api: Api, person: Person, origin: str | None, **cookies: str) -> Answer:
    given = {"email": person.email, "password": PASSWORD, "delivery": "COOKIES"}
    headers = {"origin": origin} if origin else {}
    return await api.anonymous.post({"query": SIGN_IN, "variables": {"input": given}}, headers=headers)


def jar(answer: Answer) -> str:
    return "; ".join(cookie.partition(";")[0] for cookie in answer.cookies)


async def tokens(database: Database) -> int:
    async with database.begin() as session:
        number: int = (await session.execute(text("select count(*) from api_token"))).scalar_one()
    return number


async def test_over_plain_http_cookies_are_plain_and_the_refresh_cookie_goes_to_graphql_only(api: Api) -> None:
    person = await api.person()

    answer = await sign_in(api, person, api.base)

    session = answer.data["signIn"]["session"]
    assert (session["accessToken"], session["refreshToken"]) == (None, None)
    access, refresh = (cookie.partition("; ") for cookie in answer.cookies)
    assert access[0].startswith("zipped_access=ey")
    assert access[2] == "Path=/; Max-Age=600; HttpOnly; SameSite=Lax"
    assert refresh[0].startswith("zipped_refresh=zrt_")
    assert refresh[2] == "Path=/graphql; Max-Age=2592000; HttpOnly; SameSite=Strict"


async def test_over_https_no_other_host_can_set_or_see_them(start_api: StartApi) -> None:
    api = await start_api(signup="open", public_url="https://zipped.example.com")
    person = await api.person()

    answer = await sign_in(api, person, "https://zipped.example.com")

    access, refresh = (cookie.partition("; ") for cookie in answer.cookies)
    assert access[0].startswith("__Host-zipped_access=ey")
    assert access[2] == "Path=/; Max-Age=600; HttpOnly; SameSite=Lax; Secure"
    assert refresh[0].startswith("__Host-zipped_refresh=zrt_")
    assert refresh[2] == "Path=/; Max-Age=2592000; HttpOnly; SameSite=Strict; Secure"
    plain = jar(answer).replace("__Host-", "")
    assert (await api.anonymous.post(WHO, headers={"cookie": plain})).data == {"viewer": None}
    mine = await api.anonymous.post(WHO, headers={"cookie": jar(answer)})
    assert mine.data == {"viewer": {"user": {"id": person.user_id}}}


@pytest.mark.parametrize("origin", [None, "null", EVIL])
async def test_no_page_elsewhere_signs_a_browser_in(api: Api, origin: str | None) -> None:
    person = await api.person()

    answer = await sign_in(api, person, origin)

    assert answer.data["signIn"] == {
        "__typename": "Forbidden",
        "message": f"Cookies are set only for pages at {api.base} (ZIPPED_PUBLIC_URL), over HTTP. "
        "Programs ask for tokens: delivery BODY.",
        "code": "FORBIDDEN",
        "path": ["delivery"],
    }
    assert answer.cookies == []


async def test_a_browser_is_refreshed_and_signed_out_by_its_cookies(api: Api) -> None:
    person = await api.person()
    first = await sign_in(api, person, api.base)

    refreshed = await api.anonymous.post({"query": REFRESH}, headers={"cookie": jar(first), "origin": api.base})

    assert refreshed.data["refreshSession"] == {
        "__typename": "RefreshSessionSuccess",
        "session": {"accessToken": None, "refreshToken": None},
    }
    assert jar(refreshed) != jar(first)
    out = await api.anonymous.post(
        {"query": "mutation { signOut(input: {}) { ... on SignOutSuccess { signedOut } } }"},
        headers={"cookie": jar(refreshed), "origin": api.base},
    )
    assert out.data == {"signOut": {"signedOut": True}}
    assert out.cookies == [
        "zipped_access=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax",
        "zipped_refresh=; Path=/graphql; Max-Age=0; HttpOnly; SameSite=Strict",
    ]
    assert (await api.anonymous.post(WHO, headers={"cookie": jar(refreshed)})).data == {"viewer": None}
    again = await api.anonymous.post({"query": REFRESH}, headers={"cookie": jar(refreshed), "origin": api.base})
    assert again.data["refreshSession"] == {
        "__typename": "Unauthenticated",
        "message": "The session is over: sign in again.",
    }
    assert again.cookies == out.cookies


# How a page elsewhere, or ours, may send a change along with the browser's cookies; and what must come of it.
JSON = "application/json"
MATRIX: list[tuple[str, dict[str, str], int]] = [
    ("our page", {"content-type": JSON, "origin": "OURS"}, 200),
    ("a form", {"content-type": "application/x-www-form-urlencoded", "origin": EVIL}, 415),
    ("a form of our own", {"content-type": "application/x-www-form-urlencoded", "origin": "OURS"}, 415),
    ("a multipart form", {"content-type": "multipart/form-data; boundary=x", "origin": EVIL}, 415),
    ("text that is JSON", {"content-type": "text/plain", "origin": EVIL}, 415),
    ("JSON by another name", {"content-type": "text/plain; application/json", "origin": EVIL}, 415),
    ("JSON from elsewhere", {"content-type": JSON, "origin": EVIL}, 403),
    ("JSON from a sandbox", {"content-type": JSON, "origin": "null"}, 403),
    ("JSON from nowhere", {"content-type": JSON}, 403),
    ("another port", {"content-type": JSON, "origin": "http://127.0.0.1:1"}, 403),
    ("https of the same name", {"content-type": JSON, "origin": "https://127.0.0.1"}, 403),
    ("our name as a subdomain", {"content-type": JSON, "origin": "OURS.evil.example.com"}, 403),
    ("a header for preflights", {"content-type": JSON, "origin": EVIL, "x-requested-with": "x"}, 403),
]


async def test_a_change_by_cookie_needs_our_page_and_json(
    api: Api, database: Database, subtests: pytest.Subtests
) -> None:
    person = await api.person()
    cookie = jar(await sign_in(api, person, api.base))
    body = orjson.dumps({"query": CREATE}).replace(b"WSP", person.workspace_id.encode())

    for name, shown, status in MATRIX:
        with subtests.test(name):
            before = await tokens(database)
            headers = {key: value.replace("OURS", api.base) for key, value in shown.items()}

            answer = await api.anonymous.send("POST", data=body, headers={"cookie": cookie, **headers})

            assert answer.status == status
            assert await tokens(database) == before + (1 if status == 200 else 0)
            assert "access-control-allow-origin" not in answer.headers
            if status == 403:
                origin = headers.get("origin")
                where = f"comes from {origin}" if origin else "names no Origin"
                assert answer.errors[0]["message"] == (
                    f"The request {where}: with cookies only pages at {api.base} (ZIPPED_PUBLIC_URL) may ask. "
                    "Programs use a bearer token."
                )


async def test_preflights_are_never_granted(api: Api) -> None:
    answer = await api.anonymous.send("OPTIONS", headers={"origin": EVIL, "access-control-request-method": "POST"})

    assert answer.status == 405
    assert not [name for name in answer.headers if name.lower().startswith("access-control")]


async def test_get_takes_no_cookie_unless_a_browser_had_to_ask_first(api: Api) -> None:
    person = await api.person()
    cookie = jar(await sign_in(api, person, api.base))
    mine: Any = {"viewer": {"user": {"id": person.user_id}}}

    plain = await api.anonymous.send("GET", params=WHO, headers={"cookie": cookie})
    asked = await api.anonymous.send("GET", params=WHO, headers={"cookie": cookie, "graphql-require-preflight": "1"})
    bearer = await person.send("GET", params=WHO)

    assert plain.data == {"viewer": None}
    assert (asked.data, bearer.data) == (mine, mine)


async def test_a_bearer_counts_and_the_cookies_beside_it_do_not(api: Api) -> None:
    ada, eve = await api.person(), await api.person()
    cookie = jar(await sign_in(api, ada, api.base))

    both = await eve.post(WHO, headers={"cookie": cookie, "origin": EVIL})
    bad = await api.anonymous.by("nonsense").post(WHO, headers={"cookie": cookie, "origin": api.base})

    assert both.data == {"viewer": {"user": {"id": eve.user_id}}}
    assert bad.status == 401


async def test_an_access_cookie_that_is_no_longer_good_is_nobody(api: Api) -> None:
    answer = await api.anonymous.post(WHO, headers={"cookie": "zipped_access=nonsense", "origin": api.base})

    assert answer.data == {"viewer": None}


async def test_the_first_of_two_cookies_of_one_name_counts_and_long_headers_none(api: Api) -> None:
    person = await api.person()
    cookie = jar(await sign_in(api, person, api.base))

    two = await api.anonymous.post(WHO, headers={"cookie": f"{cookie}; zipped_access=evil"})
    long = await api.anonymous.post(WHO, headers={"cookie": f"{cookie}; more={'x' * 16_384}"})

    assert two.data == {"viewer": {"user": {"id": person.user_id}}}
    assert long.data == {"viewer": None}
