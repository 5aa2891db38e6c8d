"""People: signing up, their passwords, and who they are.

These functions run as the login role: a person belongs to no workspace. Hashing is done before they are called, so
that no connection waits for it.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncSession

from zipped import passwords
from zipped.errors import Conflict, Forbidden, Problem, ValidationFailed
from zipped.services import audit, texts, workspaces
from zipped.services.audit import Actor

MAX_EMAIL = 254  # characters, RFC 5321
MAX_NAME = 100  # characters

FIND = text('select id, name, email, owns_instance, created_at from "user" where id = :id')
OWNER = text('select id, name, email, owns_instance, created_at from "user" where owns_instance')

# Held until the transaction ends: a password that is being changed at this moment ends the session that is opened.
STILL = text(
    """
    select id, name, email, owns_instance, created_at from "user"
    where id = :id and password_hash = :password_hash for share
    """
)

CREDENTIALS = text('select id, password_hash from "user" where email_key = :email_key')

CREDENTIALS_BY_ID = text('select id, password_hash from "user" where id = :id')

ANY = text('select exists (select from "user")')

# At most one row has owns_instance, so of two first accounts made at once the second fails on that index.
INSERT = text(
    """
    insert into "user" (email, email_key, name, password_hash, owns_instance)
    values (:email, :email_key, :name, :password_hash, :owns_instance)
    on conflict do nothing
    returning id, name, email, owns_instance, created_at
    """
)

SET_PASSWORD = text(
    """
    update "user" set password_hash = :password_hash, password_changed_at = now()
    where id = :id and password_hash = :known_hash returning id
    """
)

RENAME = text('update "user" set name = :name where id = :id returning id, name, email, owns_instance, created_at')


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who can sign in."""

    id: UUID
    name: str
    email: str
    owns_instance: bool
    created_at: datetime

    @classmethod
    def of(cls, row: RowMapping) -> "Person":
        """From a row of FIND."""
        return cls(**row)


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What a password is verified against."""

    user_id: UUID
    password_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAccount:
    """What a person gives to sign up, checked and cleaned."""

    email: str
    email_key: str
    name: str

    @classmethod
    def checked(cls, *, email: str, password: str, name: str) -> "NewAccount":
        """Raises ValidationFailed with everything that is wrong."""
        problems: list[Problem] = []
        try:
            email = clean_email(email)
        except ValidationFailed as error:
            problems += error.problems
        try:
            passwords.check(password)
        except ValidationFailed as error:
            problems += error.problems
        try:
            name = texts.name(name, path=("name",), longest=MAX_NAME)
        except ValidationFailed as error:
            problems += error.problems
        if problems:
            raise ValidationFailed(problems)
        return cls(email=email, email_key=email_key(email), name=name)


def email_key(email: str) -> str:
    """What is compared: trimmed, NFKC, case-folded; of more than an address can have, the beginning.

    Sorting the accents of one letter takes the square of their number: 128,000 in a stranger's sign-in held the loop
    for 26 s.
    """
    beginning = email.strip()[: MAX_EMAIL + 1]
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", beginning).casefold())


def clean_email(email: str, *, path: tuple[str, ...] = ("email",)) -> str:
    """The address, trimmed. Raises ValidationFailed when it can't be one."""
    address = email.strip()
    local, at, domain = address.rpartition("@")
    fine = (
        len(address) <= MAX_EMAIL
        and at
        and 1 <= len(local) <= 64
        and "." not in (local[:1], local[-1:], domain[:1], domain[-1:])
        and re.fullmatch(r"[^\s@<>()\[\]\\,;:\"\x00-\x1f\x7f]+", local)
        and re.fullmatch(r"[^\W_]([\w-]*\w)?(\.[\w-]*\w)*", domain)
        and address.isprintable()
    )
    if not fine:
        raise ValidationFailed.of(
            "That is no e-mail address.", path=path, code="invalid_email", fix="Write it like ada@example.com."
        )
    return address


async def find(session: AsyncSession, user_id: UUID) -> Person | None:
    """A person by id."""
    row = (await session.execute(FIND, {"id": user_id})).mappings().one_or_none()
    return Person.of(row) if row else None


