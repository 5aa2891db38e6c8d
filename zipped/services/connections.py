"""Credentials for somewhere else. Their secret fields only ever go in: sealed on arrival, opened by a step or a test.

Whoever may edit a connection must not be able to read it through a detour: a secret that is stored can't be sent to a
new place. Adding a host, or changing a plain field of a kind whose fields name the place (a mail server), therefore
asks for the secret again.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypedDict
from uuid import UUID

import orjson
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from zipped import ids
from zipped.catalog import Catalog, ConnectionKind, ConnectionTest, OpenConnection, validate_fields
from zipped.crypto import SecretBox
from zipped.engine.problem import Problem
from zipped.errors import Conflict, NotFound, ValidationFailed
from zipped.models import Connection
from zipped.services import audit, connection_uses, idempotency, texts
from zipped.services.audit import Actor
from zipped.services.pages import FIRST, Page, Place, cut
from zipped.services.rows import seal_name

MAX_FIELDS: Final = 64 * 1024  # bytes of JSON
MAX_HOSTS: Final = 50
MAX_MESSAGE: Final = 1000  # characters of what a test told

#: A name or an address, "*." before a name for what is below it, ":port" behind.
HOST: Final = re.compile(
    r"(\*\.)?([A-Za-z0-9_-]{1,63}\.)*[A-Za-z0-9_-]{1,63}\.?(:\d{1,5})?|\[[0-9A-Fa-f:.]+\](:\d{1,5})?"
)


class ConnectionChanges(TypedDict, total=False):
    """What an update changes; what is left out stays as it is."""

    name: str
    #: Those to change, by name; None takes a field away. What isn't named is kept, secrets too.
    fields: Mapping[str, Any]
    hosts: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionFilter:
    """Which connections of a workspace; everything left out lets all pass."""

    kinds: tuple[str, ...] = ()
    #: A part of the name, in any case.
    search: str | None = None


async def create(
    session: AsyncSession,
    workspace_id: UUID,
    *,
    actor: Actor,
    name: str,
    kind: str,
    fields: object,
    hosts: Collection[str] = (),
    box: SecretBox,
    catalog: Catalog,
    idempotency_key: str | None = None,
) -> Connection:
    """A new connection. Raises ValidationFailed with every problem of its fields and hosts."""
    declared = catalog.connection_kind(kind)
    if declared is None:
        known = ", ".join(one.key for app in catalog for one in app.connection_kinds)
        raise ValidationFailed.of(
            f"There is no connection kind called “{kind[:100]}”.",
            path=("kind",),
            code="unknown_kind",
            fix=f"Choose one of: {known}.",
        )
    name = texts.name(name, path=("name",))
    checked = _checked(declared, fields)
    allowed = _hosts(declared, hosts)
    # Not the secrets: a hash of a password can be guessed at.
    told = {"name": name, "kind": kind, "fields": _public(declared, checked), "hosts": allowed}
    reserved = await idempotency.reserve(
        session, workspace_id, action="createConnection", key=idempotency_key, input=told
    )
    if not reserved.fresh:
        return await get(session, workspace_id, reserved.subject_id)
    made = Connection(
        id=reserved.subject_id,
        workspace_id=workspace_id,
        name=name,
        kind=kind,
        public=_public(declared, checked),
        sealed=_seal(declared, checked, box, workspace_id, reserved.subject_id),
        key_id=box.key_id,
        hosts=allowed,
        created_by=actor.user_id,
    )
    session.add(made)
    await session.flush()
    await _told(session, made, actor, "createConnection", kind=kind)
    return made


async def get(session: AsyncSession, workspace_id: UUID, connection_id: UUID) -> Connection:
    """The connection, its secrets sealed. Raises NotFound."""
    found = (await by_ids(session, [workspace_id], [connection_id])).get(connection_id)
    if found is None:
        raise NotFound("There is no connection by this id in this workspace.", path=("connectionId",))
    return found


async def by_ids(
    session: AsyncSession, workspace_ids: Collection[UUID], wanted: Collection[UUID]
) -> dict[UUID, Connection]:
    """Those of the wanted connections that these workspaces have."""
    query = select(Connection).where(Connection.workspace_id.in_(workspace_ids), Connection.id.in_(wanted))
    return {row.id: row for row in await session.scalars(query)}


async def page(
    session: AsyncSession, workspace_id: UUID, *, filter: ConnectionFilter | None = None, place: Place = FIRST
) -> Page[Connection]:
    """Connections, newest first."""
    wanted = filter or ConnectionFilter()
    query = select(Connection).where(Connection.workspace_id == workspace_id)
    if wanted.kinds:
        query = query.where(Connection.kind.in_(wanted.kinds))
    if wanted.search:
        part = texts.note(wanted.search, path=("filter", "search"))
        query = query.where(Connection.name.icontains(part, autoescape=True))
    return cut((await session.scalars(place.of(query, Connection.id))).all(), place)


async def save(
    session: AsyncSession,
    workspace_id: UUID,
    connection_id: UUID,
    *,
    actor: Actor,
    revision: int,
    changes: ConnectionChanges,
    box: SecretBox,
    catalog: Catalog,
) -> Connection:
    """Change what is named; steps that run from now on use it. What the last test showed is forgotten.

    Raises Conflict for a stale revision, ValidationFailed, also for a secret that is missing because the connection
    would send the stored one to a new place.
    """
    row = await _locked(session, workspace_id, connection_id)
    if row.revision != revision:
        raise Conflict(
            f"The connection was changed since you loaded it: you have revision {revision}, it is at {row.revision}.",
            path=("revision",),
            revision=row.revision,
        )
    values: dict[str, Any] = {}
    if "name" in changes:
        values["name"] = texts.name(changes["name"], path=("name",))
    if "fields" in changes or "hosts" in changes:
        values |= _credentials(row, changes, box=box, kind=_kind(row, catalog))
    if not values:
        return row
    await _told(session, row, actor, "updateConnection", changed=sorted(changes))
    return await _write(session, row, revision=Connection.revision + 1, updated_at=func.now(), **values)


async def delete(session: AsyncSession, workspace_id: UUID, connection_id: UUID, *, actor: Actor) -> None:
    """Take it away with its secrets. Raises Conflict, naming the zips, while a draft or a live version uses it."""
    row = await _locked(session, workspace_id, connection_id)
    users = await connection_uses.by_connection_ids(session, [workspace_id], [connection_id])
    if zips := users[connection_id]:
        named = ", ".join(f"“{zip.name}”" for zip in zips[:5]) + (f" and {len(zips) - 5} more" if len(zips) > 5 else "")
        raise Conflict(f"It is used by {named}: choose another connection there first.", path=("connectionId",))
    await _told(session, row, actor, "deleteConnection", name=row.name)
    await session.delete(row)
    await session.flush()


def opened(row: Connection, *, box: SecretBox, catalog: Catalog) -> OpenConnection:
    """The connection with its secrets in the clear, for a step or a test that is about to use it.

    Raises CannotOpen when it was sealed with another ZIPPED_SECRET_KEY.
    """
    secrets = orjson.loads(box.open(row.sealed, aad=seal_name(row.workspace_id, row.id)))
    kind = _kind(row, catalog)
    return kind.open({**row.public, **secrets}, id=ids.encode("con", row.id), hosts=row.hosts)


async def record_test(
    session: AsyncSession, workspace_id: UUID, connection_id: UUID, *, revision: int, shown: ConnectionTest
) -> Connection:
    """Note what a test of this revision showed; if the connection was changed meanwhile, nothing is noted."""
    row = await _locked(session, workspace_id, connection_id)
    if row.revision != revision:
        return row
    message = texts.storable(shown.message)[:MAX_MESSAGE]
    return await _write(session, row, tested_at=func.now(), test_ok=shown.ok, test_message=message)


def secret_names(row: Connection, *, catalog: Catalog) -> list[str]:
    """The names of the fields that are stored and never shown."""
    kind = catalog.connection_kind(row.kind)
    return sorted(kind.secret_fields) if kind else []


def _credentials(
    row: Connection, changes: ConnectionChanges, *, box: SecretBox, kind: ConnectionKind
) -> dict[str, Any]:
    given = changes.get("fields", {})
    texts.json_bytes(given, path=("fields",), max_bytes=MAX_FIELDS, max_depth=8)
    if not isinstance(given, Mapping):
        raise ValidationFailed.of("The fields are an object.", path=("fields",), code="wrong_type")
    secrets = orjson.loads(box.open(row.sealed, aad=seal_name(row.workspace_id, row.id)))
    hosts = _hosts(kind, changes["hosts"]) if "hosts" in changes else list(row.hosts)
    merged = {name: value for name, value in {**row.public, **secrets, **given}.items() if value is not None}
    checked = _checked(kind, merged)
    public = _public(kind, checked)
    moved = set(hosts) - set(row.hosts) if kind.binds_hosts else public != row.public
    kept = [name for name in sorted(secrets) if name not in given]
    if moved and kept:
        raise ValidationFailed(
            [
                Problem(
                    path=("fields", name),
                    code="required",
                    message="The stored secret would be sent to a new place.",
                    fix="Enter it again.",
                )
                for name in kept
            ]
        )
    sealed = _seal(kind, checked, box, row.workspace_id, row.id)
    forgotten = {"tested_at": None, "test_ok": None, "test_message": None}
    return {"public": public, "sealed": sealed, "key_id": box.key_id, "hosts": hosts, **forgotten}


def _checked(kind: ConnectionKind, fields: object) -> dict[str, Any]:
    texts.json_bytes(fields, path=("fields",), max_bytes=MAX_FIELDS, max_depth=8)
    problems = validate_fields(kind, fields)
    if problems:
        raise ValidationFailed(
            [Problem(path=("fields", *one.path), code=one.code, message=one.message, fix=one.fix) for one in problems]
        )
    assert isinstance(fields, dict)  # every kind's schema asks for an object
    return fields


def _public(kind: ConnectionKind, fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if name not in kind.secret_fields}


def _seal(
    kind: ConnectionKind, fields: Mapping[str, Any], box: SecretBox, workspace_id: UUID, connection_id: UUID
) -> bytes:
    secrets = {name: value for name, value in fields.items() if name in kind.secret_fields}
    return box.seal(orjson.dumps(secrets), aad=seal_name(workspace_id, connection_id))


def _hosts(kind: ConnectionKind, hosts: Collection[str]) -> list[str]:
    if not kind.binds_hosts:
        if hosts:
            raise ValidationFailed.of(
                f"{kind.title} is bound to no other hosts than its own.",
                path=("hosts",),
                code="not_allowed",
                fix="Leave them out.",
            )
        return []
    if not 1 <= len(hosts) <= MAX_HOSTS:
        raise ValidationFailed.of(
            f"Name 1 to {MAX_HOSTS} hosts that may be sent this secret.",
            path=("hosts",),
            code="required",
            fix="Enter the name of the other side, for example api.example.com.",
        )
    problems = [
        Problem(
            path=("hosts", str(index)),
            code="not_a_host",
            message="That is no host.",
            fix="Enter a name like api.example.com, *.example.com or api.example.com:8443, without https://.",
        )
        for index, host in enumerate(hosts)
        if len(host) > 260 or not HOST.fullmatch(host)
    ]
    if problems:
        raise ValidationFailed(problems)
    return list(dict.fromkeys(host.lower() for host in hosts))


def _kind(row: Connection, catalog: Catalog) -> ConnectionKind:
    kind = catalog.connection_kind(row.kind)
    if kind is None:
        raise Conflict(f"This release knows no connection kind called “{row.kind}”.", path=("connectionId",))
    return kind


async def _locked(session: AsyncSession, workspace_id: UUID, connection_id: UUID) -> Connection:
    query = (
        select(Connection)
        .where(Connection.workspace_id == workspace_id, Connection.id == connection_id)
        .with_for_update()
    )
    found = await session.scalar(query, execution_options={"populate_existing": True})
    if found is None:
        raise NotFound("There is no connection by this id in this workspace.", path=("connectionId",))
    return found


async def _write(session: AsyncSession, row: Connection, **values: Any) -> Connection:
    changed = await session.scalars(
        update(Connection)
        .where(Connection.workspace_id == row.workspace_id, Connection.id == row.id)
        .values(**values)
        .returning(Connection),
        execution_options={"populate_existing": True},
    )
    return changed.one()


async def _told(session: AsyncSession, row: Connection, actor: Actor, action: str, **detail: object) -> None:
    await audit.record(session, actor, action, workspace_id=row.workspace_id, subject_id=row.id, detail=detail)
