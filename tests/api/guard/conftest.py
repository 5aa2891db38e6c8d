"""These tests run on the product's own event loop: its transports close in a way of their own."""

from asyncio import AbstractEventLoop
from collections.abc import Callable, Mapping

import uvloop


def pytest_asyncio_loop_factories() -> Mapping[str, Callable[[], AbstractEventLoop]]:
    """uvloop, as in `api/__main__.py`."""
    return {"uvloop": uvloop.new_event_loop}
