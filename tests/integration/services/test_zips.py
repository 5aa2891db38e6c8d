"""Zips as their authors edit them."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, cast

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from tests.integration.services.conftest import Desk
from zipped.errors import Conflict, NotFound, ValidationFailed
from zipped.models import Zip
from zipped.services import triggers, zips
from zipped.services.pages import Place
from zipped.services.zips import ZipChanges, ZipFilter


async def save(desk: Desk, zip_id: Any, revision: int, **changes: Any) -> Zip:
    async with desk.begin() as session:
        return await zips.save(
            session,
            desk.workspace_id,
            zip_id,
            actor=desk.actor,
            revision=revision,
            changes=cast(ZipChanges, changes),
            catalog=desk.catalog,
        )


async def test_a_save_changes_what_it_names_and_raises_the_revision(desk: Desk) -> None:
    # given
    made = await desk.zip(folder="Sales")

    # when
    named = await save(desk, made.id, 1, name="New")
    moved = await save(desk, made.id, 2, folder=None, retention_days=7)
    same = await save(desk, made.id, 3)

    # then
    assert (named.name, named.folder, named.revision) == ("New", "Sales", 2)
    assert (moved.name, moved.folder, moved.retention_days, moved.revision) == ("New", None, 7, 3)
    assert same.revision == 3
    assert moved.updated_at > named.updated_at > made.updated_at
    assert await desk.all("select action, detail from audit order by id") == [
        ("createZip", {}),
        ("updateZip", {"changed": ["name"]}),
        ("updateZip", {"changed": ["folder", "retention_days"]}),
    ]


async def test_a_draft_keeps_the_order_of_its_keys_and_its_numbers(desk: Desk) -> None:
    # given
    document = {"steps": [{"id": "a", "zz": 1, "b": 1e22, "a": 1.0, "headers": {"X-B": "1", "Accept": "2"}}]}

    # when
    made = await desk.zip(definition=document)

    # then
    async with desk.begin() as session:
        found = await zips.get(session, desk.workspace_id, made.id)
    assert repr(found.draft) == repr(document)


async def test_a_stale_save_is_a_conflict_that_changes_nothing(desk: Desk) -> None:
    # given
    made = await desk.zip()
    await save(desk, made.id, 1, name="By Ben")

    # when
    with pytest.raises(Conflict) as refused:
        await save(desk, made.id, 1, name="By Ada", definition={"steps": [{}]})

    # then
    assert (refused.value.path, refused.value.revision) == (("revision",), 2)
    assert await desk.all("select name, draft, revision from zip") == [("By Ben", {"steps": []}, 2)]


async def test_of_saves_at_once_on_one_revision_one_wins(desk: Desk) -> None:
    # given
    made = await desk.zip()

    # when
    results = await asyncio.gather(
        *(save(desk, made.id, 1, name=f"By {number}") for number in range(8)), return_exceptions=True
    )

    # then
    assert sorted(type(result).__name__ for result in results) == ["Conflict"] * 7 + ["Zip"]
    assert await desk.all("select revision from zip") == [(2,)]


@pytest.mark.parametrize(
    ("definition", "path", "code"),
    [
        ([], ("definition", "steps"), "wrong_type"),
        ({"steps": {}}, ("definition", "steps"), "wrong_type"),
        ({}, ("definition", "steps"), "wrong_type"),
        ({"steps": [{"name": "a\0"}]}, ("definition", "steps", "0", "name"), "nul_character"),
        ({"steps": [{"na\ud800me": 1}]}, ("definition", "steps", "0"), "lone_surrogate"),
        ({"steps": [{"input": float("nan")}]}, ("definition", "steps", "0", "input"), "number_out_of_range"),
        ({"steps": [{"input": 2**70}]}, ("definition", "steps", "0", "input"), "number_out_of_range"),
        ({"steps": ["x" * 300_000]}, ("definition",), "too_large"),
        ({"steps": ["é" * 140_000]}, ("definition",), "too_large"),
    ],
)
async def test_a_draft_that_cannot_be_stored_is_refused_and_nothing_changes(
    desk: Desk, definition: Any, path: tuple[str, ...], code: str
) -> None:
    # given
    made = await desk.zip()

    # when
    with pytest.raises(ValidationFailed) as refused:
        await save(desk, made.id, 1, name="New", definition=definition)

    # then
    assert (refused.value.problems[0].path, refused.value.problems[0].code) == (path, code)
    assert await desk.all("select name, draft, revision from zip") == [("A zip", {"steps": []}, 1)]


async def test_deep_nesting_is_refused(desk: Desk) -> None:
    # given
    deep: Any = []
    for _ in range(5000):
        deep = [deep]

    # when, then
    with pytest.raises(ValidationFailed) as refused:
        await desk.zip(definition={"steps": deep})
    assert [problem.code for problem in refused.value.problems] == ["too_deep"]


async def test_an_unfinished_draft_is_kept(desk: Desk) -> None:
    # given
    unfinished = {"steps": [{"id": "Not an id", "app": "nowhere"}, {"settings": "?"}]}

    # when
    made = await desk.zip(definition=unfinished)

    # then
    assert made.draft == unfinished


async def test_pause_and_resume_need_a_published_zip_and_may_be_repeated(desk: Desk) -> None:
    # given
    draft = await desk.zip()
    live, _ = await desk.live()

    # when
    async with desk.begin() as session:
        paused = [await zips.pause(session, desk.workspace_id, live.id, actor=desk.actor) for _ in range(2)]
        states = [zip.state for zip in paused]
        resumed = [await zips.resume(session, desk.workspace_id, live.id, actor=desk.actor) for _ in range(2)]

    # then
    assert states == ["paused", "paused"]
    assert [zip.state for zip in resumed] == ["live", "live"]
    for act in (zips.pause, zips.resume):
        with pytest.raises(Conflict):
            async with desk.begin() as session:
                await act(session, desk.workspace_id, draft.id, actor=desk.actor)
    assert await desk.all("select action from audit where action in ('pauseZip', 'resumeZip') order by id") == [
        ("pauseZip",),
        ("resumeZip",),
    ]


async def test_a_deleted_zip_is_gone_from_lists_and_changes_and_found_by_its_history(desk: Desk) -> None:
    # given
    live, _ = await desk.live(name="Gone")

    # when
    async with desk.begin() as session:
        await zips.delete(session, desk.workspace_id, live.id, actor=desk.actor)

    # then
    async with desk.begin() as session:
        assert (await zips.page(session, desk.workspace_id)).nodes == []
        assert (await triggers.page(session, desk.workspace_id)).nodes == []
        found = (await zips.by_ids(session, [desk.workspace_id], [live.id]))[live.id]
        assert (found.name, found.state) == ("Gone", "paused")
        assert found.deleted_at is not None
        with pytest.raises(NotFound):
            await zips.get(session, desk.workspace_id, live.id)
    for act in (zips.pause, zips.resume, zips.delete):
        with pytest.raises(NotFound):
            async with desk.begin() as session:
                await act(session, desk.workspace_id, live.id, actor=desk.actor)
    with pytest.raises(NotFound):
        await save(desk, live.id, found.revision, name="Back")


async def test_another_workspace_finds_and_changes_nothing(desk: Desk, other_desk: Desk) -> None:
    # given
    live, _ = await desk.live()

    # when
    acts: list[Callable[[AsyncSession], Awaitable[Zip]]] = [
        lambda session: zips.get(session, other_desk.workspace_id, live.id),
        lambda session: zips.pause(session, other_desk.workspace_id, live.id, actor=other_desk.actor),
        lambda session: zips.delete(session, other_desk.workspace_id, live.id, actor=other_desk.actor),
    ]
    for act in acts:
        with pytest.raises(NotFound):
            async with other_desk.begin() as session:
                await act(session)
    with pytest.raises(NotFound):
        await save(other_desk, live.id, live.revision, name="Mine")

    # then
    assert await desk.all("select name, state, deleted_at from zip") == [("A zip", "live", None)]


async def test_the_second_wall_holds_where_a_query_names_the_wrong_workspace(desk: Desk, other_desk: Desk) -> None:
    # given
    made = await desk.zip()

    # when the service is told the owner's workspace within a transaction of another one's caller
    async with other_desk.begin() as session:
        found = await zips.by_ids(session, [desk.workspace_id, other_desk.workspace_id], [made.id])
        page = await zips.page(session, desk.workspace_id)

    # then
    assert found == {}
    assert page.nodes == []


async def test_pages_stay_where_they_were_while_zips_are_made(desk: Desk) -> None:
    # given
    made = [await desk.zip(name=f"Zip {number}") for number in range(5)]

    # when
    async with desk.begin() as session:
        first = await zips.page(session, desk.workspace_id, place=Place(first=2))
    await desk.zip(name="Newer")
    async with desk.begin() as session:
        second = await zips.page(session, desk.workspace_id, place=Place(first=2, after=first.nodes[-1].id))
        third = await zips.page(session, desk.workspace_id, place=Place(first=2, after=second.nodes[-1].id))
        newer = await zips.page(session, desk.workspace_id, place=Place(before=first.nodes[0].id))

    # then
    assert [zip.id for page in (first, second, third) for zip in page.nodes] == [zip.id for zip in reversed(made)]
    assert [page.has_next for page in (first, second, third)] == [True, True, False]
    assert [zip.name for zip in newer.nodes] == ["Newer"]


async def test_lists_are_narrowed_by_state_folder_and_a_part_of_the_name(desk: Desk) -> None:
    # given
    await desk.zip(name="100% Draft", folder="Sales")
    await desk.zip(name="1000 Draft")
    await desk.live(name="Ünder_score", folder="Ops")

    async def names(**wanted: Any) -> list[str]:
        async with desk.begin() as session:
            page = await zips.page(session, desk.workspace_id, filter=ZipFilter(**wanted))
        return [zip.name for zip in page.nodes]

    # when, then
    assert await names(states=("live",)) == ["Ünder_score"]
    assert await names(states=("draft", "live")) == ["Ünder_score", "1000 Draft", "100% Draft"]
    assert await names(folder="Sales") == ["100% Draft"]
    assert await names(folder="") == ["1000 Draft"]
    assert await names(search="100%") == ["100% Draft"]
    assert await names(search="r_s") == ["Ünder_score"]
    assert await names(search="ÜNDER") == ["Ünder_score"]
    assert await names(search="draft", folder="Sales", states=("live",)) == []
    async with desk.begin() as session:
        assert await zips.folders(session, desk.workspace_id) == ["Ops", "Sales"]


async def test_a_secret_written_into_a_draft_is_refused_and_not_stored(desk: Desk) -> None:
    # given
    made = await desk.zip()
    step = {
        "id": "a",
        "app": "http",
        "action": "request",
        "input": {"method": "GET", "url": "https://example.com", "headers": {"Authorization": "Bearer canary-1"}},
    }

    # when
    with pytest.raises(ValidationFailed) as refused:
        await save(desk, made.id, 1, definition={"steps": [step]})
    with pytest.raises(ValidationFailed):
        await desk.zip(definition={"steps": [step]})

    # then
    assert [problem.code for problem in refused.value.problems] == ["secret_literal"]
    assert refused.value.path == ("definition", "steps", "a", "input", "headers", "Authorization")
    assert "canary" not in refused.value.message + repr(await desk.all("select * from zip"))
