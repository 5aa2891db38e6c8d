"""The group commit against a real PostgreSQL: decisions, keys, rows."""

import hashlib
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text

from tests.fixtures.hooks import MakeHook, delivery
from zipped.crypto import hash_token
from zipped.db import Database
from zipped.errors import Unavailable
from zipped.lines import Lines
from zipped.services.accept import Decision, Delivery, accept


async def commit(database: Database, *deliveries: Delivery) -> list[Decision]:
    lines = Lines(database, size=1)
    decisions = await accept(lines, deliveries)
    await lines.close()
    return [decision for decision in decisions if isinstance(decision, Decision)]


async def rows(database: Database, query: str, **values: Any) -> list[Any]:
    async with database.begin() as session:
        return list(await session.execute(text(query), values))


async def counts(database: Database) -> tuple[int, int, int, int]:
    """Events, runs, outbox rows, keys."""
    found = await rows(
        database,
        "select (select count(*) from event), (select count(*) from zip_run), (select count(*) from zip_outbox), "
        "(select count(*) from dedupe)",
    )
    return tuple(found[0])


async def test_an_accepted_delivery_is_event_body_run_and_doorbell(database: Database, make_hook: MakeHook) -> None:
    # given
    hook = await make_hook()
    body = b'{"nul":"\x00","odd":"\xff"}'
    trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

    # when
    [decision] = await commit(database, delivery(hook, body, depth=3, traceparent=trace))

    # then
    assert decision.outcome == "accepted"
    [event] = await rows(database, "select * from event e join event_body b on b.event_id = e.id")
    assert event.id == decision.event_id
    assert (event.outcome, event.reason, event.method, event.query) == ("accepted", "", "POST", b"a=1")
    assert (event.body, event.body_size, event.truncated) == (body, len(body), False)
    assert event.body_sha256 == hashlib.sha256(body).digest()
    assert (event.workspace_id, event.zip_id, event.trigger_id) == (hook.workspace_id, hook.zip_id, hook.trigger_id)
    assert (event.source_ip, event.dedupe_key, event.run_id) == ("203.0.113.7", None, decision.run_id)
    [run] = await rows(database, "select * from zip_run")
    assert (run.id, run.root_run_id, run.event_id) == (decision.run_id, decision.run_id, decision.event_id)
    assert (run.version_id, run.status, run.depth, run.traceparent) == (hook.version_id, "queued", 3, trace)
    [doorbell] = await rows(database, "select * from zip_outbox")
    assert (doorbell.topic, doorbell.key) == ("zip-execution", f"run_{run.id}")
    assert doorbell.body == b'{"v":1,"runId":"run_%b"}' % str(run.id).encode()


async def test_what_the_door_decides_depends_on_the_zip_as_it_is_now(database: Database, make_hook: MakeHook) -> None:
    # given
    live, draft, paused, deleted, rotated = [
        await make_hook(state=state) for state in ("live", "draft", "paused", "live", "live")
    ]
    async with database.begin() as session:
        await session.execute(text("update zip set deleted_at = now() where id = :id"), {"id": deleted.zip_id})
        await session.execute(
            text("update trigger set token_hash = '\\x00' where id = :id"), {"id": rotated.trigger_id}
        )

    # when
    decisions = await commit(database, *(delivery(hook, key="k") for hook in (live, draft, paused, deleted, rotated)))

    # then
    assert [decision.outcome for decision in decisions] == ["accepted", "draft", "zip_off", "unknown", "unknown"]
    assert [decision.run_id is None for decision in decisions] == [False, True, True, True, True]
    assert [decision.event_id is None for decision in decisions] == [False, False, False, True, True]
    assert await counts(database) == (3, 1, 1, 1)
    reasons = await rows(database, "select outcome, reason from event order by outcome")
    assert [tuple(row) for row in reasons] == [
        ("accepted", ""),
        ("draft", "The zip is a draft: publish it, and the next event makes a run."),
        ("zip_off", "The zip is paused."),
    ]


async def test_equal_keys_in_one_batch_make_one_run(database: Database, make_hook: MakeHook) -> None:
    # given
    hook, other = await make_hook(), await make_hook()

    # when
    decisions = await commit(
        database,
        delivery(hook, b"1", key="a"),
        delivery(hook, b"1", key="a"),
        delivery(hook, b"2", key="a"),
        delivery(other, b"1", key="a"),
        delivery(hook, b"1", key="b"),
        delivery(hook, b"1"),
        delivery(hook, b"1"),
    )

    # then
    assert [decision.outcome for decision in decisions] == [
        "accepted",
        "duplicate",
        "conflict",
        "accepted",
        "accepted",
        "accepted",
        "accepted",
    ]
    assert decisions[1] == replace(decisions[0], outcome="duplicate")
    assert decisions[2] == replace(decisions[0], outcome="conflict")
    assert len({decision.run_id for decision in decisions}) == 5
    assert await counts(database) == (7, 5, 5, 3)


