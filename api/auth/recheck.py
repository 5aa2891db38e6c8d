"""What keeps a stream open: that its caller would be let in again."""

import asyncio

from api.auth.caller import Caller
from api.auth.gate import Gate
from zipped.clock import Clock
from zipped.errors import Unavailable


async def until_let_go(gate: Gate, caller: Caller, *, clock: Clock, interval: float) -> str:
    """Returns, with the reason, when the caller's token runs out, is revoked, or their memberships change.

    A revocation in this process is noticed at once; one elsewhere within `interval` seconds. While the database is
    away nobody is let go.
    """
    told = asyncio.Event()
    id = caller.session_id or caller.api_token_id
    assert id is not None
    stop = gate.revocations.listen(id, told.set)
    try:
        while True:
            wait = interval
            if caller.expires_at is not None:
                wait = min(interval, (caller.expires_at - clock.now()).total_seconds())
                if wait <= 0:
                    return "Token expired"
            try:
                async with asyncio.timeout(wait):
                    await told.wait()
            except TimeoutError:
                pass
            told.clear()
            try:
                now = await gate.again(caller)
            except Unavailable:
                continue
            if now is None:
                return "Signed out"
            if (now.memberships, now.scope) != (caller.memberships, caller.scope):
                return "Your memberships have changed"
    finally:
        stop()
