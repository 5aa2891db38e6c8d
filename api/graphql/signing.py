"""The ways in and out: what stands between a mutation and the services of accounts.

Limits first, then the hash, then the transaction: nothing is hashed for who has to wait, and no connection is held
while something is hashed.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from api.auth.access import LIFETIME
from api.auth.caller import Caller
from api.graphql.context import Context
from zipped import passwords
from zipped.errors import Forbidden, LimitExceeded, NotFound, Unauthenticated
from zipped.services import accounts, sessions
from zipped.services.accounts import Credentials, NewAccount, Person
from zipped.services.sessions import IDLE_DAYS, Device, Opened, Refused

WRONG = "The e-mail address or the password is wrong."


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """A session and its tokens, once they are on their way."""

    opened: Opened
    access_token: str
    access_expires_at: datetime
    #: They went as cookies: the answer's body must not have them.
    in_cookies: bool


async def sign_up(context: Context, *, email: str, password: str, name: str, in_cookies: bool) -> tuple[Person, Issued]:
    """Make an account and sign in. Raises ValidationFailed, Forbidden, Conflict, LimitExceeded."""
    _check_cookies(context, in_cookies)
    gate, database = context.platform.gate, context.database
    open_to_all = context.settings.signup == "open"
    async with database.begin() as session:
        await accounts.check_open(session, open_to_all=open_to_all)
    account = NewAccount.checked(email=email, password=password, name=name)
    gate.attempts.begin(account=f"signUp {account.email_key}", ip=context.peer.ip)
    password_hash = await gate.passwords.hash(password)
    async with database.begin() as session:
        person = await accounts.sign_up(
            session, account, password_hash=password_hash, open_to_all=open_to_all, ip=context.peer.ip
        )
        opened = await sessions.open_session(session, person.id, device(context), key=gate.refresh_key)
    return person, _issue(context, opened, in_cookies=in_cookies)


async def sign_in(context: Context, *, email: str, password: str, in_cookies: bool) -> tuple[Person, Issued]:
    """Open a session. Raises Unauthenticated, in the same words whoever it is, and LimitExceeded."""
    _check_cookies(context, in_cookies)
    gate, database = context.platform.gate, context.database
    async with database.begin() as session:
        known = await accounts.credentials(session, email)
    await _verify(context, known, password, account=accounts.email_key(email))
    async with database.begin() as session:
        person = await accounts.still(session, known) if known else None
        if person is None:
            raise Unauthenticated(WRONG)
        opened = await sessions.open_session(session, person.id, device(context), key=gate.refresh_key)
    return person, _issue(context, opened, in_cookies=in_cookies)


async def refresh(context: Context, refresh_token: str | None) -> tuple[Person, Issued]:
    """The next tokens of a session, from a token in the input or else from the cookie. Raises Unauthenticated."""
    gate, in_cookies = context.platform.gate, refresh_token is None
    _check_cookies(context, in_cookies)
    token = refresh_token if refresh_token is not None else context.peer.refresh_cookie
    if token is None:
        raise Unauthenticated("There is no session to refresh: sign in.")
    async with context.database.begin() as session:
        result = await sessions.refresh(session, token, device(context), key=gate.refresh_key)
        person = await accounts.find(session, result.user_id) if isinstance(result, Opened) else None
    if isinstance(result, Refused) or person is None:
        if in_cookies:
            context.cookies = gate.cookies.clear()
        if isinstance(result, Refused) and result.reason == "reused" and result.session_id:
            gate.session_ended(result.session_id)
            raise Unauthenticated("This refresh token was used before, so its session has been ended: sign in again.")
        raise Unauthenticated("The session is over: sign in again.")
    return person, _issue(context, result, in_cookies=in_cookies)


async def sign_out(context: Context, refresh_token: str | None) -> bool:
    """End the caller's session, or that of a refresh token; False when there was none."""
    gate, caller = context.platform.gate, context.caller
    if context.cookies is not None and context.peer.same_origin and refresh_token is None:
        context.cookies = gate.cookies.clear()
    token = refresh_token if refresh_token is not None else context.peer.refresh_cookie
    async with context.database.begin() as session:
        ended = None
        if caller is not None and caller.session_id is not None and refresh_token is None:
            if await sessions.revoke(session, caller.user_id, caller.session_id, actor=context.actor, action="signOut"):
                ended = caller.session_id
        elif token is not None:
            ended = await sessions.sign_out(session, token, device(context), key=gate.refresh_key)
    if ended:
        gate.session_ended(ended)
    return ended is not None


