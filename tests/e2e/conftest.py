"""A data folder and a `zipped up` on it, ended with the test."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.up_command import UpCommand
from zipped.embedded.ports import free_port


@pytest.fixture
def folder() -> Iterator[Path]:
    """A data folder that the server's user can walk to, also when root runs the tests."""
    path = Path(tempfile.mkdtemp(prefix="zipped-test-"))
    path.chmod(0o711)
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def up(folder: Path) -> Iterator[UpCommand]:
    command = UpCommand(folder, free_port())
    yield command
    command.close()
