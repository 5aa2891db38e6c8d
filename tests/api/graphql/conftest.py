"""An api whose steps may call a real receiver."""

from collections.abc import AsyncIterator

import pytest

from tests.fixtures.graphql import Api, StartApi
from tests.integration.connectors.conftest import Receiver, serving


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """An HTTP server that remembers what came."""
    async with serving() as receiver:
        yield receiver


@pytest.fixture
async def near(start_api: StartApi, receiver: Receiver) -> Api:
    """An api whose steps may call the receiver."""
    return await start_api(signup="open", outbound_allow=frozenset({("127.0.0.1", receiver.port)}))
