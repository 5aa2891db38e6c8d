"""The ledger as people read it."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from tests.integration.services.conftest import Desk
from zipped.errors import NotFound
from zipped.services import events
from zipped.services.events import Body, EventFilter, Tally
from zipped.services.pages import Place

INSERT = """
    with made as (
        insert into event (workspace_id, zip_id, trigger_id, outcome, reason, method, query, headers, body_size)
        values (:workspace, :zip, :trigger, :outcome, 'why', 'POST', :query, :headers, :size) returning id
    ), body as (
        insert into event_body (event_id, workspace_id, body, truncated)
        select id, :workspace, cast(:body as bytea), :truncated from made where cast(:body as bytea) is not null
    )
    select id from made
"""


async def arrived(desk: Desk, zip_id: UUID, outcome: str, body: bytes | None = b"{}", **values: Any) -> UUID:
    given = {
        "workspace": desk.workspace_id,
        "zip": zip_id,
        "trigger": zip_id,
        "outcome": outcome,
        "query": b"a=1",
        "headers": b'[["accept","*/*"],["accept","text/html"]]',
        "size": len(body or b""),
        "body": body,
        "truncated": False,
        **values,
    }
    ((event_id,),) = await desk.all(INSERT, **given)
    assert isinstance(event_id, UUID)
    return event_id


async def test_lists_are_narrowed_by_outcome_and_zip(desk: Desk, other_desk: Desk) -> None:
    # given
    one, other = await desk.zip(), await desk.zip()
    made = {
        outcome: await arrived(desk, one.id, outcome)
        for outcome in ("accepted", "duplicate", "bad_signature", "throttled")
    }
    elsewhere = await arrived(desk, other.id, "duplicate")
    await arrived(other_desk, (await other_desk.zip()).id, "duplicate")

    async def ids(place: Place | None = None, **wanted: Any) -> list[UUID]:
        async with desk.begin() as session:
            page = await events.page(session, desk.workspace_id, filter=EventFilter(**wanted), place=place or Place())
        return [event.id for event in page.nodes]

    # when, then
    assert await ids() == [elsewhere, *reversed(made.values())]
    assert await ids(outcomes=("duplicate",)) == [elsewhere, made["duplicate"]]
    assert await ids(outcomes=("duplicate", "throttled", "missed")) == [
        elsewhere,
        made["throttled"],
        made["duplicate"],
    ]
    assert await ids(outcomes=("accepted", "throttled")) == [made["throttled"], made["accepted"]]
    assert await ids(zip_id=one.id, outcomes=("duplicate",)) == [made["duplicate"]]
    assert await ids(place=Place(after=made["throttled"]), outcomes=("duplicate", "throttled")) == [made["duplicate"]]
    assert await ids(received_before=datetime(2020, 1, 1, tzinfo=UTC)) == []


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b'{"a":1}', '{"a":1}'),
        ("Zoë 🥐".encode(), "Zoë 🥐"),
        (b"", ""),
        (b"\xff\xfe", None),
        (b"a\x00b", None),
        (b"\xed\xa0\x80", None),
    ],
)
async def test_the_exact_bytes_are_kept_and_shown_as_text_where_they_are_text(
    desk: Desk, body: bytes, text: str | None
) -> None:
    # given
    event_id = await arrived(desk, (await desk.zip()).id, "accepted", body)

    # when
    async with desk.begin() as session:
        found = (await events.bodies(session, [desk.workspace_id], [event_id]))[event_id]

    # then
    assert found == Body(body, truncated=False)
    assert found.text == text


async def test_headers_come_in_order_and_odd_queries_are_shown(desk: Desk) -> None:
    # given
    event_id = await arrived(desk, (await desk.zip()).id, "accepted", query=b"q=\xff%00", body=None)

    # when
    async with desk.begin() as session:
        event = await events.get(session, desk.workspace_id, event_id)
        bodies = await events.bodies(session, [desk.workspace_id], [event_id])

    # then
    assert events.headers(event) == [("accept", "*/*"), ("accept", "text/html")]
    assert events.query_text(event) == "q=\\xff%00"
    assert bodies == {}


async def test_another_workspace_finds_no_event_and_no_bytes(desk: Desk, other_desk: Desk) -> None:
    # given
    event_id = await arrived(desk, (await desk.zip()).id, "accepted")

    # when, then
    async with other_desk.begin() as session:
        with pytest.raises(NotFound):
            await events.get(session, other_desk.workspace_id, event_id)
        assert await events.by_ids(session, [desk.workspace_id], [event_id]) == {}
        assert await events.bodies(session, [desk.workspace_id], [event_id]) == {}


async def test_refusals_that_were_only_counted_are_told_newest_hour_first(desk: Desk) -> None:
    # given
    trigger = (await desk.zip()).id
    for hour, outcome, dropped in (
        (1, "throttled", 7),
        (2, "bad_signature", 0),
        (3, "throttled", 5),
        (3, "conflict", 1),
    ):
        await desk.all(
            """insert into event_tally (trigger_id, hour, outcome, workspace_id, kept, dropped)
            values (:trigger, :hour, :outcome, :workspace, 100, :dropped) returning trigger_id""",
            trigger=trigger,
            hour=datetime(2026, 11, 22, hour, tzinfo=UTC),
            outcome=outcome,
            workspace=desk.workspace_id,
            dropped=dropped,
        )

    # when
    async with desk.begin() as session:
        found = await events.tallies(session, [desk.workspace_id], [trigger, desk.workspace_id])

    # then
    assert found == {
        trigger: [
            Tally(datetime(2026, 11, 22, 3, tzinfo=UTC), "conflict", 1),
            Tally(datetime(2026, 11, 22, 3, tzinfo=UTC), "throttled", 5),
            Tally(datetime(2026, 11, 22, 1, tzinfo=UTC), "throttled", 7),
        ],
        desk.workspace_id: [],
    }
