"""Credentials for somewhere else. Their secrets only ever go in: sealed on arrival, opened by a step or a test."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from zipped.catalog import Catalog
from zipped.crypto import SecretBox
from zipped.errors import Conflict, NotFound, ValidationFailed
from zipped.models import Connection
from zipped.services import audit, connection_fields, connection_uses, idempotency, texts
from zipped.services.audit import Actor
from zipped.services.connection_fields import ConnectionChanges
from zipped.services.pages import FIRST, Page, Place, cut
from zipped.services.sealed_connections import kind_of


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
    checked = connection_fields.checked(declared, fields)
    allowed = connection_fields.checked_hosts(declared, hosts)
    # Not the secrets: a hash of a password can be guessed at.
    shown = {field: None if field in declared.secret_fields else value for field, value in checked.items()}
    told = {"name": name, "kind": kind, "fields": shown, "hosts": allowed}
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
        hosts=allowed,
        created_by=actor.user_id,
        **connection_fields.columns(
            declared, checked, box=box, workspace_id=workspace_id, connection_id=reserved.subject_id
        ),
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
    row = await locked(session, workspace_id, connection_id)
    if row.revision != revision:
        raise Conflict.stale("The connection was changed", seen=revision, stored=row.revision)
    values: dict[str, Any] = {}
    if "name" in changes:
        values["name"] = texts.name(changes["name"], path=("name",))
    if "fields" in changes or "hosts" in changes:
        kind = kind_of(row, catalog)
        values |= connection_fields.changed_columns(row, changes, box=box, kind=kind)
        values |= {"tested_at": None, "test_ok": None, "test_message": None}
    if not values:
        return row
    await _told(session, row, actor, "updateConnection", changed=sorted(changes))
    return await write(session, row, revision=Connection.revision + 1, updated_at=func.now(), **values)


async def delete(session: AsyncSession, workspace_id: UUID, connection_id: UUID, *, actor: Actor) -> None:
    """Take it away with its secrets. Raises Conflict, naming the zips, while a draft or a live version uses it."""
    row = await locked(session, workspace_id, connection_id)
    users = await connection_uses.by_connection_ids(session, [workspace_id], [connection_id])
    if zips := users[connection_id]:
        named = ", ".join(f"“{zip.name}”" for zip in zips[:5]) + (f" and {len(zips) - 5} more" if len(zips) > 5 else "")
        raise Conflict(f"It is used by {named}: choose another connection there first.", path=("connectionId",))
    await _told(session, row, actor, "deleteConnection", name=row.name)
    await session.delete(row)
    await session.flush()


def secret_names(row: Connection, *, catalog: Catalog) -> list[str]:
    """The names of the fields that are stored and never shown."""
    kind = catalog.connection_kind(row.kind)
    return sorted(kind.secret_fields) if kind else []


async def locked(session: AsyncSession, workspace_id: UUID, connection_id: UUID) -> Connection:
    """The connection as it is now, held until the transaction's end. Raises NotFound."""
    query = (
        select(Connection)
        .where(Connection.workspace_id == workspace_id, Connection.id == connection_id)
        .with_for_update()
    )
    found = await session.scalar(query, execution_options={"populate_existing": True})
    if found is None:
        raise NotFound("There is no connection by this id in this workspace.", path=("connectionId",))
    return found


async def write(session: AsyncSession, row: Connection, **values: Any) -> Connection:
    """Set columns of a connection that this transaction holds."""
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
