"""Lists whose length nobody can tell beforehand: as many rows as one answer can bear, and no more."""

from typing import Any

import orjson
from sqlalchemy import text

from tests.api.graphql.acts import act, live_zip
from tests.fixtures.graphql import Api, Person

STEPS = text(
    """
    insert into step_attempt (run_id, step_id, path, attempt, generation, workspace_id, epoch, effect, status,
        idempotency_key)
    select r.id, 'a', '', n, 0, r.workspace_id, 1, 'pure', 'succeeded', 'K' from zip_run r, generate_series(1, 1000) n
    """
)


async def test_three_thousand_tries_are_shown_and_four_thousand_refused(api: Api) -> None:
    # given
    ada = await api.person()
    zip = await live_zip(ada)
    for _ in range(4):
        await act(ada, "runZip", "run { id }", zipId=zip["id"])
    async with api.platform.database.begin() as session:
        await session.execute(STEPS)
    query = "query Q($w: ID!) { runs(workspaceId: $w, first: %d) { nodes { steps { attempt } } } }"

    # when
    three = await ada(query % 3, w=ada.workspace_id)
    four = await ada(query % 4, w=ada.workspace_id)

    # then
    assert [len(node["steps"]) for node in three.data["runs"]["nodes"]] == [1000] * 3
    (issue,) = four.errors[0]["extensions"]["issues"]
    assert (issue["code"], issue["fix"]) == ("too_large", "Ask for fewer rows at once.")
    assert four.body["data"] == {"runs": None}


async def run_with_many_headers(api: Api, ada: Person) -> dict[str, Any]:
    """A run whose event has more headers than the door lets in: 1,200."""
    zip = await live_zip(ada)
    run: dict[str, Any] = (await act(ada, "runZip", "run { id event { id } }", zipId=zip["id"]))["run"]
    async with api.platform.database.begin() as session:
        headers = orjson.dumps([["a", "b"]] * 1200)
        await session.execute(text("update event set headers = :headers"), {"headers": headers})
    return run


async def test_headers_count_under_every_alias(api: Api) -> None:
    # given
    ada = await api.person()
    run = await run_with_many_headers(api, ada)
    query = "query Q($e: ID!) { event(id: $e) { a: headers { name } b: headers { name } %s } }"

    # when
    twice = await ada(query % "", e=run["event"]["id"])
    thrice = await ada(query % "c: headers { name }", e=run["event"]["id"])

    # then
    assert len(twice.data["event"]["a"]) == len(twice.data["event"]["b"]) == 1200
    assert thrice.errors[0]["extensions"]["code"] == "VALIDATION"
    assert thrice.body["data"] == {"event": None}


async def test_rows_count_over_all_mutations_of_an_answer(api: Api) -> None:
    # given
    ada = await api.person()
    run = await run_with_many_headers(api, ada)
    cancel = "cancelRun(input: {runId: $r}) { ... on CancelRunSuccess { run { event { headers { name } } } } }"

    # when
    answer = await ada(f"mutation M($r: ID!) {{ a: {cancel} b: {cancel} c: {cancel} }}", r=run["id"])

    # then
    events = [answer.body["data"][alias]["run"]["event"] for alias in "abc"]
    assert [len(event["headers"]) if event else None for event in events] == [1200, 1200, None]
    assert answer.errors[0]["path"] == ["c", "run", "event", "headers"]
    assert answer.errors[0]["extensions"]["code"] == "VALIDATION"


async def test_a_cursor_of_another_workspaces_tokens_or_another_persons_sessions_is_refused(api: Api) -> None:
    # given
    ada, eve = await api.person(), await api.person()
    for person in (ada, eve):
        await act(person, "createApiToken", "token", workspaceId=person.workspace_id, name="ci", scope="READ")
    query = """query Q($w: ID!, $tokens: String, $sessions: String) {
        workspace(id: $w) { apiTokens(after: $tokens) { pageInfo { endCursor } } }
        viewer { sessions(after: $sessions) { pageInfo { endCursor } } } }"""
    theirs = (await ada(query, w=ada.workspace_id)).data
    tokens = theirs["workspace"]["apiTokens"]["pageInfo"]["endCursor"]
    sessions = theirs["viewer"]["sessions"]["pageInfo"]["endCursor"]

    # when
    answer = await eve(query, w=eve.workspace_id, tokens=tokens, sessions=sessions)

    # then
    assert [error["extensions"]["issues"][0]["code"] for error in answer.errors] == ["foreign_cursor"] * 2
    assert answer.body["data"] == {"workspace": {"apiTokens": None}, "viewer": {"sessions": None}}
