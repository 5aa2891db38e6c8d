"""Signed-in devices, and the refresh tokens that keep them signed in.

A session is a family of refresh tokens of which one is good. Showing it gets the next one, which is derived from it
(HMAC), so that whoever shows the same token twice within the grace, two tabs or a lost answer, gets the same next
one and nobody is signed out. Shown later it was stolen, or the thief came first: the whole family ends (RFC 9700
4.14.2). Each token carries a mark only we can make, so that any token we ever gave out is known as ours, and nobody
can end a session by making one up.

These functions run as the login role.
"""

import base64
import binascii
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncSession

from zipped.crypto import hash_token, sign
from zipped.services import audit
from zipped.services.audit import Actor
from zipped.services.pages import Page, Place, cut
from zipped.services.rows import new_id

GRACE = 20  # seconds in which a token's successor may be asked for again
IDLE_DAYS = 30  # a session not refreshed that long is over
LONGEST_DAYS = 180  # a session is over then, however used
PREFIX = "zrt_"
MAX_USER_AGENT = 300  # characters

INSERT = text(
    f"""
    insert into session (id, user_id, refresh_hash, expires_at, user_agent, ip)
    values (:id, :user_id, :refresh_hash, now() + interval '{IDLE_DAYS} days', :user_agent, :ip)
    """
)

LOCK = text(
    """
    select id, user_id, refresh_hash, previous_hash,
           revoked_at is null and expires_at > now() as alive,
           extract(epoch from clock_timestamp() - rotated_at) as seconds_since
    from session where id = :id for no key update
    """
)

ROTATE = text(
    f"""
    update session set previous_hash = refresh_hash, refresh_hash = :next_hash, rotated_at = clock_timestamp(),
        last_seen_at = clock_timestamp(), ip = :ip, user_agent = :user_agent,
        expires_at = least(now() + interval '{IDLE_DAYS} days', created_at + interval '{LONGEST_DAYS} days')
    where id = :id
    """
)

REVOKE = text(
    """
    update session set revoked_at = now()
    where user_id = :user_id and revoked_at is null
      and (cast(:id as uuid) is null or id = :id) and id is distinct from cast(:but as uuid)
    returning id
    """
)

LIST = text(
    """
    select id, created_at, last_seen_at, expires_at, user_agent, ip from session
    where user_id = :user_id and revoked_at is null and expires_at > now()
      and (cast(:after as uuid) is null or id < :after) and (cast(:before as uuid) is null or id > :before)
    order by id desc limit :limit
    """
)

