"""Loaders of runs and of what their steps did."""

from uuid import UUID

from strawberry.dataloader import DataLoader

from api.graphql.context import Context
from api.graphql.loaders import by_key
from zipped import models
from zipped.services import runs, step_attempts


def runs_by_id(context: Context) -> DataLoader[UUID, models.ZipRun | None]:
    """Runs."""
    return by_key(context, runs.by_ids)


def runs_by_zip_id(context: Context) -> DataLoader[UUID, list[models.ZipRun] | None]:
    """The newest runs of each zip."""
    return by_key(context, runs.latest_by_zip)


def steps_by_run_id(context: Context) -> DataLoader[UUID, list[step_attempts.Attempt] | None]:
    """The tries of each run, without their payloads."""
    return by_key(context, step_attempts.by_run_ids)


def payload_by_step(context: Context) -> DataLoader[step_attempts.Key, step_attempts.Payload | None]:
    """What went into a try and came out."""
    return by_key(context, step_attempts.payloads)