async def test_a_used_key_answers_with_the_first_ids(database: Database, make_hook: MakeHook) -> None:
    # given
    hook = await make_hook()
    [first] = await commit(database, delivery(hook, b"1", key="a"))

    # when
    again, other, twice = await commit(
        database,
        delivery(hook, b"1", key="a"),
        delivery(hook, b"x" * 5000, key="a"),
        delivery(hook, b"1", key="a"),
    )

    # then
    assert again == twice == replace(first, outcome="duplicate")
    assert other == replace(first, outcome="conflict")
    assert await counts(database) == (4, 1, 1, 1)
    events = await rows(
        database,
        "select e.*, b.body, b.truncated from event e left join event_body b on b.event_id = e.id "
        "where outcome <> 'accepted' order by outcome",
    )
    assert [(event.outcome, event.run_id, event.first_event_id) for event in events] == [
        ("conflict", first.run_id, first.event_id),
        ("duplicate", first.run_id, first.event_id),
        ("duplicate", first.run_id, first.event_id),
    ]
    assert [(event.body, event.truncated, event.body_size) for event in events] == [
        (b"x" * 4096, True, 5000),
        (None, None, 1),
        (None, None, 1),
    ]


async def test_a_draft_uses_no_key_up(database: Database, make_hook: MakeHook) -> None:
    # given
    hook = await make_hook(state="draft")
    captured = await commit(database, *(delivery(hook, b"%d" % number, key="a") for number in range(3)))
    assert [decision.outcome for decision in captured] == ["draft"] * 3
    assert len({decision.event_id for decision in captured}) == 3
    assert await counts(database) == (3, 0, 0, 0)
    bodies = await rows(database, "select body from event e join event_body b on b.event_id = e.id order by body")
    assert [row.body for row in bodies] == [b"0", b"1", b"2"]

    # when
    async with database.begin() as session:
        await session.execute(
            text("update zip set state = 'live', live_version_id = :version where id = :id"),
            {"version": hook.version_id, "id": hook.zip_id},
        )
    [decision] = await commit(database, delivery(hook, b"0", key="a"))

    # then
    assert decision.outcome == "accepted"
    assert await counts(database) == (4, 1, 1, 1)


async def test_an_expired_key_is_free_again(database: Database, make_hook: MakeHook) -> None:
    # given
    hook = await make_hook()
    [first] = await commit(database, delivery(hook, b"1", key="a"))
    async with database.begin() as session:
        await session.execute(text("update dedupe set expires_at = now() - interval '1 second'"))

    # when
    [second] = await commit(database, delivery(hook, b"2", key="a"))
    [third] = await commit(database, delivery(hook, b"2", key="a"))

    # then
    assert second.outcome == "accepted"
    assert second.run_id != first.run_id
    assert third == replace(second, outcome="duplicate")
    [key] = await rows(database, "select *, expires_at > now() as good from dedupe")
    assert (key.event_id, key.run_id, key.good) == (second.event_id, second.run_id, True)


@pytest.mark.parametrize("order", [1, -1])
async def test_an_old_token_never_leads_the_new_one(database: Database, make_hook: MakeHook, order: int) -> None:
    # given
    hook = await make_hook()
    stale = delivery(hook, key="a", token_hash=hash_token("rotated away"))
    fresh = delivery(hook, key="a")

    # when
    decisions = await commit(database, *[stale, fresh][::order])

    # then
    assert [decision.outcome for decision in decisions] == ["unknown", "accepted"][::order]
    assert await counts(database) == (1, 1, 1, 1)


async def test_what_makes_no_run_may_fail_without_what_does(
    database: Database, lines: Lines, make_hook: MakeHook, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    hook = await make_hook()
    monkeypatch.setattr("zipped.services.accept.REPEATS", text("select 1 / 0"))

    # when
    first, second, other = await accept(
        lines, [delivery(hook, key="a"), delivery(hook, key="a"), delivery(hook, key="b")]
    )

    # then: who started a run is told so, who repeated it comes again
    assert isinstance(first, Decision)
    assert isinstance(second, Unavailable)
    assert isinstance(other, Decision)
    assert (first.outcome, other.outcome) == ("accepted", "accepted")
    assert await counts(database) == (2, 2, 2, 2)
    monkeypatch.undo()
    [again] = await commit(database, delivery(hook, key="a"))
    assert again == Decision("duplicate", first.event_id, first.run_id)
