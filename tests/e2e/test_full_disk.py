"""A disk without room is one line, and nothing is left running. The disk is a real one: a small tmpfs of the test."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.e2e.up_command import UpCommand, all_gone

#: Without rights of its own a user may mount within a namespace that maps it to root.
NAMESPACES = (("unshare", "--mount"), ("unshare", "--mount", "--user", "--map-root-user"))
MOUNT = 'mount -t tmpfs -o size="$0",mode=711 tmpfs "$1" && shift && exec "$@"'


def on_a_disk_of(size: str, folder: Path) -> tuple[str, ...]:
    """The words before a command that see `folder` as a disk of this size; it is gone with the command."""
    for namespace in NAMESPACES:
        words = (*namespace, "sh", "-c", MOUNT, size, str(folder))
        try:
            if subprocess.run([*words, "true"], capture_output=True, check=False).returncode == 0:
                return words
        except FileNotFoundError:
            break
    pytest.skip("no disk can be mounted here")


def test_a_disk_without_room_is_one_line_and_nothing_is_started(up: UpCommand, folder: Path) -> None:
    up.wrapper = on_a_disk_of("32m", folder)

    up.spawn()
    assert up.process is not None
    code = up.process.wait(30)

    assert code == 1
    said = up.wait_for("zipped: ")
    assert re.fullmatch(rf"zipped: The disk of {folder} is full: 3\d MB free, 64 MB needed\n", said)
    assert len(up.lines) == 1


def test_a_disk_without_room_for_a_database_is_one_line_and_all_is_stopped(up: UpCommand, folder: Path) -> None:
    up.wrapper = on_a_disk_of("120m", folder)

    up.spawn()
    up.wait_for("Starting PostgreSQL")
    family = up.family()
    assert up.process is not None
    code = up.process.wait(60)

    assert code == 1
    said = up.wait_for("zipped: ")
    assert re.fullmatch(rf"zipped: The disk of {folder}/postgres is full: 1\d\d MB free, 200 MB needed\n", said)
    assert len([line for line in up.lines if not line.startswith(("Starting ", "Stopping "))]) == 1
    assert all_gone(family)
