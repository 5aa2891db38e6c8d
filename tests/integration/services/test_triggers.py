"""Triggers: settings, verifiers whose secrets only go in, and addresses that change."""

from typing import Any, cast
from uuid import UUID

import pytest

from tests.integration.services.conftest import Desk
from zipped.crypto import SecretBox, hash_token
from zipped.errors import Conflict, NotFound, ValidationFailed
from zipped.models import Trigger
from zipped.services import triggers, verifiers, zips
from zipped.services.pages import Place
from zipped.services.rows import seal_name
from zipped.services.triggers import TriggerChanges, TriggerFilter

SECRET = "canary-secret-1"


async def trigger_of(desk: Desk, **values: Any) -> Trigger:
    zip = await desk.zip(**values)
    async with desk.begin() as session:
        return (await triggers.by_zip_ids(session, [desk.workspace_id], [zip.id]))[zip.id]


async def save(desk: Desk, trigger_id: UUID, revision: int, **changes: Any) -> Trigger:
    async with desk.begin() as session:
        return await triggers.save(
            session,
            desk.workspace_id,
            trigger_id,
            actor=desk.actor,
            revision=revision,
            changes=cast(TriggerChanges, changes),
            box=desk.box,
        )


def secrets(desk: Desk, trigger: Trigger) -> tuple[str, ...]:
    aad = seal_name(trigger.workspace_id, trigger.id)
    return verifiers.open_secrets(desk.box, trigger.verifier_sealed, aad=aad)


async def test_settings_are_changed_and_shown_with_their_defaults(desk: Desk) -> None:
    # given
    trigger = await trigger_of(desk)

    # when
    changed = await save(desk, trigger.id, 1, settings={"methods": ["POST", "GET"], "maxBodyBytes": 2048})

    # then
    assert changed.revision == 2
    shown = triggers.settings(changed)
    assert (shown["methods"], shown["maxBodyBytes"], shown["dedupeFrom"]) == (["POST", "GET"], 2048, "standard")
    assert shown["signature"]["header"] == "X-Signature"
    assert await desk.all("select detail from audit where action = 'updateTrigger'") == [({"changed": ["settings"]},)]


async def test_every_problem_of_the_settings_is_told_and_nothing_changes(desk: Desk) -> None:
    # given
    trigger = await trigger_of(desk)

    # when
    with pytest.raises(ValidationFailed) as refused:
        await save(desk, trigger.id, 1, settings={"methods": ["BREW"], "maxBodyBytes": 0, "dedupFrom": "none"})

    # then
    assert {".".join(problem.path): problem.code for problem in refused.value.problems} == {
        "settings.methods": "not_a_choice",
        "settings.maxBodyBytes": "out_of_range",
        "settings.dedupFrom": "unknown_field",
    }
    assert await desk.all("select settings, revision from trigger") == [({}, 1)]


async def test_secrets_go_in_sealed_and_are_replaced_or_joined(desk: Desk) -> None:
    # given
    trigger = await trigger_of(desk)

    # when
    first = await save(desk, trigger.id, 1, verifier="hmac", secrets=[SECRET])
    both = await save(desk, trigger.id, 2, secrets=["canary-secret-2"], keep_secrets=True)
    kept = await save(desk, trigger.id, 3, settings={"signature": {"prefix": "v1="}})
    replaced = await save(desk, trigger.id, 4, secrets=["canary-secret-3"])

    # then
    assert [secrets(desk, one) for one in (first, both, kept, replaced)] == [
        (SECRET,),
        ("canary-secret-2", SECRET),
        ("canary-secret-2", SECRET),
        ("canary-secret-3",),
    ]
    assert triggers.secret_count(both, box=desk.box) == 2
    assert "canary" not in repr(await desk.all("select * from trigger")) + repr(await desk.all("select * from audit"))


async def test_opening_a_webhook_forgets_its_secrets(desk: Desk) -> None:
    # given
    trigger = await trigger_of(desk)
    await save(desk, trigger.id, 1, verifier="hmac", secrets=[SECRET])

    # when
    opened = await save(desk, trigger.id, 2, verifier="open")

    # then
    assert (opened.verifier, opened.verifier_sealed) == ("open", None)
    assert triggers.secret_count(opened, box=desk.box) == 0


