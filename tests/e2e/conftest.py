"""A `zipped up` on a data folder, ended with the test, or with the file's last one."""

import itertools
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.up_command import UpCommand
from tests.fixtures.folder import open_folder

PORTS = itertools.cycle(range(0, 1000, 10))


def own_port() -> int:
    """A port with some above it that no other `up` looks for: each process of pytest has its own, and each command too.

    Below those that the kernel hands out: what was free when it was chosen is free when it is taken.
    """
    process = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    return 20_000 + 1000 * process + next(PORTS)


@pytest.fixture
def up(folder: Path) -> Iterator[UpCommand]:
    """One that the test starts and ends as it likes."""
    command = UpCommand(folder, own_port())
    yield command
    command.close()


@pytest.fixture(scope="module")
def running() -> Iterator[UpCommand]:
    """One that has just had its first start, for tests that leave it as it is."""
    with open_folder() as folder:
        command = UpCommand(folder, own_port())
        try:
            command.start()
            yield command
        finally:
            command.close()
