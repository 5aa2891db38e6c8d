"""The ledger in GraphQL."""

from typing import Any
from uuid import UUID

import pytest

from tests.api.graphql.acts import live_zip, rows
from tests.fixtures.graphql import Api, Person
from zipped import ids
from zipped.services import pages

INSERT = """
    with made as (
        insert into event (workspace_id, zip_id, trigger_id, outcome, reason, method, query, headers, body_size,
            body_sha256, source_ip, dedupe_key, first_event_id)
        values (:workspace, :zip, :trigger, :outcome, :reason, 'POST', :query, :headers, 5000, sha256('x'),
            '203.0.113.44', 'idempotency-key:k', :first) returning id
    ), body as (
        insert into event_body (event_id, workspace_id, body, truncated)
        select id, :workspace, cast(:body as bytea), true from made where cast(:body as bytea) is not null
    )
    select id from made
"""


async def arrived(api: Api, person: Person, zip: dict[str, Any], outcome: str, **values: Any) -> UUID:
    given = {
        "workspace": ids.decode(person.workspace_id, "wsp"),
        "zip": ids.decode(zip["id"], "zip"),
        "trigger": ids.decode(zip["trigger"]["id"], "trg"),
        "outcome": outcome,
        "reason": "",
        "query": b"",
        "headers": b"[]",
        "body": None,
        "first": None,
        **values,
    }
    ((event_id,),) = await rows(api.platform.database, INSERT, **given)
    assert isinstance(event_id, UUID)
    return event_id


async def test_an_event_with_everything_about_it(api: Api) -> None:
    # given
    ada, eve = await api.person(), await api.person(name="Eve")
    zip = await live_zip(ada)
    first = await arrived(api, ada, zip, "accepted")
    event_id = await arrived(
        api,
        ada,
        zip,
        "bad_signature",
        reason="The signature does not match the body and any of the secrets.",
        query=b"a=1&b=\xff",
        headers=b'[["x-signature","***"],["accept","*/*"],["accept","text/html"]]',
        body=b"\xff\x00<script>",
        first=first,
    )
    query = """query Q($id: ID!) { event(id: $id) {
      id outcome reason method query headers { name value } bodySize bodySha256 sourceIp dedupeKey
      body { base64 text isTruncated } run { id } firstEvent { id outcome body { text } } zip { name }
      trigger { id }
    } }"""

    # when
    answer = await ada(query, id=ids.encode("evt", event_id))
    foreign = await eve(query, id=ids.encode("evt", event_id))

    # then
    assert answer.data["event"] == {
        "id": ids.encode("evt", event_id),
        "outcome": "BAD_SIGNATURE",
        "reason": "The signature does not match the body and any of the secrets.",
        "method": "POST",
        "query": "a=1&b=\\xff",
        "headers": [
            {"name": "x-signature", "value": "***"},
            {"name": "accept", "value": "*/*"},
            {"name": "accept", "value": "text/html"},
        ],
        "bodySize": 5000,
        "bodySha256": "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881",
        "sourceIp": "203.0.113.44",
        "dedupeKey": "idempotency-key:k",
        "body": {"base64": "/wA8c2NyaXB0Pg==", "text": None, "isTruncated": True},
        "run": None,
        "firstEvent": {"id": ids.encode("evt", first), "outcome": "ACCEPTED", "body": None},
        "zip": {"name": "A zip"},
        "trigger": {"id": zip["trigger"]["id"]},
    }
    assert foreign.data["event"] is None


async def test_lists_are_filtered(api: Api) -> None:
    # given
    ada = await api.person()
    one, other = await live_zip(ada), await live_zip(ada)
    made = [
        ids.encode("evt", await arrived(api, ada, zip, outcome))
        for zip, outcome in ((one, "accepted"), (one, "throttled"), (other, "throttled"), (other, "missed"))
    ]

    async def listed(**filter: Any) -> list[int]:
        answer = await ada(
            "query Q($w: ID!, $f: EventFilter) { workspace(id: $w) { events(filter: $f) { nodes { id } } } }",
            w=ada.workspace_id,
            f=filter,
        )
        return [made.index(event["id"]) for event in answer.data["workspace"]["events"]["nodes"]]

    # when, then
    assert await listed() == [3, 2, 1, 0]
    assert await listed(outcomes=["THROTTLED"]) == [2, 1]
    assert await listed(outcomes=["MISSED", "ACCEPTED"]) == [3, 0]
    assert await listed(zipId=one["id"], outcomes=["THROTTLED", "MISSED"]) == [1]
    assert await listed(receivedFrom="2030-01-01T00:00:00Z") == []
    assert await listed(receivedBefore="2030-01-01T00:00:00Z", outcomes=["MISSED"]) == [3]


async def test_contents_count_under_every_alias(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    monkeypatch.setattr(pages, "MAX_PAYLOAD", 10_000)
    ada = await api.person()
    event_id = ids.encode("evt", await arrived(api, ada, await live_zip(ada), "too_large", body=b"x" * 3000))

    async def ask(*aliases: str, fields: str) -> Any:
        wanted = " ".join(f"{alias}: event(id: $id) {{ body {{ {fields} }} }}" for alias in aliases)
        return (await ada(f"query Q($id: ID!) {{ {wanted} }}", id=event_id)).body

    # when, then: loaded once, written each time
    fine = await ask("a", "b", "c", fields="text")
    assert fine == {"data": {key: {"body": {"text": "x" * 3000}} for key in "abc"}}
    for answer in (
        await ask("a", "b", "c", "d", fields="text"),
        await ask("a", "b", fields="text base64"),
        await ask("a", fields="text a: base64 b: base64 c: base64"),
    ):
        assert [error["extensions"]["code"] for error in answer["errors"]] == ["VALIDATION"]
        assert "0 MiB are answered at once" in answer["errors"][0]["message"]
