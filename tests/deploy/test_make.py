"""`make up` where Node is missing or too old: one line that says so and what to do, and nothing is started."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.deploy.stand_ins import stand_ins

ROOT = Path(__file__).resolve().parents[2]
ADVICE = "Install it (Debian: apt install nodejs npm), or leave the pages out with WEB=no."


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """What of a clone `make up` looks at before the product starts."""
    folder = tmp_path / "clone"
    folder.mkdir()
    shutil.copy(ROOT / "Makefile", folder)
    shutil.copytree(ROOT / "deploy", folder / "deploy", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "web").mkdir()
    shutil.copy(ROOT / "web" / "package.json", folder / "web")
    return folder


@pytest.fixture
def python(tmp_path: Path) -> Path:
    """A Python that writes down when it is to be the product, and is itself otherwise."""
    path = tmp_path / "python"
    path.write_text(
        f"""#!/bin/sh
case "$*" in
"-m zipped.cli"*) echo "started: $*" ;;
*) exec "{sys.executable}" "$@" ;;
esac
"""
    )
    path.chmod(0o755)
    return path


def make_up(clone: Path, python: Path, programs: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    """`make up` with no other programs on the PATH; the virtual environment is taken as made."""
    make = shutil.which("make")
    assert make is not None
    return subprocess.run(
        [make, "--no-print-directory", "up", "RUN=true", f"PYTHON={python}", *words],
        cwd=clone,
        env={"PATH": str(programs), "HOME": os.environ.get("HOME", "/")},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_missing_node_is_one_line_and_nothing_is_started(clone: Path, python: Path, tmp_path: Path) -> None:
    done = make_up(clone, python, stand_ins(tmp_path))

    first, *rest = done.stderr.splitlines()
    assert first == ("The web application is built with Node 20 or newer and npm, which are not on the PATH. " + ADVICE)
    assert all(line.startswith("make: ***") for line in rest)  # make's own word on its end
    assert (done.returncode, done.stdout) == (2, "")


def test_an_old_node_is_one_line_that_names_it(clone: Path, python: Path, tmp_path: Path) -> None:
    done = make_up(clone, python, stand_ins(tmp_path, node="echo v18.20.4", npm="exit 1"))

    assert done.stderr.splitlines()[0] == (
        "The web application is built with Node 20 or newer; this is v18.20.4. " + ADVICE
    )
    assert (done.returncode, done.stdout) == (2, "")


@pytest.mark.parametrize("words", [("WEB=no",), ("WEB=no", "KAFKA=apache")])
def test_without_pages_no_node_is_needed(clone: Path, python: Path, tmp_path: Path, words: tuple[str, ...]) -> None:
    done = make_up(clone, python, stand_ins(tmp_path), *words)

    told = "started: -m zipped.cli up" + (" --kafka apache" if len(words) > 1 else "")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{told}\n", "")
