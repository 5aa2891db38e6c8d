"""What makes a zip run: a webhook's address, its settings and its verifier.

The token in the address is kept twice: its hash, to find the trigger by, and sealed, to show the address again. It is
the zip's for life unless somebody rotates it; then the old address is unknown from that commit on.
"""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from zipped.crypto import SecretBox, hash_token, new_token
from zipped.models import Trigger
from zipped.services.rows import new_id, seal_name


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


def address(trigger: Trigger, *, box: SecretBox, public_url: str) -> str | None:
    """The webhook's address, for those who may start the zip; None for a trigger that has none."""
    if trigger.kind != "webhook":
        return None
    token = box.open(trigger.token_sealed, aad=seal_name(trigger.workspace_id, trigger.id))
    return f"{public_url}/hooks/{token.decode()}"
