"""Publishing, the list of versions, and going back."""

import asyncio
from typing import Any
from uuid import UUID

import pytest

from tests.integration.services.conftest import Desk
from zipped import ids
from zipped.errors import Conflict, NotFound, ValidationFailed
from zipped.models import Zip, ZipVersion
from zipped.services import connections, versions, zips
from zipped.services.pages import Place
from zipped.services.zips import ZipChanges


def definition(**fields: Any) -> dict[str, Any]:
    return {"steps": [{"id": "a", "app": "data", "action": "set_fields", "input": {"fields": fields}}]}


async def save(desk: Desk, zip: Zip, document: object) -> Zip:
    async with desk.begin() as session:
        return await zips.save(
            session,
            desk.workspace_id,
            zip.id,
            actor=desk.actor,
            revision=zip.revision,
            changes=ZipChanges(definition=document),
            catalog=desk.catalog,
        )


async def publish(desk: Desk, zip_id: UUID, revision: int, note: str | None = None) -> tuple[Zip, ZipVersion]:
    async with desk.begin() as session:
        return await versions.publish(
            session,
            desk.workspace_id,
            zip_id,
            actor=desk.actor,
            revision=revision,
            note=note,
            catalog=desk.catalog,
        )


async def roll_back(desk: Desk, zip_id: UUID, version_id: UUID, **how: Any) -> tuple[Zip, ZipVersion]:
    async with desk.begin() as session:
        return await versions.roll_back(
            session,
            desk.workspace_id,
            zip_id,
            actor=desk.actor,
            version_id=version_id,
            catalog=desk.catalog,
            **how,
        )


async def test_publishing_makes_the_draft_live_complete_with_every_default(desk: Desk) -> None:
    # given
    made = await desk.zip(definition=definition(x="{{ trigger.body.x }}"))

    # when
    zip, version = await publish(desk, made.id, 1, note="First")

    # then
    assert (zip.state, zip.live_version_id, zip.revision) == ("live", version.id, 1)
    assert (version.number, version.note, version.created_by) == (1, "First", desk.actor.user_id)
    assert version.definition == {
        "steps": [
            {
                "id": "a",
                "app": "data",
                "action": "set_fields",
                "name": "",
                "connection": None,
                "input": {"fields": {"x": "{{ trigger.body.x }}"}},
                "skip": False,
                "note": "",
                "settings": {
                    "timeoutSeconds": None,
                    "retry": {"attempts": 9},
                    "onError": "stop",
                    "onUnknown": "repeat",
                },
            }
        ]
    }
    assert not versions.differs(zip.draft, version.definition)


async def test_an_unfinished_draft_is_refused_with_everything_and_nothing_happens(desk: Desk) -> None:
    # given
    made = await desk.zip(definition={"steps": [{"id": "a", "app": "nowhere", "action": "x"}, {"id": "b"}]})

    # when
    with pytest.raises(ValidationFailed) as refused:
        await publish(desk, made.id, 1)

    # then
    assert {".".join(problem.path): problem.code for problem in refused.value.problems} == {
        "steps.a.app": "unknown_app",
        "steps.b.app": "required",
        "steps.b.action": "required",
    }
    assert await desk.all("select state, live_version_id from zip") == [("draft", None)]
    assert await desk.all("select count(*) from zip_version") == [(0,)]


async def test_a_draft_that_somebody_saved_meanwhile_is_not_published_unseen(desk: Desk) -> None:
    # given
    made = await desk.zip(definition=definition(x=1))
    await save(desk, made, definition(x=2))

    # when
    with pytest.raises(Conflict) as refused:
        await publish(desk, made.id, 1)

    # then
    assert refused.value.revision == 2
    assert await desk.all("select count(*) from zip_version") == [(0,)]


async def test_an_unchanged_draft_makes_no_second_version(desk: Desk) -> None:
    # given
    zip, first = await desk.live(definition=definition(x=1))
    async with desk.begin() as session:
        await zips.pause(session, desk.workspace_id, zip.id, actor=desk.actor)

    # when
    again, version = await publish(desk, zip.id, 1)

    # then
    assert (again.state, version.id) == ("live", first.id)
    assert await desk.all("select count(*) from zip_version") == [(1,)]


@pytest.mark.parametrize(("one", "other"), [(1, True), (1, 1.0), ({"a": 1, "b": 2}, {"b": 2, "a": 1})])
async def test_what_only_looks_unchanged_is_a_change(desk: Desk, one: Any, other: Any) -> None:
    # given
    zip, _ = await desk.live(definition=definition(x=one))

    # when
    changed = await save(desk, zip, definition(x=other))
    _, version = await publish(desk, zip.id, changed.revision)

    # then
    assert version.number == 2
    assert repr(version.definition["steps"][0]["input"]) == repr({"fields": {"x": other}})


async def test_publishing_at_once_numbers_one_after_the_other(desk: Desk) -> None:
    # given
    made = await desk.zip(definition=definition(x=1))

    # when
    results = await asyncio.gather(*(publish(desk, made.id, 1) for _ in range(6)))

    # then
    assert {version.number for _, version in results} == {1}
    assert await desk.all("select number from zip_version") == [(1,)]


