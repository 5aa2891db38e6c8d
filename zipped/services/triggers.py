"""What makes a zip run: a webhook's address, its settings and its verifier.

The token in the address is kept twice: its hash, to find the trigger by, and sealed, to show the address again. It is
the zip's for life unless somebody rotates it; then the old address is unknown from that commit on. The secrets that a
sender signs with only ever go in: what comes out is how many there are.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, TypedDict
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from zipped.crypto import CannotOpen, SecretBox, hash_token, new_token
from zipped.errors import Conflict, NotFound, ValidationFailed
from zipped.models import Trigger, Zip
from zipped.services import audit, texts, trigger_settings, verifiers
from zipped.services.audit import Actor
from zipped.services.pages import FIRST, Page, Place, cut
from zipped.services.rows import new_id, seal_name

MAX_SETTINGS = 16 * 1024  # bytes of JSON


class TriggerChanges(TypedDict, total=False):
    """What an update changes; what is left out stays as it is."""

    settings: object
    verifier: str
    #: What the sender signs with; several are good at once.
    secrets: list[str]
    #: Keep those that are stored beside the new ones, while the sender is being changed over.
    keep_secrets: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TriggerFilter:
    """Which triggers of a workspace; everything left out lets all pass."""

    kinds: tuple[str, ...] = ()


async def create(session: AsyncSession, workspace_id: UUID, zip_id: UUID, *, kind: str, box: SecretBox) -> Trigger:
    """The trigger of a new zip, with a fresh token and every setting at its default."""
    trigger_id = await new_id(session)
    token = new_token()
    trigger = Trigger(
        id=trigger_id,
        workspace_id=workspace_id,
        zip_id=zip_id,
        kind=kind,
        settings={},
        token_hash=hash_token(token),
        token_sealed=box.seal(token.encode(), aad=seal_name(workspace_id, trigger_id)),
        cursor={},
    )
    session.add(trigger)
    await session.flush()
    return trigger


async def get(session: AsyncSession, workspace_id: UUID, trigger_id: UUID) -> Trigger:
    """The trigger. Raises NotFound."""
    found = (await by_ids(session, [workspace_id], [trigger_id])).get(trigger_id)
    if found is None:
        raise NotFound("There is no trigger by this id in this workspace.", path=("triggerId",))
    return found


async def by_ids(
    session: AsyncSession, workspace_ids: Collection[UUID], wanted: Collection[UUID]
) -> dict[UUID, Trigger]:
    """Those of the wanted triggers that these workspaces have."""
    query = select(Trigger).where(Trigger.workspace_id.in_(workspace_ids), Trigger.id.in_(wanted))
    return {row.id: row for row in await session.scalars(query)}


async def by_zip_ids(
    session: AsyncSession, workspace_ids: Collection[UUID], zip_ids: Collection[UUID]
) -> dict[UUID, Trigger]:
    """The triggers of these zips, by zip."""
    query = select(Trigger).where(Trigger.workspace_id.in_(workspace_ids), Trigger.zip_id.in_(zip_ids))
    return {row.zip_id: row for row in await session.scalars(query)}


async def page(
    session: AsyncSession, workspace_id: UUID, *, filter: TriggerFilter | None = None, place: Place = FIRST
) -> Page[Trigger]:
    """Triggers, newest first; those of deleted zips are left out."""
    query = (
        select(Trigger)
        .join(Zip, Zip.id == Trigger.zip_id)
        .where(Trigger.workspace_id == workspace_id, Zip.deleted_at.is_(None))
    )
    if filter and filter.kinds:
        query = query.where(Trigger.kind.in_(filter.kinds))
    return cut((await session.scalars(place.of(query, Trigger.id))).all(), place)


def address(trigger: Trigger, *, box: SecretBox, public_url: str) -> str | None:
    """The webhook's address, for those who may start the zip; None for a trigger that has none.

    Raises Conflict when it was sealed with another ZIPPED_SECRET_KEY.
    """
    if trigger.kind != "webhook":
        return None
    try:
        token = box.open(trigger.token_sealed, aad=seal_name(trigger.workspace_id, trigger.id))
    except CannotOpen as error:
        raise Conflict(
            "The address works and can't be shown, for it was sealed with another ZIPPED_SECRET_KEY: rotate it."
        ) from error
    return f"{public_url}/hooks/{token.decode()}"


def settings(trigger: Trigger) -> dict[str, Any]:
    """Its settings with every default filled in."""
    return trigger_settings.complete(trigger.settings) if trigger.kind == "webhook" else dict(trigger.settings)


def secret_count(trigger: Trigger, *, box: SecretBox) -> int:
    """How many secrets a sender may sign with."""
    return len(_secrets(trigger, box))


async def save(
    session: AsyncSession,
    workspace_id: UUID,
    trigger_id: UUID,
    *,
    actor: Actor,
    revision: int,
    changes: TriggerChanges,
    box: SecretBox,
) -> Trigger:
    """Change what is named; it holds for everything that arrives after this commit.

    Raises Conflict for a stale revision, ValidationFailed with every problem of the settings.
    """
    trigger = await _locked(session, workspace_id, trigger_id)
    if trigger.revision != revision:
        raise Conflict.stale("The trigger was changed", seen=revision, stored=trigger.revision)
    if not changes:
        return trigger
    document = changes.get("settings", trigger.settings)
    verifier = changes.get("verifier", trigger.verifier)
    _check(trigger.kind, document, verifier)
    values = {
        "settings": document,
        "verifier": verifier,
        "verifier_sealed": _sealed(trigger, verifier, changes, box),
    }
    detail = {"changed": sorted(changes)}
    await audit.record(session, actor, "updateTrigger", workspace_id=workspace_id, subject_id=trigger_id, detail=detail)
    return await _write(session, trigger, **values)


async def rotate_token(
    session: AsyncSession, workspace_id: UUID, trigger_id: UUID, *, actor: Actor, box: SecretBox
) -> Trigger:
    """Give the webhook a new address; the old one answers 404 from this commit on."""
    trigger = await _locked(session, workspace_id, trigger_id)
    if trigger.kind != "webhook":
        raise Conflict("Only a webhook has an address to change.", path=("triggerId",))
    token = new_token()
    await audit.record(session, actor, "rotateHookToken", workspace_id=workspace_id, subject_id=trigger_id)
    return await _write(
        session,
        trigger,
        token_hash=hash_token(token),
        token_sealed=box.seal(token.encode(), aad=seal_name(workspace_id, trigger_id)),
    )


async def _locked(session: AsyncSession, workspace_id: UUID, trigger_id: UUID) -> Trigger:
    query = (
        select(Trigger)
        .join(Zip, Zip.id == Trigger.zip_id)
        .where(Trigger.workspace_id == workspace_id, Trigger.id == trigger_id, Zip.deleted_at.is_(None))
        .with_for_update(of=Trigger, key_share=True)
    )
    found = await session.scalar(query, execution_options={"populate_existing": True})
    if found is None:
        raise NotFound("There is no trigger by this id in this workspace.", path=("triggerId",))
    return found


async def _write(session: AsyncSession, trigger: Trigger, **values: Any) -> Trigger:
    changed = await session.scalars(
        update(Trigger)
        .where(Trigger.workspace_id == trigger.workspace_id, Trigger.id == trigger.id)
        .values(revision=Trigger.revision + 1, updated_at=func.now(), **values)
        .returning(Trigger),
        execution_options={"populate_existing": True},
    )
    return changed.one()


def _check(kind: str, document: object, verifier: str) -> None:
    texts.json_bytes(document, path=("settings",), max_bytes=MAX_SETTINGS, max_depth=8)
    if kind == "webhook":
        trigger_settings.parse(document, verifier=verifier)
    elif document != {} or verifier != "open":
        raise ValidationFailed.of(
            f"A trigger of the kind {kind} has no settings and no verifier.",
            path=("settings" if document != {} else "verifier",),
            code="not_allowed",
            fix="Leave them out.",
        )


def _sealed(trigger: Trigger, verifier: str, changes: TriggerChanges, box: SecretBox) -> bytes | None:
    if verifier == "open":
        if changes.get("secrets"):
            raise ValidationFailed.of(
                "Without a verifier there is nothing to sign.",
                path=("secrets",),
                code="not_allowed",
                fix="Set the verifier to hmac, or leave the secrets out.",
            )
        return None
    if "secrets" not in changes and trigger.verifier_sealed is not None:
        return trigger.verifier_sealed
    given = trigger_settings.check_secrets(changes.get("secrets", []))
    if changes.get("keep_secrets"):
        given = trigger_settings.check_secrets(tuple(dict.fromkeys((*given, *_secrets(trigger, box)))))
    return verifiers.seal_secrets(box, given, aad=seal_name(trigger.workspace_id, trigger.id))


def _secrets(trigger: Trigger, box: SecretBox) -> tuple[str, ...]:
    try:
        aad = seal_name(trigger.workspace_id, trigger.id)
        return verifiers.open_secrets(box, trigger.verifier_sealed, aad=aad)
    except CannotOpen:
        return ()
