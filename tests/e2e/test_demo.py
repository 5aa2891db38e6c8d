"""`zipped demo` beside a running `zipped up`."""

import os
import subprocess
import sys

from tests.e2e.up_command import UpCommand


def demo(up: UpCommand, *words: str) -> "subprocess.CompletedProcess[str]":
    environ = {name: value for name, value in os.environ.items() if not name.startswith("ZIPPED_")}
    return subprocess.run(
        [sys.executable, "-m", "zipped.cli", "--data", str(up.folder), "demo", *words],
        env={**environ, "ZIPPED_PORT": str(up.port)},
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )


def test_demo_posts_and_prints_the_run_as_it_moves_to_its_end(up: UpCommand) -> None:
    up.start()

    done = demo(up, "Grace")

    assert done.returncode == 0, done.stdout + done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == f'POST {up.demo_address()}  {{"name": "Grace"}}'
    assert lines[1].startswith('202 {"eventId": "evt_')
    assert lines.index("run waiting for a delay") < lines.index("run succeeded")
    assert '  greet → {"greeting": "Hello Grace!"}' in lines


def test_demo_without_a_running_instance_is_one_line(up: UpCommand) -> None:
    up.start()
    up.end()

    done = demo(up)

    assert done.returncode == 1
    assert done.stderr.startswith("zipped: No connection to the database ")
    assert done.stderr.endswith("Is `zipped up` running here?\n")
    assert len(done.stderr.splitlines()) == 1
