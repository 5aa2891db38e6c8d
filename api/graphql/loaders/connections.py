"""Loaders of connections and of where they are used."""

from uuid import UUID

from strawberry.dataloader import DataLoader

from api.graphql.context import Context
from api.graphql.loaders import by_key
from zipped import models
from zipped.services import connection_uses, connections


def connections_by_id(context: Context) -> DataLoader[UUID, models.Connection | None]:
    """Connections, their secrets sealed."""
    return by_key(context, connections.by_ids)


def uses_by_connection_id(context: Context) -> DataLoader[UUID, list[connection_uses.Use] | None]:
    """The zips that use each connection."""
    return by_key(context, connection_uses.by_connection_ids)
