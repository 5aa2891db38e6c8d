"""Who did what: one row, in the transaction of the change it tells of."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

INSERT = text(
    """
    insert into audit (workspace_id, user_id, api_token_id, action, subject_id, detail, ip)
    values (:workspace_id, :user_id, :api_token_id, :action, :subject_id, cast(:detail as jsonb), :ip)
    """
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who does it, and from where."""

    user_id: UUID | None
    api_token_id: UUID | None = None
    ip: str = ""


async def record(
    session: AsyncSession,
    actor: Actor,
    action: str,
    *,
    workspace_id: UUID | None,
    subject_id: UUID | None = None,
    detail: Mapping[str, object] | None = None,
) -> None:
    """Add a row to the audit. `action` is the mutation's name in GraphQL; `detail` never holds a secret."""
    await session.execute(
        INSERT,
        {
            "workspace_id": workspace_id,
            "user_id": actor.user_id,
            "api_token_id": actor.api_token_id,
            "action": action,
            "subject_id": subject_id,
            "detail": orjson.dumps(detail or {}).decode(),
            "ip": actor.ip,
        },
    )
