"""`zipped up` after its first start: what a stranger sees and does beside it."""

import re

from tests.e2e.conftest import own_port
from tests.e2e.up_command import UpCommand
from zipped.embedded.process import wait_until


def test_the_first_start_says_all_a_stranger_needs_and_the_demo_zip_works(running: UpCommand) -> None:
    status, answer = running.post({"name": "Ada"})

    assert f"http://127.0.0.1:{running.port}" in running.said
    assert re.search(r"Sign in as +admin@localhost\n +with password +\S{20}\n", running.said)
    assert status == 202
    assert str(answer["runId"]).startswith("run_")
    status_of_it = f"select status from zip_run where id = '{str(answer['runId']).removeprefix('run_')}'"
    assert wait_until(lambda: running.sql(status_of_it) == "succeeded", timeout=30), running.sql(status_of_it)
    assert (running.folder / "secret-key").stat().st_mode & 0o777 == 0o600


def test_demo_posts_and_prints_the_run_as_it_moves_to_its_end(running: UpCommand) -> None:
    done = running.command("demo", "Grace")

    assert done.returncode == 0, done.stdout + done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == f'POST {running.demo_address()}  {{"name": "Grace"}}'
    assert lines[1].startswith('202 {"eventId": "evt_')
    assert lines.index("run waiting for a delay") < lines.index("run succeeded")
    assert '  greet → {"greeting": "Hello Grace!"}' in lines


def test_a_second_up_on_the_same_data_is_one_line_and_harms_nothing(running: UpCommand) -> None:
    second = UpCommand(running.folder, own_port())

    second.spawn()
    assert second.process is not None
    code = second.process.wait(30)
    second.close()

    assert code == 1
    line = second.wait_for("zipped: ")
    owner = running.pid
    assert (
        line == f"zipped: {running.folder} is in use by process {owner}; stop that one first, or use another folder\n"
    )
    assert len(second.lines) == 1
    assert running.post({"name": "Ada"})[0] == 202