async def change_password(context: Context, *, current: str, new: str) -> int:
    """Change the caller's own password and end their other sessions; how many those were.

    Raises Unauthenticated, Forbidden for API tokens and a wrong current password, ValidationFailed, LimitExceeded.
    """
    caller, gate = person_only(context), context.platform.gate
    passwords.check(new, path=("newPassword",))
    async with context.database.begin() as session:
        known = await accounts.credentials_of(session, caller.user_id)
    if known is None:
        raise Unauthenticated
    try:
        await _verify(context, known, current, account=f"changePassword {caller.user_id}")
    except Unauthenticated as error:
        raise Forbidden("The current password is wrong.", path=("currentPassword",)) from error
    password_hash = await gate.passwords.hash(new)
    async with context.database.begin() as session:
        await accounts.set_password(session, known, password_hash=password_hash, actor=context.actor)
        ended = await sessions.revoke_others(session, caller.user_id, but=caller.session_id)
    for session_id in ended:
        gate.session_ended(session_id)
    return len(ended)


async def update_profile(context: Context, *, name: str) -> Person:
    """Change the caller's own name. Raises Unauthenticated, Forbidden for API tokens, ValidationFailed."""
    caller = person_only(context)
    async with context.database.begin() as session:
        person = await accounts.rename(session, caller.user_id, name, actor=context.actor)
    if person is None:
        raise Unauthenticated
    return person


async def revoke_session(context: Context, session_id: UUID) -> None:
    """End one of the caller's own sessions. Raises Unauthenticated, Forbidden for API tokens, NotFound."""
    caller = person_only(context)
    async with context.database.begin() as session:
        if not await sessions.revoke(session, caller.user_id, session_id, actor=context.actor, action="revokeSession"):
            raise NotFound("There is no such session, or it is over or not yours.", path=("sessionId",))
    context.platform.gate.session_ended(session_id)


def person_only(context: Context) -> Caller:
    """The caller, who must be a person on a device and no program. Raises Unauthenticated, Forbidden."""
    caller = context.signed_in
    if caller.session_id is None:
        raise Forbidden("An API token can't do this: sign in as a person.")
    return caller


def device(context: Context) -> Device:
    """Where the request came from."""
    return Device(ip=context.peer.ip, user_agent=context.peer.user_agent)


def _issue(context: Context, opened: Opened, *, in_cookies: bool) -> Issued:
    access_token, access_expires_at = context.platform.gate.access.make(
        user_id=opened.user_id, session_id=opened.session_id
    )
    if in_cookies:
        assert context.cookies is not None
        context.cookies += context.platform.gate.cookies.set(
            access=access_token,
            access_seconds=LIFETIME,
            refresh=opened.refresh_token,
            refresh_seconds=IDLE_DAYS * 86400,
        )
    return Issued(opened=opened, access_token=access_token, access_expires_at=access_expires_at, in_cookies=in_cookies)


def _check_cookies(context: Context, in_cookies: bool) -> None:
    if in_cookies and (context.cookies is None or not context.peer.same_origin):
        raise Forbidden(
            f"Cookies are set only for pages at {context.settings.public_url} (ZIPPED_PUBLIC_URL), over HTTP. "
            "Programs ask for tokens: delivery BODY.",
            path=("delivery",),
        )


async def _verify(context: Context, known: Credentials | None, password: str, *, account: str) -> None:
    """Raises Unauthenticated in the same words for a wrong password and for nobody, and LimitExceeded."""
    gate, ip = context.platform.gate, context.peer.ip
    gate.attempts.begin(account=account, ip=ip)
    try:
        right = await gate.passwords.verify(known.password_hash if known else None, password)
    except LimitExceeded:
        gate.attempts.withdraw(account=account, ip=ip)
        raise
    if not right:
        raise Unauthenticated(WRONG)
    gate.attempts.succeeded(account=account, ip=ip)