async def test_rolling_back_publishes_the_older_definition_anew_and_keeps_the_draft(desk: Desk) -> None:
    # given
    zip, first = await desk.live(definition=definition(x=1))
    zip = await save(desk, zip, definition(x=2))
    await publish(desk, zip.id, zip.revision)
    zip = await save(desk, zip, definition(x=3))

    # when
    back, version = await roll_back(desk, zip.id, first.id)

    # then
    assert (version.number, version.note, back.live_version_id) == (3, "Rolled back to version 1", version.id)
    assert version.definition == first.definition
    assert (back.draft, back.revision) == (definition(x=3), zip.revision)
    assert versions.differs(back.draft, version.definition)


async def test_rolling_back_takes_the_draft_along_only_at_the_revision_that_was_seen(desk: Desk) -> None:
    # given
    zip, first = await desk.live(definition=definition(x=1))
    zip = await save(desk, zip, definition(x=2))
    await publish(desk, zip.id, zip.revision)

    # when
    with pytest.raises(Conflict):
        await roll_back(desk, zip.id, first.id, replace_draft_at=1)
    unchanged = await desk.all("select revision, (select count(*) from zip_version) from zip")
    back, version = await roll_back(desk, zip.id, first.id, replace_draft_at=2)

    # then
    assert unchanged == [(2, 2)]
    assert (back.revision, back.draft) == (3, first.definition)
    assert not versions.differs(back.draft, version.definition)


async def test_another_zips_version_is_not_one_of_this_zip(desk: Desk) -> None:
    # given
    zip, _ = await desk.live(definition=definition(x=1))
    _, foreign = await desk.live(definition=definition(x=2))

    # when
    with pytest.raises(NotFound) as refused:
        await roll_back(desk, zip.id, foreign.id)

    # then
    assert refused.value.path == ("versionId",)
    assert await desk.all("select count(*) from zip_version") == [(2,)]


async def test_what_could_not_be_published_today_is_not_rolled_back_to(desk: Desk) -> None:
    # given
    connection = await desk.connection()
    step = {
        "id": "call",
        "app": "http",
        "action": "request",
        "connection": ids.encode("con", connection.id),
        "input": {"method": "GET", "url": "https://api.example.com"},
    }
    zip, first = await desk.live(definition={"steps": [step]})
    zip = await save(desk, zip, definition(x=1))
    _, second = await publish(desk, zip.id, zip.revision)
    async with desk.begin() as session:
        await connections.delete(session, desk.workspace_id, connection.id, actor=desk.actor)

    # when
    with pytest.raises(ValidationFailed) as refused:
        await roll_back(desk, zip.id, first.id)

    # then
    assert [(problem.path, problem.code) for problem in refused.value.problems] == [
        (("steps", "call", "connection"), "unknown_connection")
    ]
    assert await desk.all("select live_version_id from zip") == [(second.id,)]


async def test_a_connection_is_not_deleted_under_a_zip_that_is_being_published(desk: Desk) -> None:
    # given
    connection = await desk.connection()
    step = {
        "id": "call",
        "app": "http",
        "action": "request",
        "connection": ids.encode("con", connection.id),
        "input": {"method": "GET", "url": "https://api.example.com"},
    }
    made = await desk.zip(definition={"steps": [step]})
    made = await save(desk, made, definition())
    async with desk.begin() as session:  # the draft does not name it now; the version that is published does
        published = await zips.save(
            session,
            desk.workspace_id,
            made.id,
            actor=desk.actor,
            revision=made.revision,
            changes=ZipChanges(definition={"steps": [step]}),
            catalog=desk.catalog,
        )

        async def delete() -> None:
            async with desk.begin() as theirs:
                await connections.delete(theirs, desk.workspace_id, connection.id, actor=desk.actor)

        await versions.publish(
            session,
            desk.workspace_id,
            made.id,
            actor=desk.actor,
            revision=published.revision,
            catalog=desk.catalog,
        )
        deleting = asyncio.create_task(delete())
        await asyncio.wait([deleting], timeout=0.2)
        waited = not deleting.done()

    # when
    with pytest.raises(Conflict, match="A zip"):
        await deleting

    # then
    assert waited
    assert await desk.all("select count(*) from connection") == [(1,)]


async def test_versions_are_listed_newest_first_in_pages(desk: Desk) -> None:
    # given
    zip, _ = await desk.live(definition=definition(x=0))
    for number in range(1, 5):
        zip = await save(desk, zip, definition(x=number))
        zip, _ = await publish(desk, zip.id, zip.revision)

    # when
    async with desk.begin() as session:
        first = await versions.page(session, desk.workspace_id, zip.id, place=Place(first=3))
        rest = await versions.page(session, desk.workspace_id, zip.id, place=Place(first=3, after=first.nodes[-1].id))

    # then
    assert [version.number for version in first.nodes] == [5, 4, 3]
    assert [version.number for version in rest.nodes] == [2, 1]
    assert (first.has_next, rest.has_next) == (True, False)


async def test_a_published_version_never_changes(desk: Desk, other_desk: Desk) -> None:
    # given
    zip, version = await desk.live(definition=definition(x=1))

    # when
    zip = await save(desk, zip, definition(x=2))
    await publish(desk, zip.id, zip.revision)

    # then
    async with desk.begin() as session:
        found = await versions.get(session, desk.workspace_id, version.id)
    assert found.definition["steps"][0]["input"] == {"fields": {"x": 1}}
    async with other_desk.begin() as session:
        with pytest.raises(NotFound):
            await versions.get(session, other_desk.workspace_id, version.id)
