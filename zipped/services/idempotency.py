"""A mutation that creates or starts something may be sent again under the caller's own key and happens once.

The id of what is to be made is drawn first and stored under the key, in the transaction that makes it. A second
transaction with the same key waits for the first one's end and then finds that id.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from zipped.errors import Conflict
from zipped.services import texts
from zipped.services.rows import new_id

MAX_KEY = 255  # characters

RESERVE = text(
    """
    insert into idempotency_key (workspace_id, action, key, input_sha256, subject_id)
    values (:workspace_id, :action, :key, :sha256, coalesce(cast(:id as uuid), uuidv7()))
    on conflict do nothing returning subject_id
    """
)

FIND = text(
    """
    select subject_id, input_sha256 from idempotency_key
    where workspace_id = :workspace_id and action = :action and key = :key
    """
)


@dataclass(frozen=True, slots=True)
class Reservation:
    """The id under which something is, or was, made."""

    subject_id: UUID
    #: False: it was made before under this key, and nothing is to be made now.
    fresh: bool


async def reserve(
    session: AsyncSession,
    workspace_id: UUID,
    *,
    action: str,
    key: str | None,
    input: Mapping[str, object],
    id: UUID | None = None,
) -> Reservation:
    """The id for what `action` (the mutation's GraphQL name) makes of `input`; always a fresh one without a key.

    `id` is one that was drawn from the database before, to be the fresh one. Raises Conflict when the key was used with
    another input.
    """
    if key is None:
        return Reservation(id or await new_id(session), fresh=True)
    values = _values(workspace_id, action, key, input)
    made: UUID | None = await session.scalar(RESERVE, {**values, "id": id})
    if made is not None:
        return Reservation(made, fresh=True)
    found = await _found(session, values)
    assert found is not None  # or it would have been inserted
    return Reservation(found, fresh=False)


async def find(
    session: AsyncSession, workspace_id: UUID, *, action: str, key: str | None, input: Mapping[str, object]
) -> UUID | None:
    """The id that was reserved under this key before; None when there is none. Raises Conflict as `reserve` does."""
    return None if key is None else await _found(session, _values(workspace_id, action, key, input))


def _values(workspace_id: UUID, action: str, key: str, input: Mapping[str, object]) -> dict[str, object]:
    key = texts.name(key, path=("idempotencyKey",), longest=MAX_KEY)
    told = json.dumps(input, sort_keys=True, default=str).encode()
    return {"workspace_id": workspace_id, "action": action, "key": key, "sha256": hashlib.sha256(told).digest()}


async def _found(session: AsyncSession, values: Mapping[str, object]) -> UUID | None:
    found = (await session.execute(FIND, values)).one_or_none()
    if found is None:
        return None
    if bytes(found.input_sha256) != values["sha256"]:
        raise Conflict(
            f"The key was used before for a {values['action']} with another input: use a new key.",
            path=("idempotencyKey",),
        )
    subject_id: UUID = found.subject_id
    return subject_id
