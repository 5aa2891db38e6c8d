"""The web application in a real browser, against a real `zipped up`; the tests themselves are in web/e2e."""

import json
import os
import re
import shutil
import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import own_port
from tests.e2e.up_command import UpCommand
from zipped.embedded.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
WEB = ROOT / "web"
SUITE_TIMEOUT = 1200.0  # seconds: about a hundred tests in one browser, five minutes on two cores with nothing else
BUILD_TIMEOUT = 600.0  # seconds


@pytest.fixture
def receiver() -> int:
    """A port where the tests in the browser listen as the other side of an HTTP step."""
    return free_port()


@pytest.fixture
def instance(folder: Path, receiver: int) -> Iterator[UpCommand]:
    """Zipped with the export of the sources as they are now, where anybody may sign up."""
    built = subprocess.run(
        [sys.executable, str(ROOT / "deploy" / "web.py")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=BUILD_TIMEOUT,
        check=False,
    )
    assert built.returncode == 0, built.stdout + built.stderr
    environ = {
        "ZIPPED_OUTBOUND_ALLOW": f"127.0.0.1:{receiver}",
        "ZIPPED_SIGNUP": "open",
        "ZIPPED_WEB_DIR": str(WEB / "out"),
    }
    command = UpCommand(folder, own_port(), environ=environ)
    command.start()
    yield command
    command.close()


def failures(report: Path) -> str:
    """The tests that failed, each with what its tries said: where only the beginning of this is shown, it is enough."""
    if not report.exists():
        return ""
    return "\n\n".join(
        "\n".join([f"{spec['file']}: {spec['title']}", *(error["message"] for error in errors)])
        for spec in specs(json.loads(report.read_text()))
        if (errors := [error for test in spec["tests"] for one in test["results"] for error in one["errors"]])
    )


def specs(suite: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield from suite.get("specs", [])
    for inner in suite.get("suites", []):
        yield from specs(inner)


@pytest.mark.browser
@pytest.mark.node
@pytest.mark.timeout(SUITE_TIMEOUT + BUILD_TIMEOUT)
def test_the_application_in_a_browser(instance: UpCommand, receiver: int, tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    environ = {
        **os.environ,
        "ZIPPED_URL": f"http://127.0.0.1:{instance.port}",
        "ZIPPED_CHROMIUM": str(chromium),
        "ZIPPED_RECEIVER": str(receiver),
        "PLAYWRIGHT_JSON_OUTPUT_NAME": str(report),
    }

    done = subprocess.run(
        [
            "npx",
            "playwright",
            "test",
            "--config",
            "e2e",
            "--reporter",
            "list,json",
            "--output",
            str(tmp_path / "output"),
        ],
        cwd=WEB,
        env=environ,
        capture_output=True,
        text=True,
        timeout=SUITE_TIMEOUT,
        check=False,
    )

    assert done.returncode == 0, failures(report) or done.stdout[-20_000:] + done.stderr[-2_000:]
    stats = json.loads(report.read_text())["stats"]
    assert (stats["unexpected"], stats["skipped"]) == (0, 0)
    if stats["flaky"]:  # only in CI, which tries once more
        warnings.warn(f"{stats['flaky']} browser tests needed a second try:\n{failures(report)}", stacklevel=1)
    # At least as many as are written down: a file that nobody runs would prove nothing.
    written = [re.findall(r"^\s*test\(", one.read_text(), re.MULTILINE) for one in sorted(WEB.glob("e2e/*.spec.ts"))]
    assert all(written)
    assert stats["expected"] + stats["flaky"] >= sum(map(len, written)) > 0
