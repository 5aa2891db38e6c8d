"""Opening a connection: the one place where what is sealed becomes what is used.

It knows no tables, so that a worker, which reads its rows by itself, need not load them.
"""

from collections.abc import Sequence
from typing import Any, Protocol
from uuid import UUID

import orjson

from zipped import ids
from zipped.catalog import Catalog, ConnectionKind, OpenConnection
from zipped.crypto import CannotOpen, SecretBox
from zipped.errors import Conflict
from zipped.services.rows import seal_name


class Sealed(Protocol):
    """A connection as it is stored."""

    @property
    def id(self) -> UUID: ...
    @property
    def workspace_id(self) -> UUID: ...
    @property
    def kind(self) -> str: ...
    @property
    def public(self) -> dict[str, Any]: ...
    @property
    def sealed(self) -> bytes: ...
    @property
    def hosts(self) -> Sequence[str]: ...


def kind_of(row: Sealed, catalog: Catalog) -> ConnectionKind:
    """The declaration of its kind. Raises Conflict when this release has none."""
    kind = catalog.connection_kind(row.kind)
    if kind is None:
        raise Conflict(f"This release knows no connection kind called “{row.kind}”.", path=("connectionId",))
    return kind


def opened(row: Sealed, *, box: SecretBox, catalog: Catalog) -> OpenConnection:
    """The connection with its secrets in the clear, for what is about to use it.

    Raises Conflict when it was sealed with another ZIPPED_SECRET_KEY, and when this release does not know its kind.
    """
    kind = kind_of(row, catalog)
    try:
        secrets = secrets_of(row, box)
    except CannotOpen as error:
        raise Conflict(
            "Its secret can't be opened, for it was sealed with another ZIPPED_SECRET_KEY: enter it again.",
            path=("connectionId",),
        ) from error
    return kind.open({**row.public, **secrets}, id=ids.encode("con", row.id), hosts=row.hosts)


def secrets_of(row: Sealed, box: SecretBox) -> dict[str, Any]:
    """Its secret fields by name. Raises CannotOpen."""
    secrets: dict[str, Any] = orjson.loads(box.open(row.sealed, aad=seal_name(row.workspace_id, row.id)))
    return secrets
