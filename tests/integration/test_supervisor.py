"""The supervisor of `zipped up`, on processes that are quick to start: Python's own HTTP server."""

import contextlib
import os
import signal
from pathlib import Path

import psutil
import pytest

from zipped.embedded import StartError
from zipped.embedded.own_process import OwnProcess, end_left_over_processes
from zipped.embedded.ports import free_port, require_free
from zipped.embedded.process import wait_until
from zipped.embedded.supervisor import Part, Stopped, StopRequest, Supervisor, stop_signals


def web_server(folder: Path) -> OwnProcess:
    """Ready as soon as it serves the file of that name."""
    (folder / "readyz").touch()
    port = free_port()
    return OwnProcess(
        "http.server",
        (str(port), "--bind", "127.0.0.1"),
        environ=os.environ,
        folder=folder,
        health=("127.0.0.1", port),
    )


def test_start_returns_when_the_part_is_ready_and_stop_ends_all_in_opposite_order(tmp_path: Path) -> None:
    said: list[str] = []
    both = Supervisor(said.append)
    first, second = web_server(tmp_path), web_server(tmp_path)

    both.start(Part("first", first))
    both.start(Part("second", second))
    ready = first.ready(), second.ready()
    both.stop()

    assert ready == (True, True)
    assert said == ["Stopping second …", "Stopping first …"]
    assert not first.running
    assert not second.running


def test_a_part_that_ends_at_once_is_told_by_its_last_words(tmp_path: Path) -> None:
    alone = Supervisor(lambda _: None)
    missing = OwnProcess("no_such_module", environ=os.environ, folder=tmp_path, health=("127.0.0.1", 1))

    with pytest.raises(StartError, match=r"no_such_module ended: .*No module named no_such_module \(more in "):
        alone.start(Part("nothing", missing))

    alone.stop()


def test_a_part_that_was_killed_is_told_by_the_signal_not_by_its_last_words(tmp_path: Path) -> None:
    server = web_server(tmp_path)
    server.log.write_text("Error: of an earlier start\n")
    alone = Supervisor(lambda _: None)
    alone.start(Part("server", server))

    os.kill(server.pid, signal.SIGKILL)
    ended = wait_until(lambda: not server.running, timeout=10)

    assert ended
    assert server.why_it_ended() == f"The http.server was ended by signal 9 (Killed); its log is {server.log}"
    alone.stop()


def test_the_last_words_are_not_those_of_an_earlier_start(tmp_path: Path) -> None:
    missing = OwnProcess("no_such_module", environ=os.environ, folder=tmp_path, health=("127.0.0.1", 1))
    missing.log.write_text("Error: of an earlier start\n")

    with pytest.raises(StartError, match="No module named no_such_module"):
        Supervisor(lambda _: None).start(Part("nothing", missing))


@pytest.mark.parametrize("host", ["192.0.2.1", "host.invalid"])
def test_a_host_that_is_not_ours_is_no_taken_port(host: str) -> None:
    with pytest.raises(StartError, match=rf"^{host} is no address of this machine \(.+\); ZIPPED_HOST takes one"):
        require_free(host, 8000, purpose="")


def test_a_part_that_is_not_ready_in_time_is_told_and_stopped(tmp_path: Path) -> None:
    alone = Supervisor(lambda _: None)
    server = web_server(tmp_path)
    server.patience = 1.0
    (tmp_path / "readyz").unlink()

    with pytest.raises(StartError, match=r"^The http.server runs, but was not ready within 1 s"):
        alone.start(Part("the server", server))
    alone.stop()

    assert not server.running


def test_what_ends_by_itself_is_started_again_after_a_longer_pause_each_time(tmp_path: Path) -> None:
    said: list[str] = []
    server = web_server(tmp_path)

    def listen(line: str) -> None:
        said.append(line)
        if line == "server is started again.":
            os.kill(server.pid, signal.SIGKILL)
        if len(said) == 5:
            raise Stopped

    watched = Supervisor(listen)
    watched.start(Part("server", server, pause=0.05))
    os.kill(server.pid, signal.SIGKILL)

    with pytest.raises(Stopped):
        watched.watch()
    watched.stop()

    assert [line.partition("Starting it again in ")[2] or line for line in said] == [
        "0.05 s.",
        "server is started again.",
        "0.1 s.",
        "server is started again.",
        "0.2 s.",
    ]


def test_the_first_signal_stops_and_later_ones_do_not_disturb_the_stopping() -> None:
    before = signal.getsignal(signal.SIGTERM)

    with stop_signals():
        with pytest.raises(Stopped):
            os.kill(os.getpid(), signal.SIGTERM)
        os.kill(os.getpid(), signal.SIGTERM)
        os.kill(os.getpid(), signal.SIGINT)

    assert signal.getsignal(signal.SIGTERM) is before


def test_a_signal_whose_exception_is_swallowed_still_stops(tmp_path: Path) -> None:
    with stop_signals() as request:
        watched = Supervisor(lambda _: None, request)
        with contextlib.suppress(BaseException):  # as a finaliser, or a callback of somebody's event loop
            os.kill(os.getpid(), signal.SIGTERM)
            signal.pause()

        with pytest.raises(Stopped):
            watched.watch()
        with pytest.raises(Stopped):
            watched.start(Part("server", web_server(tmp_path)))

    assert watched.parts == []


def test_left_overs_are_known_by_folder_and_command(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    server, elsewhere = web_server(tmp_path), web_server(other)
    server.spawn()
    elsewhere.spawn()

    none = end_left_over_processes(tmp_path, ("relay",))
    ended = end_left_over_processes(tmp_path, ("http.server",))

    assert none == []
    assert ended == [server.pid]
    assert psutil.Process(elsewhere.pid).is_running()
    elsewhere.stop()
    server.stop()


@pytest.mark.parametrize(("signals", "finished"), [(1, True), (2, False)])
def test_what_is_guarded_is_finished_before_a_signal_counts_and_a_second_one_ends_it(
    signals: int, finished: bool
) -> None:
    done = []

    def guarded(request: StopRequest) -> None:
        with request.after():
            for _ in range(signals):
                os.kill(os.getpid(), signal.SIGTERM)
            done.append("finished")

    with stop_signals() as request, pytest.raises(Stopped):
        guarded(request)

    assert done == (["finished"] if finished else [])
