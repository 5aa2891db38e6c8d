"""Trying a step of a draft: previewed, really sent, remembered."""

import asyncio

import pytest
from aiohttp import web

from tests.api.graphql.acts import make_connection, make_zip, program, rows
from tests.api.graphql.trying import attempt, call, greet, headers, remembered, save, tried
from tests.fixtures.graphql import Api, Person, StartApi
from tests.integration.connectors.conftest import Receiver
from tests.integration.connectors.test_send_email import mail_server
from zipped.db import Database
from zipped.errors import Unavailable

SENT = "select count(*) from audit where action = 'testStep'"
KEPT = "select count(*) from step_test"
JSON = "application/json"


@pytest.fixture
async def ada(near: Api) -> Person:
    return await near.person()


async def test_a_preview_shows_the_request_and_sends_nothing(
    ada: Person, receiver: Receiver, database: Database
) -> None:
    # given
    url = receiver.answer("/in", "{}")
    connection = await make_connection(ada, hosts=[f"127.0.0.1:{receiver.port}"])
    zip = await make_zip(ada, definition={"steps": [call(url, connection=connection["id"])]})

    # when
    test = await tried(ada, zip)

    # then
    assert receiver.seen == []
    assert (test["isPreview"], test["isRemembered"], test["outcome"], test["effect"]) == (True, False, None, "WRITE")
    assert test["input"]["json"] == {"hi": "ADA"}
    assert test["samples"] == [{"root": "trigger", "source": "EXAMPLE", "eventId": None, "runId": None}]
    (shown,) = test["calls"]
    assert (shown["method"], shown["url"], shown["body"], shown["bodySize"]) == ("POST", url, '{"hi":"ADA"}', 12)
    assert headers(shown["headers"]) == {
        "authorization": "***",
        "content-type": "application/json",
        "idempotency-key": test["idempotencyKey"],
        "webhook-id": test["idempotencyKey"],
        "x-zipped-depth": "1",
    }
    assert (shown["response"], shown["error"], shown["durationMs"]) == (None, None, None)
    assert await remembered(ada, zip) == []
    assert await rows(database, SENT) == [(0,)]
    assert await rows(database, KEPT) == [(0,)]


async def test_what_is_sent_is_what_was_shown_and_is_remembered_without_secrets(
    ada: Person, receiver: Receiver, database: Database
) -> None:
    # given
    echo = "YWRhOmNhbmFyeS1wYXNzd29yZA=="
    url = receiver.answer("/in", '{"echo": "canary-password", "ok": true}', status=201, X_Echo=echo, Content_Type=JSON)
    connection = await make_connection(ada, hosts=[f"127.0.0.1:{receiver.port}"])
    zip = await make_zip(ada, definition={"steps": [call(url, connection=connection["id"])]})

    # when
    test = await tried(ada, zip, send=True)

    # then
    (seen,) = receiver.seen
    assert (seen.method, seen.path, seen.body) == ("POST", "/in", b'{"hi":"ADA"}')
    assert seen.headers["authorization"] == "Basic YWRhOmNhbmFyeS1wYXNzd29yZA=="
    assert seen.headers["idempotency-key"] == test["idempotencyKey"]
    assert (test["isPreview"], test["isRemembered"], test["outcome"], test["message"]) == (False, True, "SUCCEEDED", "")
    assert test["output"]["status"] == 201
    assert test["output"]["body"] == {"echo": "***", "ok": True}
    (shown,) = test["calls"]
    assert shown["response"]["status"] == 201
    assert shown["response"]["body"] == '{"echo": "***", "ok": true}'
    assert shown["response"]["bodySize"] == 39
    assert headers(shown["response"]["headers"])["x-echo"] == "***"
    assert shown["durationMs"] >= 0
    assert "canary" not in str(test)
    assert "YWRh" not in str(test)
    assert test["testedBy"] == {"name": "Ada"}
    assert await remembered(ada, zip, "id stepId isStale outcome output calls { url }") == [
        {
            "id": test["id"],
            "stepId": "call",
            "isStale": False,
            "outcome": "SUCCEEDED",
            "output": test["output"],
            "calls": [{"url": url}],
        }
    ]
    ((told,),) = await rows(database, "select detail from audit where action = 'testStep'")
    assert told == {"testId": test["id"], "stepId": "call", "action": "http.request", "effect": "write"}


