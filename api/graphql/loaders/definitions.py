"""Loaders of definitions, as text: no list reads one that nobody asks for."""

from uuid import UUID

from strawberry.dataloader import DataLoader

from api.graphql.context import Context
from api.graphql.loaders import by_key
from zipped.services import definitions


def drafts_by_zip_id(context: Context) -> DataLoader[UUID, str | None]:
    """The JSON of each zip's draft."""
    return by_key(context, definitions.drafts)


def definitions_by_version_id(context: Context) -> DataLoader[UUID, str | None]:
    """The JSON of each version's definition."""
    return by_key(context, definitions.published)
