"""What a cut-off set-up says and leaves: one line, and nothing that the next start trips over."""

import asyncio
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from tests.deploy.stand_ins import stand_ins
from tests.fixtures.waiting import until

ROOT = Path(__file__).resolve().parents[2]
GOES_ON = "Interrupted. The same command goes on from here."


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """What of a clone the set-up looks at."""
    folder = tmp_path / "clone"
    shutil.copytree(ROOT / "deploy", folder / "deploy", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "requirements", folder / "requirements")
    (folder / "web").mkdir()
    for name in ("package.json", "package-lock.json"):
        shutil.copy(ROOT / "web" / name, folder / "web")
    return folder


def hear_ctrl_c() -> None:
    """As a terminal's programs do: what a shell runs in the background, these tests perhaps, ignores it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.parametrize("words", [("venv.py", "run"), ("web.py", "build")])
def test_ctrl_c_in_the_middle_is_one_line(clone: Path, tmp_path: Path, words: tuple[str, str]) -> None:
    busy = f"touch {tmp_path}/busy; exec sleep 600"
    programs = stand_ins(tmp_path, uv=busy, node="echo v24.0.0", npm=busy)
    process = subprocess.Popen(
        [sys.executable, str(clone / "deploy" / words[0]), words[1]],
        env={"PATH": f"{programs}:/usr/bin:/bin", "HOME": os.environ.get("HOME", "/")},
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=hear_ctrl_c,
    )
    asyncio.run(until((tmp_path / "busy").exists))

    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to whoever is in front, children too
    _, said = process.communicate(timeout=60)

    assert said.splitlines() == [GOES_ON]
    assert process.returncode == 130


@pytest.fixture
def venv(clone: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """deploy/venv.py of the clone, as a module."""
    monkeypatch.syspath_prepend(str(clone / "deploy"))
    spec = importlib.util.spec_from_file_location("venv_of_clone", clone / "deploy" / "venv.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_an_environment_cut_off_before_pip_was_in_it_is_made_anew(clone: Path, venv: ModuleType) -> None:
    python = clone / ".venv" / "bin" / "python"
    assert not venv.usable(str(python), None)
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(clone / ".venv")], check=True)

    assert not venv.usable(str(python), None)
    assert venv.usable(str(python), "/usr/bin/uv")  # which brings its own


def test_a_whole_environment_is_kept(venv: ModuleType, clone: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", str(clone / ".venv")], check=True)

    assert venv.usable(str(clone / ".venv" / "bin" / "python"), None)
