"""Loaders of what trying steps showed."""

from uuid import UUID

from strawberry.dataloader import DataLoader

from api.graphql.context import Context
from api.graphql.loaders import by_key
from zipped.services import step_tests


def step_tests_by_zip_id(context: Context) -> DataLoader[UUID, list[step_tests.Tested] | None]:
    """The remembered tests of each zip's draft, without their contents."""
    return by_key(context, step_tests.by_zip_ids)


def contents_by_step_test_id(context: Context) -> DataLoader[UUID, step_tests.Contents | None]:
    """What went in, came out and was sent."""
    return by_key(context, step_tests.contents)
