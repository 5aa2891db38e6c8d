"""Whose fault an error is, and what a log may say of it."""

import asyncpg
import pytest
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from zipped.db import Fault, _translated, classify, reason
from zipped.errors import NotFound, Unavailable


def wrapped(state: str, words: str = "words") -> DBAPIError:
    """An error as it comes through SQLAlchemy."""
    original = RuntimeError(words)
    original.sqlstate = state  # type: ignore[attr-defined]
    return DBAPIError("insert into event values ($1)", {"body": "s3cret"}, original, hide_parameters=True)


FAULTS: list[tuple[BaseException, Fault]] = [
    (wrapped("22021"), "input"),
    (wrapped("23505"), "input"),
    (wrapped("40P01"), "retry"),
    (wrapped("40001"), "retry"),
    (wrapped("55P03"), "retry"),
    (wrapped("08006"), "away"),
    (wrapped("25006"), "away"),
    (wrapped("53100"), "away"),
    (wrapped("57P01"), "away"),
    (wrapped("57014"), "away"),
    (wrapped("42601"), "bug"),
    # as the driver raises them while it connects
    (asyncpg.CannotConnectNowError("the database system is starting up"), "away"),
    (asyncpg.TooManyConnectionsError("too many clients"), "away"),
    (asyncpg.InvalidCatalogNameError("no such database"), "bug"),
    (ConnectionRefusedError(), "away"),
    (TimeoutError(), "away"),
    (PoolTimeout(), "away"),
    (Unavailable(), "away"),
    (KeyError("x"), "bug"),
]


@pytest.mark.parametrize(("error", "fault"), FAULTS)
def test_whose_fault_it_is(error: BaseException, fault: Fault) -> None:
    assert classify(error) == fault


@pytest.mark.parametrize("error", [error for error, fault in FAULTS if fault == "away"])
async def test_whatever_means_away_reaches_callers_as_unavailable(error: Exception) -> None:
    with pytest.raises(Unavailable):
        async with _translated():
            raise error


@pytest.mark.parametrize("error", [NotFound(), wrapped("23505"), wrapped("40P01"), KeyError("x")])
async def test_everything_else_stays_what_it_is(error: Exception) -> None:
    with pytest.raises(type(error)) as raised:
        async with _translated():
            raise error
    assert raised.value is error


def test_a_log_names_state_and_cause_and_no_value() -> None:
    away = Unavailable()
    away.__cause__ = wrapped("57P01", "terminating connection\nDETAIL: s3cret")
    assert reason(away) == "57P01: terminating connection"
    assert reason(wrapped("23505", "Key (key)=(s3cret) already exists")) == "RuntimeError 23505"
    assert reason(wrapped("22021", "invalid input for query argument $1: s3cret")) == "RuntimeError 22021"
    assert reason(ConnectionRefusedError(111, "Connection refused")) == "[Errno 111] Connection refused"
    assert reason(TimeoutError()) == "TimeoutError"
