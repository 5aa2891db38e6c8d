"""What is refused of trying a step, and that nothing happened then."""

from typing import Any

import pytest

from tests.api.graphql.acts import act, join, make_connection, make_zip, program, rows
from tests.api.graphql.trying import attempt, call, greet, tried
from tests.fixtures.graphql import Api, Person
from tests.integration.connectors.conftest import Receiver
from zipped.db import Database

SENT = "select count(*) from audit where action = 'testStep'"
KEPT = "select count(*) from step_test"


@pytest.fixture
async def ada(near: Api) -> Person:
    return await near.person()


async def test_what_cant_be_performed_is_refused_field_by_field(
    ada: Person, receiver: Receiver, database: Database, subtests: pytest.Subtests
) -> None:
    url = receiver.answer("/in", "{}")
    unfinished = {"id": "later", "app": "http"}
    zip = await make_zip(ada, definition={"steps": [greet(a=1), call(url), unfinished]})
    foreign = await make_zip(ada, definition={"steps": [greet(a=1)]})
    await act(ada, "publishZip", "zip { id }", zipId=foreign["id"], revision=1)
    run = await act(ada, "runZip", "run { event { id } }", zipId=foreign["id"], input={})
    event = run["run"]["event"]["id"]
    at = ["steps", "call", "input"]
    tries: list[tuple[dict[str, Any], str, list[str]]] = [
        ({"revision": 7}, "CONFLICT", ["revision"]),
        ({"stepId": "nobody"}, "NOT_FOUND", ["stepId"]),
        ({"stepId": "later"}, "VALIDATION", ["steps", "later", "action"]),
        ({"eventId": event}, "NOT_FOUND", ["eventId"]),
        ({"eventId": zip["id"]}, "VALIDATION", ["eventId"]),
        ({"eventId": event, "trigger": {}}, "VALIDATION", ["trigger"]),
        ({"trigger": ["no object"]}, "VALIDATION", ["trigger"]),
        ({"steps": "no object"}, "VALIDATION", ["steps"]),
        ({"trigger": {"body": {}}}, "VALIDATION", [*at, "json", "hi"]),
        ({"trigger": {"body": {"name": {"first": "Ada"}}}}, "VALIDATION", [*at, "json", "hi"]),
        ({"idempotencyKey": ""}, "VALIDATION", ["idempotencyKey"]),
        ({"idempotencyKey": "k" * 300}, "VALIDATION", ["idempotencyKey"]),
    ]
    for given, code, path in tries:
        with subtests.test(str(given)[:80]):
            refused = await attempt(ada, zip, **{"send": True, **given})

            assert (refused.get("code"), refused.get("path")) == (code, path), refused
            assert refused["message"]
    assert receiver.seen == []
    assert await rows(database, SENT) == [(0,)]
    assert await rows(database, KEPT) == [(0,)]


async def test_every_expression_that_finds_nothing_is_told_at_once(ada: Person, receiver: Receiver) -> None:
    # given
    step = call(
        receiver.answer("/{{ trigger.body.no }}", ""), {"a": "{{ steps.greet.hi }}", "b": "{{ trigger.body.name }}"}
    )
    zip = await make_zip(ada, definition={"steps": [greet(hi="x"), step]})

    # when
    refused = await attempt(ada, zip, send=True)

    # then
    assert [(issue["path"][3:], issue["fix"]) for issue in refused["issues"]] == [
        (["url"], "Choose another sample, or correct the expression."),
        (["json", "a"], "Test the step “greet” first."),
    ]
    assert refused["issues"][0]["message"] == "trigger.body has no no (it has: id, name)."
    assert receiver.seen == []


async def test_of_thousands_of_problems_a_hundred_are_told(ada: Person, receiver: Receiver) -> None:
    # given: finding what to do about each looked through all of them anew, three minutes for this step
    step = call(receiver.answer("/in", ""), ["{{ steps.greet.hi }}"] * 6_000)
    zip = await make_zip(ada, definition={"steps": [greet(hi="x"), step]})

    # when
    refused = await attempt(ada, zip, send=True)

    # then
    at = ["steps", "call", "input", "json"]
    assert [issue["path"] for issue in refused["issues"]] == [[*at, str(index)] for index in range(100)]
    assert {issue["fix"] for issue in refused["issues"]} == {"Test the step “greet” first."}
    assert receiver.seen == []


async def test_a_preview_of_fields_has_a_bound_in_all(ada: Person) -> None:
    # given
    zip = await make_zip(ada, definition={"steps": [greet(hi="x")]})
    query = 'query Q($zip: ID!, $input: JSON!) { previewInput(zipId: $zip, stepId: "greet", input: $input) { path } }'

    # when
    fits = await ada(query, zip=zip["id"], input=["{{ run.no }}"] * 3_000)
    many = await ada(query, zip=zip["id"], input=["{{ run.no }}"] * 3_001)

    # then
    assert len(fits.data["previewInput"]) == 3_000
    assert [one["message"] for one in many.errors] == [
        "What was asked for has more than 3,000 rows in lists within lists."
    ]


async def test_an_address_that_is_not_public_is_refused_before_anything_leaves(api: Api, receiver: Receiver) -> None:
    # given
    eve = await api.person()
    zip = await make_zip(eve, definition={"steps": [call(receiver.answer("/in", ""))]})

    # when
    shown = await tried(eve, zip)
    sent = await tried(eve, zip, send=True)

    # then
    for test in (shown, sent):
        assert (test["outcome"], test["errorCode"], test["calls"]) == ("FAILED", "address_denied", [])
    assert (shown["isPreview"], shown["isRemembered"]) == (True, False)
    assert receiver.seen == []


async def test_a_secret_goes_to_its_own_hosts_only(ada: Person, receiver: Receiver) -> None:
    # given
    connection = await make_connection(ada, hosts=["api.example.com"])
    zip = await make_zip(ada, definition={"steps": [call(receiver.answer("/in", ""), connection=connection["id"])]})

    # when
    test = await tried(ada, zip, send=True)

    # then
    assert (test["outcome"], test["errorCode"]) == ("FAILED", "host_not_bound")
    assert receiver.seen == []


async def test_who_may_only_read_may_preview_fields_and_nothing_else(
    near: Api, ada: Person, receiver: Receiver, database: Database
) -> None:
    # given
    viewer = await near.person()
    await join(near, viewer, ada.workspace_id, "viewer")
    near.platform.gate._seen.clear()
    reader = await program(ada, "READ")
    zip = await make_zip(ada, definition={"steps": [call(receiver.answer("/in", ""))]})
    query = 'query Q($zip: ID!, $input: JSON!) { previewInput(zipId: $zip, stepId: "call", input: $input) { value } }'

    for client in (viewer, reader):
        # when
        shown = await attempt(client, zip)
        sent = await attempt(client, zip, send=True)
        fields = await client(query, zip=zip["id"], input={"a": "{{ trigger.body.name }}"})

        # then
        assert (shown["code"], sent["code"]) == ("FORBIDDEN", "FORBIDDEN")
        assert fields.data["previewInput"] == [{"value": "Ada"}]
    assert receiver.seen == []
    assert await rows(database, KEPT) == [(0,)]
