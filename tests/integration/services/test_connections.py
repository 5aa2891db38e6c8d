"""Connections: secrets go in and never come out, not even through a detour."""

import asyncio
from typing import Any, cast
from uuid import UUID

import pytest

from tests.integration.services.conftest import Desk
from zipped import ids
from zipped.catalog import ConnectionTest, OpenConnection, Outside
from zipped.crypto import SecretBox
from zipped.errors import Conflict, NotFound, ValidationFailed
from zipped.models import Connection
from zipped.services import connection_trials, connection_uses, connections, zips
from zipped.services.connection_fields import ConnectionChanges
from zipped.services.connections import ConnectionFilter
from zipped.services.sealed_connections import opened
from zipped.services.zips import ZipChanges

SECRET = "canary-hunter22"


async def save(desk: Desk, connection_id: UUID, revision: int, **changes: Any) -> Connection:
    async with desk.begin() as session:
        return await connections.save(
            session,
            desk.workspace_id,
            connection_id,
            actor=desk.actor,
            revision=revision,
            changes=cast(ConnectionChanges, changes),
            box=desk.box,
            catalog=desk.catalog,
        )


async def delete(desk: Desk, connection_id: UUID) -> None:
    async with desk.begin() as session:
        await connections.delete(session, desk.workspace_id, connection_id, actor=desk.actor)


def fields(desk: Desk, row: Connection) -> dict[str, Any]:
    return dict(opened(row, box=desk.box, catalog=desk.catalog).fields)


async def test_what_is_secret_is_sealed_and_the_rest_is_shown(desk: Desk) -> None:
    # when
    made = await desk.connection(
        fields={"username": "ada", "password": SECRET}, hosts=["API.example.com", "*.a.org:8443"]
    )

    # then
    assert made.public == {"username": "ada"}
    assert made.hosts == ["api.example.com", "*.a.org:8443"]
    assert fields(desk, made) == {"username": "ada", "password": SECRET}
    assert connections.secret_names(made, catalog=desk.catalog) == ["password"]
    everything = repr(await desk.all("select * from connection")) + repr(await desk.all("select * from audit"))
    assert "canary" not in everything


async def test_create_again_under_the_same_key_makes_one(desk: Desk) -> None:
    # when
    first = await desk.connection(idempotency_key="k")
    again = await desk.connection(idempotency_key="k")

    # then
    assert again.id == first.id
    with pytest.raises(Conflict):
        await desk.connection(idempotency_key="k", hosts=["evil.example.com"])
    assert await desk.all("select count(*) from connection") == [(1,)]


@pytest.mark.parametrize(
    ("values", "paths"),
    [
        ({"kind": "telepathy"}, {"kind"}),
        ({"fields": {"password": SECRET}}, {"fields.username"}),
        ({"fields": {"usrname": "a", "password": 7}}, {"fields.usrname", "fields.username", "fields.password"}),
        ({"fields": {"username": "a:b", "password": SECRET}}, {"fields.username"}),
        ({"fields": {"username": "a\0", "password": SECRET}}, {"fields.username"}),
        ({"fields": [SECRET]}, {"fields"}),
        ({"fields": None}, {"fields"}),
        ({"hosts": []}, {"hosts"}),
        (
            {"hosts": ["https://a.org", "a.org", "a b", "*.*.org", "x" * 300]},
            {"hosts.0", "hosts.2", "hosts.3", "hosts.4"},
        ),
        ({"name": ""}, {"name"}),
        ({"kind": "smtp", "fields": {"host": "mail.example.com"}, "hosts": ["mail.example.com"]}, {"hosts"}),
    ],
)
async def test_what_cannot_work_is_refused_with_every_problem(
    desk: Desk, values: dict[str, Any], paths: set[str]
) -> None:
    with pytest.raises(ValidationFailed) as refused:
        await desk.connection(**values)
    assert {".".join(problem.path) for problem in refused.value.problems} == paths
    assert "canary" not in repr(refused.value.problems) + refused.value.message
    assert await desk.all("select count(*) from connection") == [(0,)]


async def test_what_an_update_does_not_name_is_kept(desk: Desk) -> None:
    # given
    made = await desk.connection(fields={"username": "ada", "password": SECRET})

    # when
    renamed = await save(desk, made.id, 1, name="Other")
    changed = await save(desk, made.id, 2, fields={"username": "ben"})
    narrowed = await save(desk, made.id, 3, hosts=["api.example.com"])

    # then
    assert (renamed.name, renamed.revision) == ("Other", 2)
    assert fields(desk, changed) == {"username": "ben", "password": SECRET}
    assert fields(desk, narrowed) == {"username": "ben", "password": SECRET}