CURRENT = text(
    """
    select s.user_id, array_agg(m.workspace_id) filter (where m.workspace_id is not null) as workspaces,
           array_agg(m.role) filter (where m.workspace_id is not null) as roles
    from session s left join membership m on m.user_id = s.user_id
    where s.id = :id and s.user_id = :user_id and s.revoked_at is null and s.expires_at > now()
    group by s.user_id
    """
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """Where a session was opened or is used."""

    ip: str
    user_agent: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRow:
    """A session as its owner sees it."""

    id: UUID
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    user_agent: str
    ip: str

    @classmethod
    def of(cls, row: RowMapping) -> "SessionRow":
        """From a row of LIST."""
        return cls(**row)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A session and the refresh token that is good now."""

    session_id: UUID
    user_id: UUID
    refresh_token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """The token is not good; a value and not an error, for what it caused must be committed."""

    reason: Literal["unknown", "over", "reused"]
    session_id: UUID | None = None


async def open_session(session: AsyncSession, user_id: UUID, device: Device, *, key: bytes) -> Opened:
    """Sign a person in. `key` is for refresh tokens alone."""
    session_id = await new_id(session)
    token = _write(key, session_id, secrets.token_bytes(32))
    values = {"id": session_id, "user_id": user_id, "refresh_hash": hash_token(token), **_seen(device)}
    await session.execute(INSERT, values)
    actor = Actor(user_id=user_id, ip=device.ip)
    await audit.record(session, actor, "signIn", workspace_id=None, subject_id=session_id)
    return Opened(session_id=session_id, user_id=user_id, refresh_token=token)


async def refresh(session: AsyncSession, token: str, device: Device, *, key: bytes) -> Opened | Refused:
    """The next refresh token for this one. A token used before ends its session."""
    read = _read(key, token)
    if read is None:
        return Refused(reason="unknown")
    session_id, secret = read
    row = (await session.execute(LOCK, {"id": session_id})).one_or_none()
    if row is None or not row.alive:
        return Refused(reason="over", session_id=session_id)
    following = _write(key, session_id, sign(key, b"next:" + session_id.bytes + secret))
    shown, following_hash = hash_token(token), hash_token(following)
    opened = Opened(session_id=session_id, user_id=row.user_id, refresh_token=following)
    if hmac.compare_digest(shown, row.refresh_hash):
        await session.execute(ROTATE, {"id": session_id, "next_hash": following_hash, **_seen(device)})
        return opened
    again = row.previous_hash is not None and hmac.compare_digest(shown, row.previous_hash)
    if again and row.seconds_since <= GRACE:
        return opened
    await revoke(
        session, row.user_id, session_id, actor=Actor(user_id=row.user_id, ip=device.ip), action="endSessionForReuse"
    )
    return Refused(reason="reused", session_id=session_id)


async def sign_out(session: AsyncSession, token: str, device: Device, *, key: bytes) -> UUID | None:
    """End the session of a refresh token, also one that was replaced. The ended session's id, if any."""
    read = _read(key, token)
    row = (await session.execute(LOCK, {"id": read[0]})).one_or_none() if read else None
    if row is None:
        return None
    actor = Actor(user_id=row.user_id, ip=device.ip)
    ended = await revoke(session, row.user_id, row.id, actor=actor, action="signOut")
    return row.id if ended else None


async def revoke(session: AsyncSession, user_id: UUID, session_id: UUID, *, actor: Actor, action: str) -> bool:
    """End one session of a person; False when there was none alive by this id."""
    ended = (await session.execute(REVOKE, {"user_id": user_id, "id": session_id, "but": None})).all()
    if ended:
        await audit.record(session, actor, action, workspace_id=None, subject_id=session_id)
    return bool(ended)


async def revoke_others(session: AsyncSession, user_id: UUID, *, but: UUID | None) -> list[UUID]:
    """End all sessions of a person except one; their ids. Part of another action, which the audit names."""
    result = await session.execute(REVOKE, {"user_id": user_id, "id": None, "but": but})
    return [row.id for row in result]


async def page(session: AsyncSession, user_id: UUID, *, place: Place) -> Page[SessionRow]:
    """A person's sessions that are not over, newest first."""
    rows = (await session.execute(LIST, {"user_id": user_id, **place.values()})).mappings()
    return cut([SessionRow.of(row) for row in rows], place)


async def current_memberships(session: AsyncSession, session_id: UUID, user_id: UUID) -> dict[UUID, str] | None:
    """Role by workspace of a session's person; None when the session is over."""
    row = (await session.execute(CURRENT, {"id": session_id, "user_id": user_id})).one_or_none()
    return None if row is None else dict(zip(row.workspaces or (), row.roles or (), strict=True))


def _seen(device: Device) -> dict[str, str]:
    return {"ip": device.ip, "user_agent": device.user_agent[:MAX_USER_AGENT]}


def _write(key: bytes, session_id: UUID, secret: bytes) -> str:
    body = session_id.bytes + secret
    mark = sign(key, b"mark:" + body)[:16]
    return PREFIX + base64.urlsafe_b64encode(body + mark).decode().rstrip("=")


def _read(key: bytes, token: str) -> tuple[UUID, bytes] | None:
    """Session and secret of a token that we gave out; None for any other text."""
    if not token.startswith(PREFIX) or len(token) != 90:
        return None
    try:
        raw = base64.b64decode(token[len(PREFIX) :] + "==", altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    body, mark = raw[:48], raw[48:]
    # Written anew it must be the same text: several texts decode to the same bytes.
    if not hmac.compare_digest(sign(key, b"mark:" + body)[:16], mark):
        return None
    session_id, secret = UUID(bytes=body[:16]), body[16:]
    return (session_id, secret) if _write(key, session_id, secret) == token else None
