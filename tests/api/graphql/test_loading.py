"""However many rows a page has, each kind of thing on it is fetched once."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event, text

from tests.api.graphql.acts import act, live_zip, make_connection
from tests.fixtures.graphql import Api, StartApi
from zipped import ids


@contextmanager
def counted(api: Api) -> Iterator[list[str]]:
    """The statements of the api from here on, without those that open a transaction or say who is calling.

    Who is calling is remembered for ten seconds: whether it is asked depends on how long the test has taken so far.
    """
    seen: list[str] = []

    def note(_: Any, __: Any, statement: str, *___: Any) -> None:
        told = " ".join(statement.split())
        if "set_config('role'" not in told and "from session s left join membership" not in told:
            seen.append(told)

    engine = api.platform.database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


ATTEMPTS = text(
    """
    insert into step_attempt (run_id, step_id, path, attempt, generation, workspace_id, epoch, effect, status, input,
        output, idempotency_key, started_at)
    select r.id, 'step' || n, '', 1, 0, r.workspace_id, 1, 'pure', 'succeeded', '{"n": 1}', '{"n": 2}', 'K', now()
    from zip_run r, generate_series(1, 4) n
    """
)


async def test_a_page_of_runs_with_their_steps_costs_the_same_for_three_and_for_twenty_five(api: Api) -> None:
    # given
    ada = await api.person()
    zips = [await live_zip(ada) for _ in range(3)]
    for number in range(25):
        await act(ada, "runZip", "run { id }", zipId=zips[number % 3]["id"])
    async with api.platform.database.begin() as session:
        await session.execute(ATTEMPTS)
    query = """query Q($w: ID!, $n: Int!) { runs(workspaceId: $w, first: $n) { nodes {
        id zip { name } version { number } event { outcome body { text } }
        steps { stepId input output } } } }"""

    # when
    found: dict[int, list[str]] = {}
    for first in (3, 25):
        with counted(api) as seen:
            answer = await ada(query, w=ada.workspace_id, n=first)
        nodes = answer.data["runs"]["nodes"]
        assert len(nodes) == first
        assert all(
            [step["output"] for step in node["steps"]] == [{"n": 2}] * 4 and node["event"]["body"]["text"] == "{}"
            for node in nodes
        )
        found[first] = sorted(seen)

    # then: runs, zips, versions, events, bodies (size, bytes), steps, payloads (size, bytes)
    assert len(found[25]) == len(found[3]) == 9, found[25]


async def test_a_page_of_zips_with_all_that_a_list_shows_costs_the_same_for_two_and_for_twenty(api: Api) -> None:
    # given
    ada = await api.person()
    connection = await make_connection(ada)
    step = {
        "id": "a",
        "app": "http",
        "action": "request",
        "input": {"method": "GET", "url": "https://api.example.com"},
        "connection": connection["id"],
    }
    for _ in range(20):
        zip = await live_zip(ada, definition={"steps": [step]})
        await act(ada, "runZip", "run { id }", zipId=zip["id"])
    query = """query Q($w: ID!) { zips(workspaceId: $w, first: %d) { nodes {
        name problems { code } hasUnpublishedChanges liveVersion { number createdBy { name } } createdBy { name }
        trigger { kind url refusals { count } } stats { runs hours { failed } } lastRuns(first: 5) { status } } } }"""

    # when
    found: dict[int, list[str]] = {}
    for first in (2, 20):
        with counted(api) as seen:
            answer = await ada(query % first, w=ada.workspace_id)
        nodes = answer.data["zips"]["nodes"]
        assert [(zip["stats"]["runs"], zip["problems"], zip["lastRuns"]) for zip in nodes] == [
            (1, [], [{"status": "QUEUED"}])
        ] * first
        found[first] = sorted(seen)

    # then: zips, drafts and live definitions (size, text), connections, versions, people, triggers, refusals, runs,
    # numbers (of all and by hour)
    assert len(found[20]) == len(found[2]) == 13, found[20]


async def test_where_connections_are_used_is_one_statement(api: Api) -> None:
    # given
    ada = await api.person()
    for _ in range(4):
        await make_connection(ada)

    # when
    with counted(api) as seen:
        answer = await ada(
            "query Q($w: ID!) { connections(workspaceId: $w) { nodes { usedBy { zip { name } } } } }",
            w=ada.workspace_id,
        )

    # then
    assert [connection["usedBy"] for connection in answer.data["connections"]["nodes"]] == [[]] * 4
    assert len([statement for statement in seen if "jsonb_path_query" in statement]) == 1
    assert ids.decode(ada.workspace_id, "wsp")


async def test_whether_sign_up_is_open_is_asked_once_however_often_a_stranger_asks(start_api: StartApi) -> None:
    # given
    closed = await start_api(signup="closed")
    await closed.person()

    # when
    with counted(closed) as statements:
        answer = await closed.anonymous("{ " + " ".join(f"a{n}: isSignUpOpen" for n in range(30)) + " }")

    # then
    assert answer.data == {f"a{n}": False for n in range(30)}
    assert statements == ['select exists (select from "user")']