async def test_a_field_is_taken_away_by_null(desk: Desk) -> None:
    # given
    made = await desk.connection(
        fields={"username": "ada", "password": SECRET, "testUrl": "https://api.example.com/me"}
    )

    # when
    changed = await save(desk, made.id, 1, fields={"testUrl": None})

    # then
    assert changed.public == {"username": "ada"}
    with pytest.raises(ValidationFailed) as refused:
        await save(desk, made.id, 2, fields={"password": None})
    assert refused.value.path == ("fields", "password")


async def test_a_stored_secret_does_not_follow_to_a_new_host(desk: Desk) -> None:
    # given
    made = await desk.connection(fields={"username": "ada", "password": SECRET})

    # when
    with pytest.raises(ValidationFailed) as refused:
        await save(desk, made.id, 1, hosts=["api.example.com", "evil.example.com"])
    moved = await save(desk, made.id, 1, hosts=["evil.example.com"], fields={"password": "another-one"})

    # then
    assert [(problem.path, problem.code) for problem in refused.value.problems] == [
        (("fields", "password"), "required")
    ]
    assert moved.hosts == ["evil.example.com"]
    assert fields(desk, moved)["password"] == "another-one"


async def test_a_stored_password_does_not_follow_to_another_mail_server(desk: Desk) -> None:
    # given
    made = await desk.connection(
        kind="smtp", hosts=[], fields={"host": "mail.example.com", "username": "ada", "password": SECRET}
    )

    # when
    with pytest.raises(ValidationFailed) as refused:
        await save(desk, made.id, 1, fields={"host": "evil.example.com"})

    # then
    assert refused.value.path == ("fields", "password")
    assert await desk.all("select public->>'host', revision from connection") == [("mail.example.com", 1)]


async def test_a_stale_update_is_a_conflict_that_changes_nothing(desk: Desk) -> None:
    # given
    made = await desk.connection()
    await save(desk, made.id, 1, name="By Ben")

    # when
    with pytest.raises(Conflict) as refused:
        await save(desk, made.id, 1, name="By Ada")

    # then
    assert (refused.value.path, refused.value.revision) == (("revision",), 2)
    assert await desk.all("select name from connection") == [("By Ben",)]


async def test_it_is_not_deleted_while_a_draft_or_a_live_version_uses_it(desk: Desk) -> None:
    # given
    made = await desk.connection()
    step = {
        "id": "call",
        "app": "http",
        "action": "request",
        "connection": ids.encode("con", made.id),
        "input": {"method": "GET", "url": "https://api.example.com"},
    }
    live, _ = await desk.live(name="Lives on it", definition={"steps": [step]})
    nested = await desk.zip(name="Nests it", definition={"steps": [{"branches": [{"steps": [step]}]}]})
    await desk.zip(name="Does not use it")

    # when the live zip's draft no longer names it
    async with desk.begin() as session:
        await zips.save(
            session,
            desk.workspace_id,
            live.id,
            actor=desk.actor,
            revision=1,
            changes=ZipChanges(definition={"steps": []}),
            catalog=desk.catalog,
        )
        uses = await connection_uses.by_connection_ids(session, [desk.workspace_id], [made.id])

    # then
    assert [tuple(use) for use in uses[made.id]] == [
        (nested.id, "Nests it", True, False),
        (live.id, "Lives on it", False, True),
    ]
    with pytest.raises(Conflict) as refused:
        await delete(desk, made.id)
    assert refused.value.message == "It is used by “Nests it”, “Lives on it”: choose another connection there first."
    assert await desk.all("select count(*) from connection") == [(1,)]
    for zip_id in (live.id, nested.id):
        async with desk.begin() as session:
            await zips.delete(session, desk.workspace_id, zip_id, actor=desk.actor)
    await delete(desk, made.id)
    assert await desk.all("select count(*) from connection") == [(0,)]


async def test_another_workspace_finds_changes_and_deletes_nothing(desk: Desk, other_desk: Desk) -> None:
    # given
    made = await desk.connection()

    # when, then
    with pytest.raises(NotFound):
        await save(other_desk, made.id, 1, name="Mine")
    with pytest.raises(NotFound):
        await delete(other_desk, made.id)
    async with other_desk.begin() as session:
        assert await connections.by_ids(session, [desk.workspace_id], [made.id]) == {}
        with pytest.raises(NotFound):
            await connections.get(session, other_desk.workspace_id, made.id)
    assert await desk.all("select name from connection") == [("A connection",)]


