"""Trying a step of a draft: previewed, really sent, remembered, stale."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from tests.api.graphql.acts import act, join, live_zip, make_connection, make_zip, program, rows
from tests.fixtures.graphql import Api, Person, StartApi
from tests.integration.connectors.conftest import Receiver, serving
from zipped import ids
from zipped.db import Database

TEST = (
    "test { id stepId outcome errorCode message effect isPreview isRemembered isStale input output inputSize "
    "outputSize idempotencyKey delayedUntil errorDetail samples { root source eventId runId } "
    "calls { method url headers { name value } body bodySize isBodyTruncated error durationMs "
    "response { status reason headers { name value } body bodySize isBodyTruncated url } } testedBy { name } }"
)


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with serving() as receiver:
        yield receiver


@pytest.fixture
async def ada(start_api: StartApi, receiver: Receiver) -> Person:
    api = await start_api(signup="open", outbound_allow=frozenset({("127.0.0.1", receiver.port)}))
    return await api.person()


def greet(**fields: Any) -> dict[str, Any]:
    return {"id": "greet", "app": "data", "action": "set_fields", "input": {"fields": fields}}


def call(url: str, **changes: Any) -> dict[str, Any]:
    given = {"method": "POST", "url": url, "bodyType": "json", "json": {"hi": "{{ trigger.body.name | upper }}"}}
    return {"id": "call", "app": "http", "action": "request", "input": given, **changes}


async def remembered(person: Person, zip_id: str, selection: str = "id stepId isStale") -> Any:
    answer = await person(f"query Q($id: ID!) {{ zip(id: $id) {{ stepTests {{ {selection} }} }} }}", id=zip_id)
    return answer.data["zip"]["stepTests"]


async def test_a_preview_shows_the_request_and_sends_nothing(
    ada: Person, receiver: Receiver, database: Database
) -> None:
    # given
    url = receiver.answer("/in", "{}")
    connection = await make_connection(ada, hosts=[f"127.0.0.1:{receiver.port}"])
    zip = await make_zip(ada, definition={"steps": [call(url, connection=connection["id"])]})

    # when
    done = await act(ada, "testStep", TEST, zipId=zip["id"], stepId="call", revision=1)

    # then
    assert "test" in done, done
    test = done["test"]
    assert receiver.seen == []
    assert (test["isPreview"], test["isRemembered"], test["outcome"], test["effect"]) == (True, False, None, "WRITE")
    assert test["samples"] == [{"root": "trigger", "source": "EXAMPLE", "eventId": None, "runId": None}]
    (shown,) = test["calls"]
    assert (shown["method"], shown["url"], shown["body"], shown["bodySize"]) == ("POST", url, '{"hi":"ADA"}', 12)
    headers = {header["name"].lower(): header["value"] for header in shown["headers"]}
    assert headers == {
        "authorization": "***",
        "content-type": "application/json",
        "idempotency-key": test["idempotencyKey"],
        "webhook-id": test["idempotencyKey"],
        "x-zipped-depth": "1",
    }
    assert (shown["response"], shown["error"], shown["durationMs"]) == (None, None, None)
    assert await remembered(ada, zip["id"]) == []
    assert await rows(database, "select count(*) from audit where action = 'testStep'") == [(0,)]
