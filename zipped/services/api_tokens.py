"""The tokens by which programs come in: each for one workspace, with a scope, shown once and stored hashed."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncSession

from zipped.crypto import hash_token, new_token
from zipped.errors import LimitExceeded, NotFound, ValidationFailed
from zipped.services import audit, texts
from zipped.services.audit import Actor
from zipped.services.pages import Page, Place, cut

PREFIX = "zpt_"
FORM = re.compile(r"zpt_[A-Za-z0-9_-]{32}", re.ASCII)
MAX_NAME = 100  # characters
MAX_TOKENS = 200  # alive, of one workspace
MAX_DAYS = 366 * 5

Scope = Literal["read", "write", "admin"]

INSERT = text(
    """
    insert into api_token (workspace_id, user_id, name, token_hash, hint, scope, expires_at)
    values (:workspace_id, :user_id, :name, :token_hash, :hint, :scope,
            now() + make_interval(days => cast(:days as integer)))
    returning id, user_id, name, hint, scope, created_at, expires_at, last_used_at
    """
)

COUNT = text(
    """
    select count(*) from api_token
    where workspace_id = :workspace_id and revoked_at is null and (expires_at is null or expires_at > now())
    """
)

LIST = text(
    """
    select id, user_id, name, hint, scope, created_at, expires_at, last_used_at from api_token
    where workspace_id = :workspace_id and revoked_at is null
      and (cast(:user_id as uuid) is null or user_id = :user_id)
      and (cast(:after as uuid) is null or id < :after) and (cast(:before as uuid) is null or id > :before)
    order by id desc limit :limit
    """
)

FIND_WORKSPACE = text("select workspace_id from api_token where id = :id and workspace_id = any(:workspace_ids)")

REVOKE = text(
    """
    update api_token set revoked_at = now()
    where id = :id and workspace_id = :workspace_id and revoked_at is null
      and (cast(:user_id as uuid) is null or user_id = :user_id)
    returning token_hash
    """
)

# The use is noted at most once a minute, and never by a statement that waits for another.
RESOLVE = """
    with found as (
        select t.id, t.user_id, t.workspace_id, t.scope, t.expires_at, m.role, t.last_used_at
        from api_token t join membership m on m.workspace_id = t.workspace_id and m.user_id = t.user_id
        where {which} and t.revoked_at is null and (t.expires_at is null or t.expires_at > now())
    ), used as (
        update api_token set last_used_at = now() where id in (
            select t.id from api_token t join found on found.id = t.id
            where t.last_used_at is null or t.last_used_at < now() - interval '1 minute'
            for no key update of t skip locked
        )
    )
    select id, user_id, workspace_id, scope, expires_at, role from found
"""
RESOLVE_BY_HASH = text(RESOLVE.format(which="t.token_hash = :token_hash"))
RESOLVE_BY_ID = text(RESOLVE.format(which="t.id = :id"))


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRow:
    """A token as it may be shown again: never the token itself."""

    id: UUID
    user_id: UUID
    name: str
    hint: str
    scope: str
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None

    @classmethod
    def of(cls, row: RowMapping) -> "TokenRow":
        """From a row of LIST."""
        return cls(**row)


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """Whose a shown token is."""

    id: UUID
    user_id: UUID
    workspace_id: UUID
    scope: Scope
    role: str
    expires_at: datetime | None


async def create(
    session: AsyncSession,
    workspace_id: UUID,
    *,
    name: str,
    scope: Scope,
    expires_in_days: int | None,
    actor: Actor,
) -> tuple[TokenRow, str]:
    """A new token and its text, which is stored nowhere. Raises ValidationFailed, LimitExceeded."""
    name = texts.name(name, path=("name",), longest=MAX_NAME)
    if expires_in_days is not None and not 1 <= expires_in_days <= MAX_DAYS:
        raise ValidationFailed.of(
            f"A token lives from 1 to {MAX_DAYS} days.",
            path=("expiresInDays",),
            code="out_of_range",
            fix="Leave it out for a token that does not run out.",
        )
    if (await session.execute(COUNT, {"workspace_id": workspace_id})).scalar_one() >= MAX_TOKENS:
        raise LimitExceeded(f"A workspace has at most {MAX_TOKENS} API tokens: revoke one first.", retry_after=0)
    shown = PREFIX + new_token()
    row = (
        await session.execute(
            INSERT,
            {
                "workspace_id": workspace_id,
                "user_id": actor.user_id,
                "name": name,
                "token_hash": hash_token(shown),
                "hint": shown[-4:],
                "scope": scope,
                "days": expires_in_days,
            },
        )
    ).mappings()
    token = TokenRow.of(row.one())
    await audit.record(
        session,
        actor,
        "createApiToken",
        workspace_id=workspace_id,
        subject_id=token.id,
        detail={"name": name, "scope": scope},
    )
    return token, shown


async def page(session: AsyncSession, workspace_id: UUID, *, of_user: UUID | None, place: Place) -> Page[TokenRow]:
    """A workspace's tokens that are not revoked, newest first, of one person or (None) of all."""
    values = {"workspace_id": workspace_id, "user_id": of_user, **place.values()}
    return cut([TokenRow.of(row) for row in (await session.execute(LIST, values)).mappings()], place)


async def workspace_of(session: AsyncSession, token_id: UUID, workspace_ids: list[UUID]) -> UUID:
    """Which of these workspaces a token is of. Raises NotFound."""
    values = {"id": token_id, "workspace_ids": workspace_ids}
    found: UUID | None = await session.scalar(FIND_WORKSPACE, values)
    if found is None:
        raise NotFound("There is no such API token, or it isn't yours to see.", path=("apiTokenId",))
    return found


async def revoke(
    session: AsyncSession, workspace_id: UUID, token_id: UUID, *, of_user: UUID | None, actor: Actor
) -> bytes:
    """End a token, of one person or (None) of anybody; its hash. Raises NotFound."""
    values = {"id": token_id, "workspace_id": workspace_id, "user_id": of_user}
    token_hash: bytes | None = await session.scalar(REVOKE, values)
    if token_hash is None:
        raise NotFound("There is no such API token, or it isn't yours to revoke.", path=("apiTokenId",))
    await audit.record(session, actor, "revokeApiToken", workspace_id=workspace_id, subject_id=token_id)
    return token_hash


async def resolve(session: AsyncSession, token: str) -> Resolved | None:
    """Whose token this is, while it is good and its person still a member. Needs the login role."""
    if not FORM.fullmatch(token):
        return None
    row = (await session.execute(RESOLVE_BY_HASH, {"token_hash": hash_token(token)})).mappings().one_or_none()
    return Resolved(**row) if row else None


async def resolve_again(session: AsyncSession, token_id: UUID) -> Resolved | None:
    """The same by the token's id, for who has shown it before. Needs the login role."""
    row = (await session.execute(RESOLVE_BY_ID, {"id": token_id})).mappings().one_or_none()
    return Resolved(**row) if row else None