async def test_a_row_moved_to_another_place_does_not_open(desk: Desk) -> None:
    # given
    one, other = await desk.connection(), await desk.connection(name="Other")
    await desk.all(
        "update connection set sealed = (select sealed from connection where id = :one) where id = :other returning id",
        one=one.id,
        other=other.id,
    )

    # when, then
    async with desk.begin() as session:
        moved = await connections.get(session, desk.workspace_id, other.id)
    with pytest.raises(Conflict, match="ZIPPED_SECRET_KEY"):
        opened(moved, box=desk.box, catalog=desk.catalog)
    with pytest.raises(Conflict, match="ZIPPED_SECRET_KEY"):
        opened(one, box=SecretBox(bytes(32)), catalog=desk.catalog)


async def test_lists_are_narrowed_by_kind_and_name(desk: Desk) -> None:
    # given
    await desk.connection(name="Shop")
    await desk.connection(name="Mail", kind="smtp", fields={"host": "mail.example.com"}, hosts=[])

    async def names(**wanted: Any) -> list[str]:
        async with desk.begin() as session:
            page = await connections.page(session, desk.workspace_id, filter=ConnectionFilter(**wanted))
        return [row.name for row in page.nodes]

    # when, then
    assert await names() == ["Mail", "Shop"]
    assert await names(kinds=("basic",)) == ["Shop"]
    assert await names(search="MAI") == ["Mail"]


async def trial(desk: Desk, made: Connection, test: Any, monkeypatch: pytest.MonkeyPatch) -> ConnectionTest:
    kind = desk.catalog.connection_kind(made.kind)
    monkeypatch.setattr(desk.catalog, "_kinds", {made.kind: _with_test(kind, test)})
    run = connection_trials.prepare(made, box=desk.box, catalog=desk.catalog)
    return await run(None)  # type: ignore[arg-type]  # these tests call nobody


def _with_test(kind: Any, test: Any) -> Any:
    from dataclasses import replace

    return replace(kind, test=test)


async def test_a_trial_masks_what_the_other_side_echoes(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    made = await desk.connection(fields={"username": "ada", "password": SECRET})

    async def echo(_: Outside, connection: OpenConnection) -> ConnectionTest:
        return ConnectionTest(ok=False, message=f"Bad password {connection.fields['password']}\0\ud800")

    # when
    shown = await trial(desk, made, echo, monkeypatch)
    async with desk.begin() as session:
        noted = await connection_trials.record(
            session, desk.workspace_id, made.id, actor=desk.actor, revision=1, shown=shown
        )

    # then
    assert (noted.test_ok, noted.test_message) == (False, "Bad password ***\ufffd\ufffd")
    assert noted.tested_at is not None
    assert noted.revision == 1


async def test_a_trial_never_raises_and_ends(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    made = await desk.connection()
    monkeypatch.setattr(connection_trials, "TIMEOUT", 0.05)

    async def breaks(_: Outside, __: OpenConnection) -> ConnectionTest:
        raise RuntimeError("a bug")

    async def hangs(_: Outside, __: OpenConnection) -> ConnectionTest:
        await asyncio.Event().wait()
        raise AssertionError

    # when, then
    assert (await trial(desk, made, breaks, monkeypatch)).message == "The test itself failed; the log says why."
    assert (await trial(desk, made, hangs, monkeypatch)).ok is False


async def test_what_a_test_of_an_older_revision_showed_is_not_noted(desk: Desk) -> None:
    # given
    made = await desk.connection()
    async with desk.begin() as session:
        await connection_trials.record(
            session,
            desk.workspace_id,
            made.id,
            actor=desk.actor,
            revision=1,
            shown=ConnectionTest(ok=True, message="It works."),
        )

    # when
    changed = await save(desk, made.id, 1, fields={"password": "another-one"})
    async with desk.begin() as session:
        noted = await connection_trials.record(
            session,
            desk.workspace_id,
            made.id,
            actor=desk.actor,
            revision=1,
            shown=ConnectionTest(ok=True, message="It works."),
        )

    # then
    assert (changed.tested_at, changed.test_ok, changed.test_message) == (None, None, None)
    assert (noted.tested_at, noted.test_ok) == (None, None)
