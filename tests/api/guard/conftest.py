"""These tests run on the product's own event loop: its transports close in a way of their own."""

from asyncio import AbstractEventLoop
from collections.abc import Callable, Mapping

import pytest
import uvloop

from api import guard
from tests.api.guard.sending import DEADLINE


def pytest_asyncio_loop_factories() -> Mapping[str, Callable[[], AbstractEventLoop]]:
    """uvloop, as in `api/__main__.py`."""
    return {"uvloop": uvloop.new_event_loop}


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Deadlines that a test can wait for."""
    monkeypatch.setattr(guard, "HEADER_SECONDS", DEADLINE)
    monkeypatch.setattr(guard, "BODY_SECONDS", DEADLINE)
    monkeypatch.setattr(guard, "LINGER_SECONDS", DEADLINE)
