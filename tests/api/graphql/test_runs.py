"""Runs in GraphQL: started, looked into, filtered, cancelled."""

from datetime import UTC, datetime
from typing import Any

from tests.api.graphql.acts import act, live_zip, make_zip, rows
from tests.fixtures.graphql import Api
from zipped import ids

ATTEMPT = """
    insert into step_attempt (run_id, step_id, path, attempt, generation, workspace_id, epoch, effect, status, input,
        output, error_code, error_message, error_detail, idempotency_key, maybe_repeated, started_at, finished_at)
    values (:run, :step, '', :attempt, 0, :workspace, 1, 'write', :status, :input, :output, :code, :message, :detail,
        'KEY', true, now(), now()) returning run_id
"""


SENT = '{"fields":{"hi":"Zoë"}}'.encode()
CAME = b'{"hi":[1,2.5,null,true]}'


async def test_a_run_by_hand_with_everything_about_it(api: Api) -> None:
    # given
    ada = await api.person()
    zip = await live_zip(ada)

    # when
    started = await act(ada, "runZip", "run { id }", zipId=zip["id"], input={"name": "Zoë"}, idempotencyKey="k")
    again = await act(ada, "runZip", "run { id }", zipId=zip["id"], input={"name": "Zoë"}, idempotencyKey="k")
    run_id = started["run"]["id"]
    for attempt, status in ((1, "failed"), (2, "succeeded")):
        failed = status == "failed"
        await rows(
            api.platform.database,
            ATTEMPT,
            run=ids.decode(run_id, "run"),
            step="greet",
            attempt=attempt,
            workspace=ids.decode(ada.workspace_id, "wsp"),
            status=status,
            input=SENT,
            output=None if failed else CAME,
            code="http_500" if failed else None,
            message="The server answered 500." if failed else None,
            detail=b'{"status":500}' if failed else None,
        )
    answer = await ada(
        """query Q($id: ID!) { run(id: $id) {
          id status endedBy error { code } waitsFor wakeAt attempt crashes seq createdAt startedAt finishedAt zipId
          zip { name } version { number definition }
          event { outcome method headers { name value } body { base64 text isTruncated } run { id } zip { id } }
          steps { stepId path attempt status effect idempotencyKey isMaybeRepeated inputSize outputSize input output
                  error { code message detail } }
        } }""",
        id=run_id,
    )

    # then
    assert again["run"]["id"] == run_id
    assert api.bell.rung == 2
    run = answer.data["run"]
    created = datetime.fromisoformat(run.pop("createdAt"))
    assert abs((datetime.now(UTC) - created).total_seconds()) < 60
    assert run.pop("version")["number"] == 1
    steps = run.pop("steps")
    assert run == {
        "id": run_id,
        "status": "QUEUED",
        "endedBy": None,
        "error": None,
        "waitsFor": None,
        "wakeAt": None,
        "attempt": 0,
        "crashes": 0,
        "seq": 0,
        "startedAt": None,
        "finishedAt": None,
        "zipId": zip["id"],
        "zip": {"name": "A zip"},
        "event": {
            "outcome": "ACCEPTED",
            "method": "MANUAL",
            "headers": [{"name": "content-type", "value": "application/json"}],
            "body": {"base64": "eyJuYW1lIjoiWm/DqyJ9", "text": '{"name":"Zoë"}', "isTruncated": False},
            "run": {"id": run_id},
            "zip": {"id": zip["id"]},
        },
    }
    shared = {
        "stepId": "greet",
        "path": "",
        "effect": "WRITE",
        "idempotencyKey": "KEY",
        "isMaybeRepeated": True,
        "inputSize": len(SENT),
        "input": {"fields": {"hi": "Zoë"}},
    }
    assert steps == [
        {
            **shared,
            "attempt": 1,
            "status": "FAILED",
            "outputSize": None,
            "output": None,
            "error": {"code": "http_500", "message": "The server answered 500.", "detail": {"status": 500}},
        },
        {
            **shared,
            "attempt": 2,
            "status": "SUCCEEDED",
            "outputSize": len(CAME),
            "output": {"hi": [1, 2.5, None, True]},
            "error": None,
        },
    ]


async def test_what_can_not_be_run_is_refused_and_the_bell_stays_still(api: Api) -> None:
    # given
    ada, eve = await api.person(), await api.person(name="Eve")
    draft = await make_zip(ada)
    live = await live_zip(ada)

    # when
    never = await act(ada, "runZip", "run { id }", zipId=draft["id"])
    foreign = await act(eve, "runZip", "run { id }", zipId=live["id"])
    await act(ada, "runZip", "run { id }", zipId=live["id"], idempotencyKey="k", input=1)
    other = await act(ada, "runZip", "run { id }", zipId=live["id"], idempotencyKey="k", input=2)

    # then
    assert (never["code"], never["message"]) == (
        "CONFLICT",
        "This zip was never published, so there is nothing to run: publish it first.",
    )
    assert (foreign["code"], foreign["path"]) == ("NOT_FOUND", ["zipId"])
    assert (other["code"], other["path"]) == ("CONFLICT", ["idempotencyKey"])
    assert api.bell.rung == 1
    assert await rows(api.platform.database, "select count(*) from zip_run") == [(1,)]


