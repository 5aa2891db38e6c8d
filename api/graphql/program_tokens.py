"""API tokens: who may make and end which."""

from uuid import UUID

from api.graphql.context import Context
from zipped.services import api_tokens
from zipped.services.api_tokens import Scope, TokenRow
from zipped.services.pages import Page, Place


async def create(
    context: Context, workspace_id: UUID, *, name: str, scope: Scope, expires_in_days: int | None
) -> tuple[TokenRow, str]:
    """A token and its text. Nobody gives more than they have, and a program makes others only if it administers.

    Raises Unauthenticated, NotFound, Forbidden, ValidationFailed, LimitExceeded.
    """
    need = "admin" if context.signed_in.api_token_id else scope
    async with context.begin(workspace_id, write=True, need=need) as session:
        return await api_tokens.create(
            session, workspace_id, name=name, scope=scope, expires_in_days=expires_in_days, actor=context.actor
        )


async def revoke(context: Context, token_id: UUID) -> None:
    """End one's own token; an owner anybody's in the workspace. Raises Unauthenticated, NotFound, Forbidden."""
    caller = context.signed_in
    async with context.begin_mine() as session:
        workspace_id = await api_tokens.workspace_of(session, token_id, list(caller.memberships))
    async with context.begin(workspace_id, write=True, need="admin" if caller.api_token_id else "read") as session:
        token_hash = await api_tokens.revoke(
            session, workspace_id, token_id, of_user=_whose(context, workspace_id), actor=context.actor
        )
    context.platform.gate.token_ended(token_id, token_hash)


async def page(context: Context, workspace_id: UUID, *, place: Place) -> Page[TokenRow]:
    """One's own tokens, for an owner everybody's."""
    async with context.begin(workspace_id) as session:
        return await api_tokens.page(session, workspace_id, of_user=_whose(context, workspace_id), place=place)


def _whose(context: Context, workspace_id: UUID) -> UUID | None:
    """Whose tokens the caller deals with there; None for everybody's."""
    caller = context.signed_in
    return None if caller.may("admin", workspace_id) else caller.user_id
