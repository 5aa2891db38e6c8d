"""How a zip begins: a draft with an address, once for each key, under any name that can be shown."""

import asyncio

import pytest

from tests.integration.services.conftest import Desk
from zipped.crypto import hash_token
from zipped.errors import Conflict, ValidationFailed
from zipped.services import triggers, zips
from zipped.services.zips import ZipFilter

ARABIC = "\u0645\u0631\u062d\u0628\u0627 \u0628\u0627\u0644\u0639\u0627\u0644\u0645"


async def test_create_makes_a_draft_whose_address_can_be_found_and_shown(desk: Desk) -> None:
    # when
    made = await desk.zip(name="  Greet  ", folder="Sales")

    # then
    assert (made.name, made.folder, made.state, made.revision) == ("Greet", "Sales", "draft", 1)
    assert made.draft == {"steps": []}
    async with desk.begin() as session:
        trigger = (await triggers.by_zip_ids(session, [desk.workspace_id], [made.id]))[made.id]
    url = triggers.address(trigger, box=desk.box, public_url="https://zipped.example.com")
    assert url is not None
    base, token = url.rsplit("/", 1)
    assert base == "https://zipped.example.com/hooks"
    assert trigger.token_hash == hash_token(token)
    assert token.encode() not in trigger.token_sealed
    assert await desk.all("select action, user_id, subject_id from audit") == [
        ("createZip", desk.actor.user_id, made.id)
    ]


async def test_create_again_under_the_same_key_makes_one(desk: Desk) -> None:
    # given
    first = await desk.zip(name="Once", idempotency_key="k1")

    # when
    again = await desk.zip(name="Once", idempotency_key="k1")
    other = await desk.zip(name="Once", idempotency_key="k2")

    # then
    assert again.id == first.id != other.id
    assert await desk.all("select count(*) from zip") == [(2,)]
    with pytest.raises(Conflict) as refused:
        await desk.zip(name="Another", idempotency_key="k1")
    assert refused.value.path == ("idempotencyKey",)
    assert await desk.all("select count(*) from zip") == [(2,)]


async def test_two_creates_at_once_under_one_key_make_one(desk: Desk) -> None:
    # when
    made = await asyncio.gather(*(desk.zip(name="Once", idempotency_key="k1") for _ in range(8)))

    # then
    assert len({zip.id for zip in made}) == 1
    assert await desk.all("select count(*) from zip") == [(1,)]
    assert await desk.all("select count(*) from trigger") == [(1,)]


@pytest.mark.parametrize(
    "name", ["x" * 300, ARABIC, "Zoë 🥐 日本", "<script>alert(1)</script>", "a'; drop table zip; --"]
)
async def test_names_of_any_script_come_back_as_they_were(desk: Desk, name: str) -> None:
    assert (await desk.zip(name=name, folder=name)).name == name
    async with desk.begin() as session:
        page = await zips.page(session, desk.workspace_id, filter=ZipFilter(search=name[:50], folder=name))
    assert [zip.name for zip in page.nodes] == [name]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("", "required"),
        (" \t ", "required"),
        ("x" * 301, "too_long"),
        ("a\0b", "nul_character"),
        ("a\ud800b", "lone_surrogate"),
        ("a\nb", "control_character"),
        ("a\u2028b", "control_character"),
    ],
)
async def test_a_name_that_cannot_be_is_refused_and_nothing_is_made(desk: Desk, name: str, code: str) -> None:
    with pytest.raises(ValidationFailed) as refused:
        await desk.zip(name=name)
    (problem,) = refused.value.problems
    assert (problem.path, problem.code) == (("name",), code)
    assert await desk.all("select count(*) from zip") == [(0,)]


async def test_an_unknown_trigger_kind_is_refused_with_the_known_ones(desk: Desk) -> None:
    with pytest.raises(ValidationFailed) as refused:
        await desk.zip(trigger_kind="carrier-pigeon")
    (problem,) = refused.value.problems
    assert problem.path == ("trigger",)
    assert problem.fix == "Choose one of: manual, webhook."