@pytest.mark.parametrize(
    ("changes", "path", "code"),
    [
        ({"verifier": "hmac"}, ("secrets",), "required"),
        ({"verifier": "hmac", "secrets": []}, ("secrets",), "required"),
        ({"verifier": "hmac", "secrets": ["short"]}, ("secrets", "0"), "bad_secret"),
        ({"verifier": "hmac", "secrets": [SECRET, "x" * 600]}, ("secrets", "1"), "bad_secret"),
        ({"verifier": "hmac", "secrets": [f"{SECRET}{number}" for number in range(6)]}, ("secrets",), "required"),
        ({"verifier": "rot13"}, ("verifier",), "unknown_verifier"),
        ({"secrets": [SECRET]}, ("secrets",), "not_allowed"),
        ({"settings": {"methods": "a\0"}}, ("settings", "methods"), "nul_character"),
    ],
)
async def test_a_verifier_that_cannot_work_is_refused_without_repeating_the_secret(
    desk: Desk, changes: dict[str, Any], path: tuple[str, ...], code: str
) -> None:
    # given
    trigger = await trigger_of(desk)

    # when
    with pytest.raises(ValidationFailed) as refused:
        await save(desk, trigger.id, 1, **changes)

    # then
    assert (refused.value.problems[0].path, refused.value.problems[0].code) == (path, code)
    assert "canary" not in repr(refused.value.problems)
    assert await desk.all("select verifier, revision from trigger") == [("open", 1)]


async def test_a_stale_update_is_a_conflict_that_changes_nothing(desk: Desk) -> None:
    # given
    trigger = await trigger_of(desk)
    await save(desk, trigger.id, 1, settings={"dedupeFrom": "none"})

    # when
    with pytest.raises(Conflict) as refused:
        await save(desk, trigger.id, 1, settings={})

    # then
    assert (refused.value.path, refused.value.revision) == (("revision",), 2)
    assert await desk.all("select settings from trigger") == [({"dedupeFrom": "none"},)]


async def test_rotating_gives_another_address_and_forgets_the_old_one(desk: Desk) -> None:
    # given
    trigger = await trigger_of(desk)
    before, old = triggers.address(trigger, box=desk.box, public_url="http://z"), trigger.token_hash

    # when
    async with desk.begin() as session:
        rotated = await triggers.rotate_token(session, desk.workspace_id, trigger.id, actor=desk.actor, box=desk.box)

    # then
    after = triggers.address(rotated, box=desk.box, public_url="http://z")
    assert before is not None
    assert after is not None
    assert after != before
    assert rotated.token_hash == hash_token(after.rsplit("/", 1)[1]) != old
    assert rotated.revision == 2
    assert await desk.all("select count(*) from trigger where token_hash = :old", old=old) == [(0,)]


async def test_a_manual_trigger_has_no_address_no_settings_and_nothing_to_rotate(desk: Desk) -> None:
    # given
    trigger = await trigger_of(desk, trigger_kind="manual")

    # when, then
    assert triggers.address(trigger, box=desk.box, public_url="http://z") is None
    assert triggers.settings(trigger) == {}
    with pytest.raises(ValidationFailed):
        await save(desk, trigger.id, 1, settings={"methods": ["POST"]})
    with pytest.raises(ValidationFailed):
        await save(desk, trigger.id, 1, verifier="hmac", secrets=[SECRET])
    with pytest.raises(Conflict):
        async with desk.begin() as session:
            await triggers.rotate_token(session, desk.workspace_id, trigger.id, actor=desk.actor, box=desk.box)


async def test_another_workspace_and_a_deleted_zip_have_no_such_trigger(desk: Desk, other_desk: Desk) -> None:
    # given
    trigger = await trigger_of(desk)

    # when, then
    with pytest.raises(NotFound):
        await save(other_desk, trigger.id, 1, settings={})
    async with desk.begin() as session:
        await zips.delete(session, desk.workspace_id, trigger.zip_id, actor=desk.actor)
    with pytest.raises(NotFound):
        await save(desk, trigger.id, 2, settings={})
    assert await desk.all("select settings, verifier from trigger") == [({}, "open")]


async def test_with_another_key_the_address_works_and_cannot_be_shown(desk: Desk) -> None:
    # given
    trigger = await trigger_of(desk)

    # when, then
    with pytest.raises(Conflict, match="ZIPPED_SECRET_KEY"):
        triggers.address(trigger, box=SecretBox(bytes(32)), public_url="http://z")


async def test_triggers_are_listed_by_kind_in_pages(desk: Desk) -> None:
    # given
    webhooks = [await trigger_of(desk) for _ in range(3)]
    manual = await trigger_of(desk, trigger_kind="manual")

    # when
    async with desk.begin() as session:
        everything = await triggers.page(session, desk.workspace_id, place=Place(first=2))
        only = await triggers.page(session, desk.workspace_id, filter=TriggerFilter(kinds=("webhook",)))

    # then
    assert [trigger.id for trigger in everything.nodes] == [manual.id, webhooks[2].id]
    assert everything.has_next
    assert [trigger.id for trigger in only.nodes] == [trigger.id for trigger in reversed(webhooks)]
