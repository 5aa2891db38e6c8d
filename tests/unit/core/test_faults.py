"""A log says of a fault what it was and where, and nothing of what people sent."""

import json
import subprocess
import sys
from textwrap import dedent
from typing import Any

import pytest
from sqlalchemy.exc import DBAPIError

from zipped.faults import facts

VALUE = "hunter2-of-Ada"


class ServerError(Exception):
    """An error as the driver of the database raises it."""

    def __init__(self, words: str, sqlstate: str) -> None:
        super().__init__(words)
        self.sqlstate = sqlstate


def raised(error: Exception, behind: Exception | None = None) -> Exception:
    """The error after it was raised, from another one."""
    try:
        if behind is None:
            raise error
        try:
            raise behind
        except Exception as cause:
            raise error from cause
    except Exception as caught:
        return caught


def test_an_error_is_told_by_its_kind_and_its_place() -> None:
    told = facts(raised(KeyError(VALUE)))

    assert told["error"] == "KeyError"
    assert str(told["where"][-1]).startswith("test_faults.py:")  # type: ignore[index]
    assert told.keys() == {"error", "where"}


def test_what_lay_behind_it_is_told_the_same_way() -> None:
    told = facts(raised(RuntimeError(VALUE), behind=ValueError(VALUE)))

    assert str(told["behind"]).startswith("['ValueError test_faults.py:")
    assert VALUE not in repr(told)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (
            ServerError('relation "zip_run" does not exist\nLINE 1: select', "42P01"),
            '42P01: relation "zip_run" does not exist',
        ),
        (ServerError(f'invalid input syntax for type uuid: "{VALUE}"', "22P02"), "22P02"),
        (ServerError(f"Key (email)=({VALUE}) already exists.", "23505"), "23505"),
        (DBAPIError(f"select '{VALUE}'", None, ServerError("deadlock detected", "40P01")), "40P01: deadlock detected"),
        (FileNotFoundError(2, "No such file or directory", VALUE), "No such file or directory"),
        (ValueError(VALUE), None),
    ],
)
def test_of_words_only_the_servers_and_the_systems_are_repeated_and_only_where_they_quote_nothing(
    error: Exception, reason: str | None
) -> None:
    assert facts(raised(error)).get("reason") == reason


def log_of(script: str) -> tuple[int, list[dict[str, Any]]]:
    """Exit code and log of a process that does this, with a value of somebody's in `VALUE`."""
    begin = f"import asyncio, logging\nfrom zipped import logs\nVALUE = {VALUE!r}\nlogs.configure('test')\n"
    ended = subprocess.run(
        [sys.executable, "-c", begin + dedent(script)], capture_output=True, text=True, timeout=30, check=False
    )
    assert VALUE not in ended.stderr
    return ended.returncode, [json.loads(line) for line in ended.stderr.splitlines()]


def test_no_line_of_ours_holds_a_traceback() -> None:
    _, lines = log_of("""
        log = logs.get_logger("test")
        try:
            {}[VALUE]
        except KeyError as error:
            log.exception("thing.failed", thing=1)
            log.error("thing.failed", thing=2, exc_info=error)
    """)

    assert [(line["event"], line["thing"], line["error"]) for line in lines] == [
        ("thing.failed", 1, "KeyError"),
        ("thing.failed", 2, "KeyError"),
    ]


def test_nor_does_one_of_a_library() -> None:
    _, lines = log_of("""
        try:
            {}[VALUE]
        except KeyError:
            logging.getLogger("uvicorn.error").exception("Exception in ASGI application\\n")
    """)

    assert [(line["event"], line["error"]) for line in lines] == [("Exception in ASGI application", "KeyError")]


def test_nor_what_asyncio_says_of_a_task_nobody_waited_for() -> None:
    _, lines = log_of("""
        async def lose() -> None:
            async def fail() -> None:
                {}[VALUE]
            task = asyncio.create_task(fail())
            await asyncio.sleep(0.01)
            del task

        asyncio.run(lose())
    """)

    assert [(line["event"], line["error"]) for line in lines] == [("Task exception was never retrieved", "KeyError")]


def test_a_process_that_ends_by_a_fault_says_so_in_one_line() -> None:
    code, lines = log_of("{}[VALUE]")

    assert code == 1
    assert [(line["event"], line["level"], line["error"]) for line in lines] == [
        ("process.crashed", "critical", "KeyError")
    ]