async def test_cancelling_is_seen_in_the_answer_and_for_members_only(api: Api) -> None:
    # given
    ada, eve = await api.person(), await api.person(name="Eve")
    zip = await live_zip(ada)
    run = (await act(ada, "runZip", "run { id }", zipId=zip["id"]))["run"]

    # when
    foreign = await act(eve, "cancelRun", "run { id }", runId=run["id"])
    wrong = await act(ada, "cancelRun", "run { id }", runId=zip["id"])
    cancelled = await act(ada, "cancelRun", "run { status endedBy finishedAt }", runId=run["id"])
    again = await act(ada, "cancelRun", "run { status seq }", runId=run["id"])

    # then
    assert (foreign["code"], foreign["path"]) == ("NOT_FOUND", ["runId"])
    assert (wrong["code"], wrong["path"]) == ("VALIDATION", ["runId"])
    assert (cancelled["run"]["status"], cancelled["run"]["endedBy"]) == ("CANCELLED", "CANCEL")
    assert cancelled["run"]["finishedAt"] is not None
    assert again["run"] == {"status": "CANCELLED", "seq": 1}


async def test_lists_are_filtered_and_a_zip_shows_its_last_runs(api: Api) -> None:
    # given
    ada = await api.person()
    zips = [await live_zip(ada, name=name) for name in ("One", "Two")]
    runs = [
        (await act(ada, "runZip", "run { id createdAt }", zipId=zips[number % 2]["id"]))["run"] for number in range(6)
    ]
    await act(ada, "cancelRun", "run { id }", runId=runs[2]["id"])
    for run, status, ending, code in ((runs[3], "failed", "error", "boom"), (runs[4], "waiting", None, None)):
        await rows(
            api.platform.database,
            """update zip_run set status = :status, ended_by = :ending, error_code = :code, error_message = :code,
            error_step_id = 'greet', waits_for = 'retry', wake_at = '2026-12-24 18:00Z' where id = :id returning id""",
            id=ids.decode(run["id"], "run"),
            status=status,
            ending=ending,
            code=code,
        )

    async def listed(**filter: Any) -> list[int]:
        answer = await ada(
            "query Q($w: ID!, $f: RunFilter) { runs(workspaceId: $w, filter: $f) { nodes { id } } }",
            w=ada.workspace_id,
            f=filter,
        )
        known = [run["id"] for run in runs]
        return [known.index(run["id"]) for run in answer.data["runs"]["nodes"]]

    # when, then
    assert await listed() == [5, 4, 3, 2, 1, 0]
    assert await listed(zipId=zips[0]["id"]) == [4, 2, 0]
    assert await listed(statuses=["FAILED", "CANCELLED"]) == [3, 2]
    assert await listed(endedBy=["CANCEL", "CRASH"]) == [2]
    assert await listed(zipId=zips[1]["id"], statuses=["QUEUED"]) == [5, 1]
    assert await listed(createdBefore="2020-01-01T00:00:00Z") == []
    assert await listed(createdFrom="2020-01-01T00:00:00+01:00", statuses=["WAITING"]) == [4]
    answer = await ada(
        "query Q($w: ID!, $f: RunFilter) { runs(workspaceId: $w, filter: $f) { nodes { id } } }",
        w=ada.workspace_id,
        f={"zipId": ada.workspace_id},
    )
    assert answer.errors[0]["extensions"]["path"] == ["filter", "zipId"]

    # and a zip tells how it went
    answer = await ada(
        """query Q($id: ID!, $failed: ID!, $waiting: ID!) {
          zip(id: $id) { stats { runs failed active isCapped hours { succeeded failed active cancelled } }
                         lastRuns(first: 2) { status } }
          failed: run(id: $failed) { status endedBy error { code message stepId } waitsFor wakeAt }
          waiting: run(id: $waiting) { waitsFor wakeAt error { code } }
        }""",
        id=zips[1]["id"],
        failed=runs[3]["id"],
        waiting=runs[4]["id"],
    )
    stats = answer.data["zip"]["stats"]
    hours = stats.pop("hours")
    assert stats == {"runs": 3, "failed": 1, "active": 2, "isCapped": False}
    assert sum(hour["failed"] for hour in hours) == 1
    assert answer.data["zip"]["lastRuns"] == [{"status": "QUEUED"}, {"status": "FAILED"}]
    assert answer.data["failed"] == {
        "status": "FAILED",
        "endedBy": "ERROR",
        "error": {"code": "boom", "message": "boom", "stepId": "greet"},
        "waitsFor": None,
        "wakeAt": None,
    }
    assert answer.data["waiting"] == {"waitsFor": "RETRY", "wakeAt": "2026-12-24T18:00:00.000Z", "error": None}
    for first in (0, 21):
        answer = await ada(
            "query Q($id: ID!, $n: Int!) { zip(id: $id) { lastRuns(first: $n) { id } } }", id=zips[0]["id"], n=first
        )
        assert answer.errors[0]["extensions"]["path"] == ["first"]
