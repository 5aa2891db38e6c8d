"""`zipped reset-password EMAIL`: a new random password for somebody who has lost theirs."""

import asyncio

from zipped import passwords
from zipped.db import Database
from zipped.errors import NotFound
from zipped.services import accounts, sessions
from zipped.services.audit import Actor
from zipped.settings import Settings


def reset_password(settings: Settings, email: str) -> int:
    """Set it, end every session of the account, print it; the exit code. Raises NotFound."""
    password = asyncio.run(_reset(settings, email))
    print(f"The new password of {email}: {password}")
    print("Every device was signed out. API tokens go on working; revoke those that may be known to others.")
    return 0


async def _reset(settings: Settings, email: str) -> str:
    password = passwords.new_password()
    hashed = passwords.hash_now(password)
    database = Database(settings.database_url, application_name="zipped reset-password", pool_size=1)
    try:
        async with database.begin() as session:
            known = await accounts.credentials(session, email)
            if known is None:
                owner = await accounts.owner(session)
                hint = f"this instance belongs to {owner.email}" if owner else "nobody has signed up yet"
                raise NotFound(f"There is no account with the e-mail address {email}; {hint}.")
            await accounts.set_password(session, known, password_hash=hashed, actor=Actor(user_id=None))
            await sessions.revoke_others(session, known.user_id, but=None)
    finally:
        await database.dispose()
    return password
