"""`zipped up` on the embedded default: what a stranger sees, and what is left after every kind of end."""

import os
import signal
import socket
from pathlib import Path

import psutil
import pytest

from tests.e2e.up_command import UpCommand, all_gone
from zipped.embedded.ports import free_port
from zipped.embedded.postgres import EmbeddedPostgres
from zipped.embedded.process import wait_until

#: In the order in which they are stopped; PostgreSQL is the last.
PARTS = ("the api", "the worker", "the relay", "the embedded broker", "PostgreSQL")


def test_a_signal_stops_all_postgresql_last_and_the_second_start_is_quick_and_finds_the_data(up: UpCommand) -> None:
    up.start()
    up.post({"name": "Ada"})
    address, family = up.demo_address(), up.family()

    code = up.end(signal.SIGTERM)
    up.start()

    assert code == 0
    assert up.process is not None
    assert all_gone(family)
    assert up.demo_address() == address
    assert "with password" not in up.said
    assert wait_until(lambda: up.runs() == "succeeded|1", timeout=30), up.runs()
    assert up.end(signal.SIGINT) == 0
    up.wait_for("Stopped.")
    assert [line for line in up.lines if line.startswith("Stopping ")] == [f"Stopping {part} …" for part in PARTS]


def test_a_signal_in_the_middle_of_the_start_stops_what_was_started(up: UpCommand) -> None:
    up.spawn()
    up.wait_for("Migrating the database")
    family = up.family()

    code = up.end(signal.SIGTERM)

    assert code == 0
    assert family != []
    assert all_gone(family)
    up.start()  # on what the half start left behind


def test_after_sigkill_nothing_goes_on_and_a_start_on_whatever_is_left_finds_the_data(up: UpCommand) -> None:
    up.start()
    up.post({"name": "Ada"})
    family = up.family()

    up.end(signal.SIGKILL)

    assert wait_until(lambda: all_gone(family), timeout=40), [process.cmdline() for process in family]

    up.start()
    up.post({"name": "Grace"})
    family, postmaster = up.family(), up.part("-D")

    up.end(signal.SIGKILL)
    postmaster.kill()
    up.start()  # at once

    assert all_gone(family)
    assert wait_until(lambda: up.runs() == "succeeded|2", timeout=60), up.runs()


def test_whatever_dies_is_started_again_and_nothing_accepted_is_lost(up: UpCommand) -> None:
    up.start()
    words = ("api", "relay", "worker", "zipped.embedded.broker_server", "-D")

    def accepted() -> bool:
        try:
            return up.post({"name": "after"})[0] == 202
        except OSError:
            return False

    for word in words:
        up.post({"name": "before"})
        up.part(word).kill()
        up.wait_for("Starting it again in 0.5 s.")
        up.wait_for("is started again.")
        assert wait_until(accepted, timeout=30), up.said

    done = f"succeeded|{2 * len(words)}"
    assert wait_until(lambda: up.runs() == done, timeout=90), up.runs()


def test_a_taken_port_is_one_line_and_nothing_is_started(up: UpCommand, folder: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        up.port = taken.getsockname()[1]

        up.spawn()
        assert up.process is not None
        code = up.process.wait(30)

    assert code == 1
    up.wait_for(f"zipped: Port {up.port} on 127.0.0.1 is taken")
    assert [line for line in up.lines if line.startswith("Starting")] == []
    assert not (folder / "postgres" / "data").exists()


@pytest.mark.apache
def test_apache_kafka_takes_the_embedded_broker_s_place_and_survives_a_kill(up: UpCommand) -> None:
    up.arguments = ("--kafka", "apache", "--kafka-port", str(free_port()))

    up.start()
    up.post({"name": "before"})
    examined = up.command("doctor")
    up.part("kafka.Kafka").kill()
    up.wait_for("Apache Kafka is started again.")

    assert up.post({"name": "after"})[0] == 202
    assert wait_until(lambda: up.runs() == "succeeded|2", timeout=90), up.runs()
    assert up.end() == 0
    assert f"ok     broker     answers at 127.0.0.1:{up.arguments[-1]}, with our topics\n" in examined.stdout


def test_a_lost_secret_key_is_told_instead_of_made_anew(up: UpCommand, folder: Path) -> None:
    (folder / "postgres" / "data").mkdir(parents=True)

    up.spawn()
    assert up.process is not None
    code = up.process.wait(30)

    assert code == 1
    up.wait_for("secret-key is missing, and the secrets in")
    assert len(up.lines) == 1
    assert not (folder / "secret-key").exists()


def test_demo_without_a_running_instance_is_one_line(up: UpCommand, folder: Path) -> None:
    (folder / "secret-key").write_text("ab" * 32)

    done = up.command("demo")

    assert done.returncode == 1
    assert done.stderr.startswith("zipped: No connection to the database ")
    assert done.stderr.endswith("Is `zipped up` running here?\n")
    assert len(done.stderr.splitlines()) == 1


def test_a_bad_setting_is_one_line_that_names_it(up: UpCommand) -> None:
    up.environ = {"ZIPPED_SIGNUP": "maybe"}

    up.spawn()
    assert up.process is not None
    code = up.process.wait(30)

    assert code == 1
    up.wait_for("zipped: ZIPPED_SIGNUP is “maybe”: it takes closed or open.")
    assert len(up.lines) == 1


def test_a_database_and_a_broker_of_ones_own_replace_the_embedded_ones(
    up: UpCommand, folder: Path, postgres: EmbeddedPostgres, broker_address: str
) -> None:
    postgres.sql("create database own owner zipped", database="postgres")
    up.environ = {
        "ZIPPED_DATABASE_URL": postgres.url("own").replace("+asyncpg", ""),
        "ZIPPED_KAFKA_BOOTSTRAP_SERVERS": broker_address,
        "ZIPPED_SECRET_KEY": "ab" * 32,
    }

    up.start()

    assert {process.name() for process in psutil.Process(up.pid).children()} & {"postgres"} == set()
    assert [line for line in up.lines if line.startswith("Starting")] == ["Starting relay, worker and api …"]
    assert up.post({"name": "Ada"})[0] == 202
    done = "select status, count(*) from zip_run group by 1"
    assert wait_until(lambda: postgres.sql(done, database="own") == "succeeded|1", timeout=30)
    assert os.listdir(folder / "processes") != []
    up.end()
    postgres.sql("drop database own with (force)", database="postgres")
