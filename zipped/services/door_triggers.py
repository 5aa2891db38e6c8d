"""What the door needs to know of a trigger before it takes a request: size, methods, secrets.

It is read by the token's hash and kept for a few seconds. It only serves verifying: whether an event makes a run is
decided by `accept`, from the rows as they are in that moment.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from zipped.crypto import CannotOpen, SecretBox
from zipped.errors import ValidationFailed, ZippedError
from zipped.services import rows, trigger_settings, verifiers
from zipped.services.trigger_settings import WebhookSettings
from zipped.services.verifiers import Verifier


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorTrigger:
    """One webhook as the door sees it."""

    id: UUID
    token_hash: bytes
    settings: WebhookSettings
    verifier: Verifier


Found = DoorTrigger | ZippedError | None

# One row by a unique index each, whatever the planner believes about the size of the table.
FIND = text(
    """
    select g.n, t.* from unnest(cast(:hashes as bytea[])) with ordinality as g(token_hash, n)
    cross join lateral (
        select t.id, t.workspace_id, t.token_hash, t.settings, t.verifier, t.verifier_sealed
        from trigger t join zip z on z.id = t.zip_id
        where t.token_hash = g.token_hash and t.kind = 'webhook' and z.deleted_at is null
        limit 1
    ) t
    """
)


async def find(session: AsyncSession, token_hashes: Sequence[bytes], *, box: SecretBox) -> list[Found]:
    """The triggers behind these tokens, in order; None for what is unknown, deleted or rotated away.

    A trigger that can't be read, because its secrets were sealed with another key, stands there as its error: it must
    not take those that are looked up beside it along.
    """
    found: list[Found] = [None] * len(token_hashes)
    for row in await session.execute(FIND, {"hashes": list(token_hashes)}):
        try:
            found[row.n - 1] = _trigger(row, box)
        except (CannotOpen, ValidationFailed) as error:
            found[row.n - 1] = error
    return found


def _trigger(row: Row[Any], box: SecretBox) -> DoorTrigger:
    settings = trigger_settings.parse(row.settings, verifier=row.verifier)
    aad = rows.seal_name(row.workspace_id, row.id)
    secrets = verifiers.open_secrets(box, row.verifier_sealed, aad=aad) if row.verifier == "hmac" else ()
    return DoorTrigger(
        id=row.id,
        token_hash=bytes(row.token_hash),
        settings=settings,
        verifier=verifiers.verifier(row.verifier, settings.signature, secrets),
    )