async def test_the_same_key_sends_once(ada: Person, receiver: Receiver, database: Database) -> None:
    # given
    zip = await make_zip(ada, definition={"steps": [call(receiver.answer("/in", "{}"))]})

    # when
    first = await tried(ada, zip, send=True, idempotencyKey="k")
    again = await tried(ada, zip, send=True, idempotencyKey="k")
    other = await attempt(ada, zip, send=True, idempotencyKey="k", trigger={"body": {"name": "Ben"}})
    edited = await attempt(
        ada, await save(ada, zip, call(receiver.answer("/elsewhere", "{}"))), send=True, idempotencyKey="k"
    )
    seen = len(receiver.seen)
    zip = await save(ada, {**zip, "revision": zip["revision"] + 1}, call(receiver.answer("/in", "{}")))
    newer = await tried(ada, zip, send=True, idempotencyKey="another")
    replaced = await attempt(ada, {**zip, "revision": zip["revision"] - 2}, send=True, idempotencyKey="k")

    # then
    assert again == first
    assert (other["code"], other["path"]) == ("CONFLICT", ["idempotencyKey"])
    assert (edited["code"], edited["path"]) == ("CONFLICT", ["idempotencyKey"])
    assert seen == 1
    assert newer["id"] != first["id"]
    assert (replaced["code"], replaced["path"]) == ("CONFLICT", ["idempotencyKey"])
    assert "Nothing was sent again" in replaced["message"]
    assert len(receiver.seen) == 2
    assert await rows(database, SENT) == [(2,)]


async def test_the_same_key_at_once_sends_once(ada: Person, receiver: Receiver) -> None:
    # given
    arrived, go_on = asyncio.Event(), asyncio.Event()

    async def slowly(request: web.Request) -> web.Response:
        arrived.set()
        await go_on.wait()
        return web.json_response({})

    zip = await make_zip(ada, definition={"steps": [call(receiver.route("/in", slowly))]})

    # when
    first = asyncio.create_task(tried(ada, zip, send=True, idempotencyKey="k"))
    await asyncio.wait_for(arrived.wait(), 20)
    second = await attempt(ada, zip, send=True, idempotencyKey="k")
    go_on.set()
    test = await first

    # then
    assert (second["code"], second["path"]) == ("CONFLICT", ["idempotencyKey"])
    assert test["outcome"] == "SUCCEEDED"
    assert len(receiver.seen) == 1