async def owner(session: AsyncSession) -> Person | None:
    """Whose instance this is; None while nobody has signed up."""
    row = (await session.execute(OWNER)).mappings().one_or_none()
    return Person.of(row) if row else None


async def still(session: AsyncSession, known: Credentials) -> Person | None:
    """The person whose password was verified, unless it was changed meanwhile."""
    values = {"id": known.user_id, "password_hash": known.password_hash}
    row = (await session.execute(STILL, values)).mappings().one_or_none()
    return Person.of(row) if row else None


async def credentials(session: AsyncSession, email: str) -> Credentials | None:
    """What to verify a password against."""
    row = (await session.execute(CREDENTIALS, {"email_key": email_key(email)})).one_or_none()
    return Credentials(user_id=row.id, password_hash=row.password_hash) if row else None


async def credentials_of(session: AsyncSession, user_id: UUID) -> Credentials | None:
    """The same for somebody who is signed in."""
    row = (await session.execute(CREDENTIALS_BY_ID, {"id": user_id})).one_or_none()
    return Credentials(user_id=row.id, password_hash=row.password_hash) if row else None


async def any_exists(session: AsyncSession) -> bool:
    """Whether anybody has signed up yet."""
    return bool(await session.scalar(ANY))


async def check_open(session: AsyncSession, *, open_to_all: bool) -> bool:
    """Whether who signs up now is the first. Raises Forbidden while sign-up is closed."""
    first = not await session.scalar(ANY)
    if not first and not open_to_all:
        raise Forbidden(
            "Sign-up is closed here: ask whoever runs this Zipped for an account. "
            "(They can open it to everybody with ZIPPED_SIGNUP=open.)"
        )
    return first


async def sign_up(
    session: AsyncSession, account: NewAccount, *, password_hash: str, open_to_all: bool, ip: str = ""
) -> Person:
    """Make a person and their own workspace; the first one owns the instance.

    Raises Forbidden while sign-up is closed, Conflict when the address is taken.
    """
    first = await check_open(session, open_to_all=open_to_all)
    values = {
        "email": account.email,
        "email_key": account.email_key,
        "name": account.name,
        "password_hash": password_hash,
        "owns_instance": first,
    }
    row = (await session.execute(INSERT, values)).mappings().one_or_none()
    if row is None and first:
        # Somebody else was first at the same moment; the instance is theirs.
        if not open_to_all:
            raise Forbidden("Sign-up is closed here: the first account has just been made.")
        row = (await session.execute(INSERT, {**values, "owns_instance": False})).mappings().one_or_none()
    if row is None:
        raise Conflict("There is an account with this e-mail address already: sign in instead.", path=("email",))
    person = Person.of(row)
    workspace_id = await workspaces.create_personal(session, person.id, name=f"{account.name}'s workspace")
    await audit.record(
        session, Actor(user_id=person.id, ip=ip), "signUp", workspace_id=workspace_id, subject_id=person.id
    )
    return person


async def create_first_account(session: AsyncSession, email: str, password: str, name: str) -> Person:
    """The account that owns a new instance; for commands, since it hashes on the calling thread.

    Raises ValidationFailed, and Forbidden when there is an account already.
    """
    account = NewAccount.checked(email=email, password=password, name=name)
    return await sign_up(session, account, password_hash=passwords.hash_now(password), open_to_all=False)


async def set_password(session: AsyncSession, known: Credentials, *, password_hash: str, actor: Actor) -> None:
    """Change a person's password. Raises Conflict when it has changed since `known` was read."""
    values = {"id": known.user_id, "known_hash": known.password_hash, "password_hash": password_hash}
    if (await session.execute(SET_PASSWORD, values)).one_or_none() is None:
        raise Conflict("The password was changed at the same moment: sign in with the new one.")
    await audit.record(session, actor, "changePassword", workspace_id=None, subject_id=known.user_id)


async def rename(session: AsyncSession, user_id: UUID, name: str, *, actor: Actor) -> Person | None:
    """Change what a person is called; None when there is nobody. Raises ValidationFailed."""
    name = texts.name(name, path=("name",), longest=MAX_NAME)
    row = (await session.execute(RENAME, {"id": user_id, "name": name})).mappings().one_or_none()
    if row is not None:
        await audit.record(session, actor, "updateProfile", workspace_id=None, subject_id=user_id)
    return Person.of(row) if row else None
