"""What an operator types is refused in one line."""

import pytest

from zipped import __version__
from zipped.cli import command_line


@pytest.mark.parametrize("port", ["0", "65536", "http", "٣"])
def test_a_port_that_is_none(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        command_line().parse_args(["up", "--kafka", "apache", "--kafka-port", port])

    assert capsys.readouterr().err.splitlines()[-1] == (
        f"zipped up: error: argument --kafka-port: a port from 1 to 65535, not “{port}”"
    )


def test_it_says_which_release_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        command_line().parse_args(["--version"])

    assert (ended.value.code, capsys.readouterr().out) == (0, f"zipped {__version__}\n")
