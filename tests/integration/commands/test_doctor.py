"""`zipped doctor`: one line a finding, and what to do about a wrong one."""

import pytest

from tests.integration.commands.conftest import RunZipped
from tests.integration.stored import execute, make_zip
from zipped import migrations
from zipped.db import Database
from zipped.embedded.ports import free_port
from zipped.embedded.postgres import EmbeddedPostgres


def findings(said: str) -> dict[str, tuple[str, str]]:
    """Verdict and words by subject."""
    return {line[7:17].strip(): (line[:5].strip(), line[18:]) for line in said.splitlines()}


async def test_it_finds_what_is_right_and_what_is_not_started(database: Database, run_zipped: RunZipped) -> None:
    port = free_port()

    done = await run_zipped("doctor", environ={"ZIPPED_PORT": str(port)})

    found = findings(done.stdout)
    assert done.returncode == 1
    right = ("python", "disk", "settings", "database", "clock", "tables", "secret key", "outbox", "partitions")
    assert {name: found[name][0] for name in right} == dict.fromkeys(right, "ok")
    assert found["policies"] == ("ok", "zipped_api sees only the workspaces of its caller")
    assert found["workers"] == ("WRONG", "none running: what is accepted waits until one is started")
    assert found["api"] == (
        "WRONG",
        f"http://127.0.0.1:{port}/readyz does not answer from here; is the api running?",
    )


async def test_a_database_without_tables_is_told_how_to_get_them(
    postgres: EmbeddedPostgres, run_zipped: RunZipped
) -> None:
    postgres.sql("create database bare owner zipped", database="postgres")

    done = await run_zipped("doctor", environ={"ZIPPED_DATABASE_URL": postgres.url("bare")})

    told = f"at nothing, this release needs {migrations.head()}: run `zipped migrate`"
    assert findings(done.stdout)["tables"] == ("WRONG", told)
    postgres.sql("drop database bare with (force)", database="postgres")


@pytest.mark.parametrize(
    ("variable", "value", "subject", "said"),
    [
        ("ZIPPED_DATABASE_URL", "postgresql://a:secret@127.0.0.1:1/x", "database", "No connection to the database"),
        ("ZIPPED_KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:1", "broker", "The broker at 127.0.0.1:1: "),
        ("ZIPPED_SECRET_KEY", "short", "settings", "ZIPPED_SECRET_KEY must be 64 hexadecimal digits"),
    ],
)
async def test_what_a_setting_gets_wrong_is_named(
    run_zipped: RunZipped, variable: str, value: str, subject: str, said: str
) -> None:
    done = await run_zipped("doctor", environ={variable: value})

    verdict, told = findings(done.stdout)[subject]
    assert done.returncode == 1
    assert verdict == "WRONG"
    assert told.startswith(said)
    assert "secret@" not in done.stdout + done.stderr


async def test_a_database_of_a_newer_release_will_do(database: Database, run_zipped: RunZipped) -> None:
    await execute(database, "update alembic_version set version_num = '9999'")

    done = await run_zipped("doctor")

    assert findings(done.stdout)["tables"] == ("ok", "at 9999")


async def test_a_key_that_opens_nothing_is_found(database: Database, run_zipped: RunZipped) -> None:
    await make_zip(database)
    await execute(database, "update trigger set token_sealed = '\\x01aabbccdd'::bytea")

    done = await run_zipped("doctor")

    assert findings(done.stdout)["secret key"][0] == "WRONG"
