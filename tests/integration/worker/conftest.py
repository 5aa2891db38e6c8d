"""The workers of these tests have a broker to themselves."""

from collections.abc import Iterator

import pytest

from tests.fixtures.broker import running_broker
from zipped.embedded.broker import EmbeddedBroker


@pytest.fixture(scope="package")
def broker() -> Iterator[EmbeddedBroker]:
    """Without the thousands of doorbells that the tests of the relay leave behind, which a worker hears first."""
    yield from running_broker()
