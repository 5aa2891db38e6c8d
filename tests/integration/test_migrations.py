"""The migrations make what the models say, once, whoever starts first."""

import subprocess
import sys

import pytest
from alembic import command
from alembic.script import ScriptDirectory

from zipped import migrations
from zipped.embedded.postgres import EmbeddedPostgres
from zipped.errors import SettingsError
from zipped.migrations import config


def test_migrations_make_exactly_the_tables_of_the_models(database_url: str) -> None:
    command.check(config(database_url))  # raises when a new migration would have anything to do


def test_the_numbers_in_the_names_of_the_files_are_alembics_own() -> None:
    scripts = ScriptDirectory.from_config(config("postgresql://unused"))
    head = scripts.get_current_head()

    assert migrations.head() == head
    assert [one.revision for one in scripts.walk_revisions() if not migrations.is_behind(one.revision)] == [head]
    assert migrations.is_behind(None)
    assert not migrations.is_behind("9999")  # of a newer release


def test_two_that_migrate_at_once_make_the_tables_once(postgres: EmbeddedPostgres) -> None:
    postgres.sql("create database twice owner zipped", database="postgres")
    script = f"from zipped.migrations import upgrade; upgrade({postgres.url('twice')!r})"

    both = [subprocess.Popen([sys.executable, "-c", script], stderr=subprocess.PIPE, text=True) for _ in range(2)]

    ends = [(one.communicate()[1], one.returncode) for one in both]
    assert [code for _, code in ends] == [0, 0], ends
    assert postgres.sql("select count(*) from alembic_version", database="twice") == "1"
    postgres.sql("drop database twice with (force)", database="postgres")


def test_a_login_that_may_not_become_zipped_api_is_told_what_to_grant(postgres: EmbeddedPostgres) -> None:
    postgres.sql("create role stranger login", database="postgres")
    postgres.sql("create database strangers owner stranger", database="postgres")

    with pytest.raises(SettingsError, match=r"as a superuser run: .*grant zipped_api to stranger"):
        migrations.upgrade(postgres.url("strangers", role="stranger"))

    assert postgres.sql("select count(*) from pg_class where relname = 'zip_run'", database="strangers") == "0"
    postgres.sql("drop database strangers with (force)", database="postgres")
    postgres.sql("drop role stranger", database="postgres")
