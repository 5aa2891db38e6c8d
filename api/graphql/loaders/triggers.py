"""Loaders of triggers and of what was refused at them."""

from uuid import UUID

from strawberry.dataloader import DataLoader

from api.graphql.context import Context
from api.graphql.loaders import by_key
from zipped import models
from zipped.services import events, triggers


def triggers_by_id(context: Context) -> DataLoader[UUID, models.Trigger | None]:
    """Triggers."""
    return by_key(context, triggers.by_ids)


def triggers_by_zip_id(context: Context) -> DataLoader[UUID, models.Trigger | None]:
    """The trigger of each zip."""
    return by_key(context, triggers.by_zip_ids)


def tallies_by_trigger_id(context: Context) -> DataLoader[UUID, list[events.Tally] | None]:
    """Refusals that were only counted."""
    return by_key(context, events.tallies)
