"""docker-compose.yml and the image, as far as they can be tried without an engine: every word of them by hand."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from worker.executor import LAST_SAVES
from worker.worker import FAREWELL, STEP_PATIENCE
from zipped.cli import command_line
from zipped.embedded import own_process
from zipped.embedded.postgres import PORT, SUPERUSER, EmbeddedPostgres
from zipped.embedded.process import wait_until
from zipped.migrations import upgrade
from zipped.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
VALUES = {"POSTGRES_PASSWORD": "b" * 48, "ZIPPED_SECRET_KEY": "a" * 64}
VARIABLE = re.compile(r"\$\{(\w+)(?:(:[-?])([^}]*))?\}")

Compose = dict[str, Any]


def interpolated(text: str, values: dict[str, str]) -> str:
    """What compose makes of `${NAME}`, `${NAME:-default}` and `${NAME:?message}`. Raises ValueError for the last."""

    def value(match: re.Match[str]) -> str:
        name, kind, rest = match.groups()
        if values.get(name):
            return values[name]
        if kind == ":?":
            raise ValueError(f"{name}: {rest}")
        return rest or ""

    return VARIABLE.sub(value, text)


@pytest.fixture(scope="module")
def compose() -> Compose:
    parsed = yaml.safe_load(interpolated((ROOT / "docker-compose.yml").read_text(), VALUES))
    assert isinstance(parsed, dict)
    return parsed


def test_every_service_has_a_health_check_or_ends_by_itself(compose: Compose) -> None:
    services = compose["services"]

    assert sorted(services) == ["api", "kafka", "migrate", "postgres", "relay", "worker"]
    assert [name for name, service in services.items() if "healthcheck" not in service] == ["migrate"]


def test_the_images_are_postgresql_18_and_apache_kafka_4(compose: Compose) -> None:
    services = compose["services"]

    assert services["postgres"]["image"] == "postgres:18"
    assert services["kafka"]["image"].startswith("apache/kafka:4.")


@pytest.mark.parametrize("name", sorted(VALUES))
def test_a_missing_secret_stops_compose_and_names_it(name: str) -> None:
    others = {other: value for other, value in VALUES.items() if other != name}

    with pytest.raises(ValueError, match=f"{name}: make one with openssl rand -hex"):
        interpolated((ROOT / "docker-compose.yml").read_text(), others)


def test_no_secret_has_a_default(compose: Compose) -> None:
    plain = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    example = dict(
        line.split("=", 1)
        for line in (ROOT / ".env.example").read_text().splitlines()
        if "=" in line and not line.startswith("#")
    )

    assert plain["services"]["postgres"]["environment"]["POSTGRES_PASSWORD"].startswith("${POSTGRES_PASSWORD:?")
    assert [example[name] for name in sorted(VALUES)] == ["", ""]


@pytest.mark.parametrize("service", ["api", "relay", "worker", "migrate"])
def test_the_environment_of_each_process_is_understood(compose: Compose, service: str) -> None:
    environ = {name: str(value) for name, value in compose["services"][service]["environment"].items()}

    settings = Settings.from_environ(environ)

    assert settings.database_url == f"postgresql+asyncpg://zipped:{'b' * 48}@postgres/zipped"
    assert settings.kafka_bootstrap_servers == "kafka:9092"
    assert settings.host == "0.0.0.0"  # where the others of its network reach its health page


def test_only_the_api_is_reached_from_outside_and_only_from_this_machine(compose: Compose) -> None:
    published = {name: service["ports"] for name, service in compose["services"].items() if "ports" in service}

    assert published == {"api": ["127.0.0.1:8000:8000"]}


def test_who_stops_a_worker_gives_it_the_time_it_may_take_to_leave(compose: Compose) -> None:
    # claiming, steps, handing back, saving, leaving the group, saying goodbye, ringing
    longest = FAREWELL + STEP_PATIENCE + LAST_SAVES + FAREWELL + 2 * FAREWELL + FAREWELL + FAREWELL

    assert compose["services"]["worker"]["stop_grace_period"] == f"{longest:.0f}s"
    assert longest == own_process.STOP_TIMEOUT


@pytest.mark.parametrize("service", ["api", "relay", "worker", "migrate"])
def test_the_command_of_each_process_is_one_of_ours(compose: Compose, service: str) -> None:
    program, *words = compose["services"][service]["command"]

    assert program == "zipped"
    assert command_line().parse_args(words[:1]).command == service
    if service != "migrate":
        told = subprocess.run([sys.executable, "-m", words[0], "--help"], capture_output=True, text=True, check=False)
        assert told.returncode == 0, told.stderr
        assert all(word in told.stdout for word in words[1:] if word.startswith("--"))


def test_what_the_image_copies_is_here_and_let_in() -> None:
    copies = [
        words[:-1]
        for line in (ROOT / "Dockerfile").read_text().splitlines()
        if line.startswith("COPY ") and "--from" not in (words := line.split()[1:])[0]
    ]
    copied = {name for names in copies for name in names}
    let_in = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}

    assert [name for name in sorted(copied) if not (ROOT / name).exists()] == []
    assert {name.split("/")[0] for name in copied} == let_in


def test_the_product_runs_from_nothing_but_what_the_image_holds(tmp_path: Path, database_url: str) -> None:
    for name in ("alembic", "api", "connectors", "relay", "worker", "zipped"):
        shutil.copytree(ROOT / name, tmp_path / name)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    environ = {"PATH": os.environ["PATH"], "ZIPPED_DATABASE_URL": database_url, "PYTHONPATH": str(tmp_path)}
    others = {"ZIPPED_KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1", "ZIPPED_SECRET_KEY": VALUES["ZIPPED_SECRET_KEY"]}

    done = subprocess.run(
        [sys.executable, "-m", "zipped.cli", "migrate"],
        cwd=tmp_path,
        env={**environ, **others},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert re.fullmatch(r"The database is at \d{4}\.\n", done.stdout)


@pytest.fixture
def bare_server(folder: Path) -> Iterator[EmbeddedPostgres]:
    """A server as the image of PostgreSQL has it on its first start: a superuser and nothing of ours."""
    server = EmbeddedPostgres(folder / "postgres", durable=False)
    server.prepare()
    server.spawn()
    assert wait_until(server.ready, timeout=30)
    yield server
    server.stop()


def test_the_roles_script_makes_a_database_that_migrates_without_a_superuser(
    compose: Compose, bare_server: EmbeddedPostgres
) -> None:
    script = compose["configs"]["roles"]["content"].replace("$$", "$")
    environ = {
        **os.environ,
        "PATH": f"{bare_server.programs}:{os.environ['PATH']}",
        "PGHOST": str(bare_server.socket_folder),
        "PGPORT": str(PORT),
        "POSTGRES_USER": SUPERUSER,
        "POSTGRES_PASSWORD": VALUES["POSTGRES_PASSWORD"],
    }

    done = subprocess.run(["sh", "-c", script], env=environ, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    upgrade(bare_server.url())
    roles = bare_server.sql(
        "select rolname, rolsuper, rolbypassrls, rolcanlogin, rolpassword is not null from pg_authid "
        "where rolname like 'zipped%' and not rolsuper order by 1"
    )
    assert roles.splitlines() == ["zipped|f|f|t|t", "zipped_api|f|f|f|f"]
