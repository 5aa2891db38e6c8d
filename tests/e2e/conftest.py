"""A data folder and a `zipped up` on it, ended with the test."""

import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.up_command import UpCommand

PORTS = itertools.cycle(range(0, 1000, 10))


def own_port() -> int:
    """A port with some above it that no other `up` looks for: each process of pytest has its own, and each command too.

    Below those that the kernel hands out: what was free when it was chosen is free when it is taken.
    """
    process = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    return 20_000 + 1000 * process + next(PORTS)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A data folder that the server's user can walk to, also when root runs the tests."""
    path = Path(tempfile.mkdtemp(prefix="zipped-test-"))
    path.chmod(0o711)
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def up(folder: Path) -> Iterator[UpCommand]:
    command = UpCommand(folder, own_port())
    yield command
    command.close()
