"""What `make up` and `make test` install is fixed to the byte, and names nobody's host or folder."""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def requirements(kind: str) -> dict[str, str]:
    """Version by package name."""
    text = (ROOT / "requirements" / f"{kind}.txt").read_text()
    return dict(re.findall(r"^([a-z0-9-]+)==(\S+)", text, flags=re.MULTILINE))


@pytest.mark.parametrize("kind", ["run", "dev"])
def test_every_package_has_a_version_and_hashes_and_no_address(kind: str) -> None:
    text = (ROOT / "requirements" / f"{kind}.txt").read_text()
    entries = text.replace("\\\n", " ").strip().splitlines()

    assert [entry for entry in entries if not re.match(r"[a-z0-9-]+==\S+ .*--hash=sha256:[0-9a-f]{64}", entry)] == []
    assert "://" not in text


def test_the_packages_for_tests_are_those_for_running_and_more() -> None:
    run, dev = requirements("run"), requirements("dev")

    assert run.items() <= dev.items()
    assert "pytest" not in run


def test_every_declared_dependency_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    declared = {re.split(r"[\[<>=]", line)[0] for line in (*project["dependencies"], *extras["build"], *extras["dev"])}

    assert declared - requirements("dev").keys() == set()


NPM_LOCKS = sorted(path for path in ROOT.glob("*/**/package-lock.json") if "node_modules" not in path.parts)


@pytest.mark.parametrize("lock", NPM_LOCKS, ids=lambda lock: str(lock.parent.relative_to(ROOT)))
def test_npm_locks_name_hashes_and_no_hosts(lock: Path) -> None:
    packages = json.loads(lock.read_text())["packages"]

    assert [name for name, package in packages.items() if "resolved" in package] == []
    # What comes inside of another package (inBundle) has no archive of its own.
    archives = {name: package for name, package in packages.items() if name and not package.get("inBundle")}
    assert [name for name, package in archives.items() if "integrity" not in package] == []


@pytest.mark.parametrize("lock", NPM_LOCKS, ids=lambda lock: str(lock.parent.relative_to(ROOT)))
def test_npm_locks_hold_the_packages_of_every_platform(lock: Path) -> None:
    # npm leaves out of the lock what its registry doesn't have, and `npm ci` then refuses the lock on every machine:
    # pin the package to the newest version that is published for all platforms.
    packages = json.loads(lock.read_text())["packages"]
    names = {name.rpartition("node_modules/")[2] for name in packages}
    wanted = {name for package in packages.values() for name in package.get("optionalDependencies", {})}

    assert wanted - names == set()


def test_an_environment_that_fits_the_lock_is_left_alone(tmp_path: Path) -> None:
    script = f"""
import importlib.util, sys
sys.path.insert(0, {str(ROOT / "deploy")!r})
spec = importlib.util.spec_from_file_location("venv_setup", {str(ROOT / "deploy" / "venv.py")!r})
setup = importlib.util.module_from_spec(spec); spec.loader.exec_module(setup)
setup.VENV = {str(tmp_path)!r}; setup.STAMP = setup.VENV + "/stamp"
setup.wait_for_turn = lambda folder: None
ran = []
setup.run = ran.append
setup.make_environment = lambda uv: ran.append("environment")
setup.main("dev")
import os; os.makedirs(setup.VENV + "/bin"); open(setup.VENV + "/bin/python", "w").close()
first, ran[:] = len(ran), []
setup.main("dev"); setup.main("run")
print(first, ran)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "3 []"