async def test_who_goes_away_in_the_middle_sends_nothing_twice(
    ada: Person, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    monkeypatch.setattr("api.graphql.testing_steps.LONGEST", 0.3)
    monkeypatch.setattr("zipped.steps.perform.GRACE", 0.3)

    async def never(request: web.Request) -> web.Response:
        await asyncio.Event().wait()
        raise AssertionError

    zip = await make_zip(ada, definition={"steps": [call(receiver.route("/in", never))]})

    # when
    test = await tried(ada, zip, send=True, idempotencyKey="k")
    again = await tried(ada, zip, send=True, idempotencyKey="k")

    # then
    assert (test["outcome"], test["errorCode"], test["output"]) == ("UNKNOWN", "unknown_outcome", None)
    assert "did not answer within 0.3 s. The request may have been received." in test["message"]
    assert test["calls"][0]["error"].endswith("did not answer within 0.3 s.")
    assert again["id"] == test["id"]
    assert len(receiver.seen) == 1


async def test_a_result_that_cant_be_stored_is_told_all_the_same(
    ada: Person, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    zip = await make_zip(ada, definition={"steps": [call(receiver.answer("/in", "{}"))]})

    async def away(*given: object) -> None:
        raise Unavailable

    with monkeypatch.context() as patched:
        patched.setattr("zipped.services.step_tests.remember", away)

        # when
        test = await tried(ada, zip, send=True, idempotencyKey="k")
    again = await attempt(ada, zip, send=True, idempotencyKey="k")

    # then
    assert (test["outcome"], test["isPreview"], test["isRemembered"]) == ("SUCCEEDED", False, False)
    assert (again["code"], again["path"]) == ("CONFLICT", ["idempotencyKey"])
    assert len(receiver.seen) == 1
    assert await remembered(ada, zip) == []


async def test_a_step_that_touches_nothing_outside_is_performed_either_way(ada: Person, database: Database) -> None:
    # given
    filtering = {
        "id": "only",
        "app": "flow",
        "action": "filter",
        "input": {"conditions": [{"left": "{{ steps.greet.n }}", "op": "greater_than", "right": 10}]},
    }
    waiting = {"id": "later", "app": "flow", "action": "delay", "input": {"amount": 1, "unit": "days"}}
    ending = {"id": "end", "app": "flow", "action": "stop", "input": {"status": "failed", "message": "Enough."}}
    zip = await make_zip(ada, definition={"steps": [greet(n=4), filtering, waiting, ending]})

    # when
    greeted, filtered, delayed, stopped = [
        await tried(ada, zip, step_id) for step_id in ("greet", "only", "later", "end")
    ]

    # then
    assert (greeted["outcome"], greeted["output"], greeted["effect"]) == ("SUCCEEDED", {"n": 4}, "PURE")
    assert (greeted["isPreview"], greeted["isRemembered"], greeted["calls"]) == (False, True, [])
    assert filtered["outcome"] == "FILTERED"
    assert filtered["message"] == "4 is not above 10"
    assert filtered["samples"] == [{"root": "steps.greet", "source": "TEST", "eventId": None, "runId": None}]
    assert delayed["outcome"] == "DELAYED"
    assert delayed["delayedUntil"] is not None
    assert (stopped["outcome"], stopped["errorCode"], stopped["message"]) == ("STOPPED", "stopped", "Enough.")
    assert [one["stepId"] for one in await remembered(ada, zip)] == ["greet", "only", "later", "end"]
    assert await rows(database, SENT) == [(0,)]


async def test_a_failure_is_what_the_test_showed(ada: Person, receiver: Receiver) -> None:
    # given
    url = receiver.answer("/in", "no", status=503, Retry_After="9")
    steps = [call(url), greet(code="{{ steps.call.error.code }}")]
    zip = await make_zip(ada, definition={"steps": steps})

    # when
    test = await tried(ada, zip, send=True)
    unknown = await attempt(ada, zip, "greet")
    zip = await save(ada, zip, call(url, settings={"onError": "continue"}), steps[1])
    passed = await tried(ada, zip, send=True)
    known = await tried(ada, zip, "greet")

    # then
    assert (test["outcome"], test["errorCode"]) == ("FAILED", "http_503")
    assert test["message"] == "127.0.0.1 answered 503 Service Unavailable."
    assert (test["output"], test["errorDetail"]["body"]) == (None, "no")
    assert test["calls"][0]["response"]["status"] == 503
    assert len(receiver.seen) == 2  # a test is one try: it repeats nothing
    assert unknown["issues"] == [
        {
            "path": ["steps", "greet", "input", "fields", "code"],
            "code": "expression",
            "message": unknown["issues"][0]["message"],
            "fix": "Test the step “call” first.",
        }
    ]
    assert passed["output"]["error"]["code"] == "http_503"
    assert known["output"] == {"code": "http_503"}


async def test_a_large_body_is_shown_in_part_and_a_secret_in_it_not_at_all(ada: Person, receiver: Receiver) -> None:
    # given: the secret lies across the place where the body is cut
    text = "x" * 65_530 + "canary-password" + "y" * 100_000
    url = receiver.answer("/in", text)
    connection = await make_connection(ada, hosts=[f"127.0.0.1:{receiver.port}"])
    zip = await make_zip(ada, definition={"steps": [call(url, connection=connection["id"])]})

    # when
    test = await tried(ada, zip, send=True)

    # then
    response = test["calls"][0]["response"]
    assert (response["bodySize"], response["isBodyTruncated"]) == (165_545, True)
    assert response["body"] == "x" * 65_530 + "***yyy"
    assert test["output"]["body"] == "x" * 65_530 + "***" + "y" * 100_000


async def test_a_program_may_try_a_step(ada: Person, receiver: Receiver, database: Database) -> None:
    # given
    writer = await program(ada, "WRITE")
    zip = await make_zip(ada, definition={"steps": [call(receiver.answer("/in", "{}"))]})

    # when
    test = await tried(writer, zip, send=True)

    # then
    assert (test["outcome"], len(receiver.seen)) == ("SUCCEEDED", 1)
    ((by_program,),) = await rows(database, "select api_token_id is not null from audit where action = 'testStep'")
    assert by_program is True


async def test_mail_is_shown_and_sent(start_api: StartApi) -> None:
    # given
    async with mail_server() as server:
        api = await start_api(
            signup="open", smtp_url=f"smtp://127.0.0.1:{server.port}?security=none&from=zipped@example.com"
        )
        ada = await api.person()
        given = {"to": "{{ trigger.body.name }}@example.org", "subject": "Hello", "text": "Hi {{ trigger.body.name }}"}
        step = {"id": "mail", "app": "email", "action": "send", "input": given}
        zip = await make_zip(ada, definition={"steps": [step]})

        # when
        shown = await tried(ada, zip, "mail")
        before = len(server.accepted)
        sent = await tried(ada, zip, "mail", send=True)

    # then
    assert before == 0
    assert (shown["isPreview"], shown["outcome"]) == (True, None)
    assert shown["input"] == {"to": "Ada@example.org", "subject": "Hello", "text": "Hi Ada"}
    assert [(one["method"], one["url"]) for one in shown["calls"]] == [("CONNECT", f"127.0.0.1:{server.port}")]
    assert sent["outcome"] == "SUCCEEDED"
    (message,) = server.messages
    assert (message["To"], message.get_content().strip()) == ("Ada@example.org", "Hi Ada")


async def test_mail_that_cant_be_made_is_told_by_the_preview(api: Api) -> None:
    # given
    ada = await api.person()
    step = {
        "id": "mail",
        "app": "email",
        "action": "send",
        "input": {"to": "a@example.org", "subject": "x", "text": "y"},
    }
    zip = await make_zip(ada, definition={"steps": [step]})

    # when
    shown = await tried(ada, zip, "mail")

    # then
    assert (shown["isPreview"], shown["outcome"], shown["errorCode"]) == (True, "FAILED", "connection_missing")
