"""Loaders of zips, their versions, their numbers, and who made them."""

from uuid import UUID

from strawberry.dataloader import DataLoader

from api.graphql.context import Context
from api.graphql.loaders import by_key
from zipped import models
from zipped.services import people, run_stats, versions, zips


def zips_by_id(context: Context) -> DataLoader[UUID, models.Zip | None]:
    """Zips, deleted ones too."""
    return by_key(context, zips.by_ids)


def versions_by_id(context: Context) -> DataLoader[UUID, models.ZipVersion | None]:
    """Published versions."""
    return by_key(context, versions.by_ids)


def stats_by_zip_id(context: Context) -> DataLoader[UUID, run_stats.ZipStats | None]:
    """How a zip's runs of the last day went."""
    return by_key(context, run_stats.by_zip_ids)


def people_by_id(context: Context) -> DataLoader[UUID, people.Colleague | None]:
    """Members of the caller's workspaces."""
    return by_key(context, people.by_ids)
