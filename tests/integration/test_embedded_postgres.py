"""The PostgreSQL that `zipped up` brings along: what it survives, and what it says when it can't start."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from zipped.embedded import StartError, postgres_cluster
from zipped.embedded.postgres import EmbeddedPostgres
from zipped.embedded.process import wait_until


@pytest.fixture
def server(folder: Path) -> Iterator[EmbeddedPostgres]:
    server = EmbeddedPostgres(folder / "postgres", durable=False)
    yield server
    server.stop()


def family(pid: int) -> list[psutil.Process]:
    parent = psutil.Process(pid)
    return [parent, *parent.children(recursive=True)]


def test_what_was_committed_survives_a_killed_postmaster_and_a_stop(folder: Path) -> None:
    server = EmbeddedPostgres(folder / "postgres")  # durable, as the product's
    server.start()
    server.sql("create table kept (n int); insert into kept values (1)")

    server.kill()
    server.start()
    server.sql("insert into kept values (2)")
    server.stop()
    server.start()

    assert server.sql("select string_agg(n::text, ',' order by n) from kept") == "1,2"
    server.stop()


def test_stop_leaves_no_process_and_frees_the_folder(server: EmbeddedPostgres, folder: Path) -> None:
    server.start()
    processes = family(server.pid)

    server.stop()

    assert not any(process.is_running() for process in processes)
    EmbeddedPostgres(folder / "postgres", durable=False).prepare()  # the lock is free


def test_a_second_server_on_the_folder_is_refused_and_the_first_goes_on(server: EmbeddedPostgres, folder: Path) -> None:
    server.start()

    with pytest.raises(StartError, match=rf"{folder}/postgres is in use by process {os.getpid()}"):
        EmbeddedPostgres(folder / "postgres").start()

    assert server.sql("select 1") == "1"


def test_the_server_ends_with_its_parent_however_that_ends(folder: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from zipped.embedded.postgres import EmbeddedPostgres\n"
        f"server = EmbeddedPostgres(Path({str(folder)!r}) / 'postgres', durable=False); server.start()\n"
        "print(server.pid, flush=True); sys.stdin.read()"
    )
    parent = subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    processes = family(int(parent.stdout.readline()))

    parent.kill()
    parent.communicate()

    assert wait_until(lambda: not any(process.is_running() for process in processes), timeout=20)


def test_a_left_over_server_is_stopped_and_its_data_taken_over(server: EmbeddedPostgres, folder: Path) -> None:
    server.start()
    server.sql("create table kept (n int); insert into kept values (7)")
    left_over = family(server.pid)
    server._lock.release()  # as if its owner were gone and it had outlived it

    heir = EmbeddedPostgres(folder / "postgres", durable=False)
    heir.start()

    assert heir.sql("select n from kept") == "7"
    assert not any(process.is_running() for process in left_over if process.pid != heir.pid)
    heir.stop()


def test_a_shell_in_the_data_folder_is_not_taken_for_a_left_over(server: EmbeddedPostgres) -> None:
    server.start()
    server.stop()
    shell = subprocess.Popen(["sleep", "60"], cwd=server.data)

    server.start()

    assert shell.poll() is None
    shell.kill()
    shell.wait()


def test_a_path_too_long_for_a_socket_still_works(folder: Path) -> None:
    server = EmbeddedPostgres(folder / ("x" * 100) / "postgres", durable=False)

    server.start()

    assert server.sql("select 1") == "1"
    assert len(os.fsencode(server.socket_folder / ".s.PGSQL.5432")) <= 107
    server.stop()
    assert not server.socket_folder.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's server runs as another user")
def test_root_s_server_works_below_a_closed_folder_without_opening_it(folder: Path) -> None:
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    server = EmbeddedPostgres(closed / "postgres", durable=False, outside=folder / "outside")

    server.start()

    assert server.sql("select 1") == "1"
    assert psutil.Process(server.pid).uids().real != 0
    assert closed.stat().st_mode & 0o777 == 0o700
    assert server.data.is_relative_to(folder / "outside")
    server.stop()


def test_a_full_disk_is_one_clear_line_and_leaves_nothing(
    server: EmbeddedPostgres, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_cluster, "DISK_NEEDED", shutil.disk_usage(folder).total + 1)

    with pytest.raises(StartError, match=r"^The disk of .*/postgres is full: \d+ MB free, \d+ MB needed$"):
        server.start()

    assert not (folder / "postgres" / "data").exists()


def test_data_of_another_major_version_is_refused_with_the_way_out(server: EmbeddedPostgres, folder: Path) -> None:
    server.start()
    server.stop()
    (server.data / "PG_VERSION").write_text("17\n")

    with pytest.raises(StartError, match="holds data of PostgreSQL 17, this is 18; dump and restore it"):
        server.start()


def test_what_the_server_says_when_it_gives_up_is_handed_on(server: EmbeddedPostgres) -> None:
    server.start()
    server.stop()
    with (server.data / "postgresql.conf").open("a") as settings:
        settings.write("\nwal_buffers = 'nonsense'\n")

    with pytest.raises(StartError, match=r"^PostgreSQL ended: .*(wal_buffers|configuration file)"):
        server.start()
