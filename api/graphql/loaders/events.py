"""Loaders of events and their bytes."""

from uuid import UUID

from strawberry.dataloader import DataLoader

from api.graphql.context import Context
from api.graphql.loaders import by_key
from zipped import models
from zipped.services import events


def events_by_id(context: Context) -> DataLoader[UUID, models.Event | None]:
    """Events."""
    return by_key(context, events.by_ids)


def body_by_event_id(context: Context) -> DataLoader[UUID, events.Body | None]:
    """What is kept of an event's bytes."""
    return by_key(context, events.bodies)
