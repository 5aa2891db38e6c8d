"""Who is calling: from a bearer or a cookie to a Caller, and again every few seconds.

A token says who it was made for; that its session stands and what its person is a member of is asked of the
database, and remembered for at most ten seconds. What ends in this process is forgotten at once.
"""

from collections import OrderedDict
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from api.auth.access import AccessTokens
from api.auth.attempts import Attempts
from api.auth.caller import Caller
from api.auth.cookies import Cookies
from api.auth.revocations import Revocations
from zipped.clock import Clock
from zipped.crypto import derive, hash_token
from zipped.db import Database
from zipped.errors import Unauthenticated
from zipped.passwords import Passwords
from zipped.services import api_tokens, sessions
from zipped.settings import Settings

REMEMBERED = 10.0  # seconds
KEPT = 10_000  # callers


@dataclass(frozen=True, slots=True)
class Seen:
    """A caller as of a moment."""

    caller: Caller
    at: float


class Gate:
    """Lets callers in; one per process."""

    def __init__(self, settings: Settings, database: Database, *, clock: Clock) -> None:
        self.access = AccessTokens(settings.secret_key, issuer=settings.public_url, clock=clock)
        self.cookies = Cookies(settings)
        self.passwords = Passwords()
        self.attempts = Attempts(clock)
        self.revocations = Revocations()
        self.refresh_key = derive(settings.secret_key, "refresh")
        self._database = database
        self._clock = clock
        self._seen: OrderedDict[UUID | bytes, Seen] = OrderedDict()

    def close(self) -> None:
        """End the threads that hash."""
        self.passwords.close()

    async def by_bearer(self, token: str) -> Caller:
        """The caller behind an access token or an API token. Raises Unauthenticated."""
        if token.startswith(api_tokens.PREFIX):
            return await self._by_api_token(token)
        return await self._by_access_token(token, by_cookie=False)

    async def by_cookie(self, token: str) -> Caller | None:
        """The caller behind an access cookie; None when it is no longer good, as when it has run out."""
        try:
            return await self._by_access_token(token, by_cookie=True)
        except Unauthenticated:
            return None

    async def again(self, caller: Caller) -> Caller | None:
        """The same caller as of now, with today's memberships; None when they are no longer let in."""
        if caller.session_id is not None:
            return await self._session_caller(
                caller.user_id, caller.session_id, expires_at=caller.expires_at, by_cookie=caller.by_cookie
            )
        assert caller.api_token_id is not None
        async with self._database.begin() as session:
            resolved = await api_tokens.resolve_again(session, caller.api_token_id)
        return _token_caller(resolved) if resolved else None

    def session_ended(self, session_id: UUID) -> None:
        """Forget a session and tell its sockets."""
        self._seen.pop(session_id, None)
        self.revocations.tell(session_id)

    def token_ended(self, token_id: UUID, token_hash: bytes) -> None:
        """Forget an API token and tell its sockets."""
        self._seen.pop(token_hash, None)
        self.revocations.tell(token_id)

    async def _by_access_token(self, token: str, *, by_cookie: bool) -> Caller:
        access = self.access.read(token)
        caller = self._remembered(access.session_id)
        if caller is None or caller.user_id != access.user_id:
            caller = await self._session_caller(
                access.user_id, access.session_id, expires_at=access.expires_at, by_cookie=by_cookie
            )
            if caller is None:
                raise Unauthenticated("The session is over: sign in again.")
            self._remember(access.session_id, caller)
        return replace(caller, expires_at=access.expires_at, by_cookie=by_cookie)

    async def _by_api_token(self, token: str) -> Caller:
        token_hash = hash_token(token)
        caller = self._remembered(token_hash)
        if caller is not None and (caller.expires_at is None or self._clock.now() < caller.expires_at):
            return caller
        async with self._database.begin() as session:
            resolved = await api_tokens.resolve(session, token)
        if resolved is None:
            raise Unauthenticated("The API token is unknown, revoked or has run out.")
        caller = _token_caller(resolved)
        self._remember(token_hash, caller)
        return caller

    async def _session_caller(
        self, user_id: UUID, session_id: UUID, *, expires_at: datetime | None, by_cookie: bool
    ) -> Caller | None:
        async with self._database.begin() as session:
            memberships = await sessions.current_memberships(session, session_id, user_id)
        if memberships is None:
            return None
        return Caller(
            user_id=user_id,
            session_id=session_id,
            memberships=memberships,
            expires_at=expires_at,
            by_cookie=by_cookie,
        )

    def _remembered(self, name: UUID | bytes) -> Caller | None:
        seen = self._seen.get(name)
        if seen is None or self._clock.monotonic() - seen.at >= REMEMBERED:
            return None
        return seen.caller

    def _remember(self, name: UUID | bytes, caller: Caller) -> None:
        self._seen[name] = Seen(caller, self._clock.monotonic())
        self._seen.move_to_end(name)
        if len(self._seen) > KEPT:
            self._seen.popitem(last=False)


def _token_caller(resolved: api_tokens.Resolved) -> Caller:
    return Caller(
        user_id=resolved.user_id,
        api_token_id=resolved.id,
        scope=resolved.scope,
        memberships={resolved.workspace_id: resolved.role},
        expires_at=resolved.expires_at,
    )
