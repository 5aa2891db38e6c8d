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
    values (:workspace_id, :action, :key, :sha256, uuidv7())
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
    session: AsyncSession, workspace_id: UUID, *, action: str, key: str | None, input: Mapping[str, object]
) -> Reservation:
    """The id for what `action` (the mutation's GraphQL name) makes of `input`; always a fresh one without a key.

    Raises Conflict when the key was used with another input.
    """
    if key is None:
        return Reservation(await new_id(session), fresh=True)
    key = texts.name(key, path=("idempotencyKey",), longest=MAX_KEY)
    told = json.dumps(input, sort_keys=True, default=str).encode()
    values = {"workspace_id": workspace_id, "action": action, "key": key, "sha256": hashlib.sha256(told).digest()}
    made: UUID | None = await session.scalar(RESERVE, values)
    if made is not None:
        return Reservation(made, fresh=True)
    found = (await session.execute(FIND, values)).one()
    if bytes(found.input_sha256) != values["sha256"]:
        raise Conflict(
            f"The key was used before for a {action} with another input: use a new key.", path=("idempotencyKey",)
        )
    return Reservation(found.subject_id, fresh=False)
