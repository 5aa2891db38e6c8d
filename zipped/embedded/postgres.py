"""A real PostgreSQL 18 as a child process: the database of the embedded default and of the tests.

The server listens on a Unix socket only. Everything it owns lies in one folder:

    lock       one server per folder
    data       the cluster (a symbolic link when root's server can't reach the folder, see postgres_binaries)
    socket     the socket (below /tmp when the path would be too long for one)
    log        what the server says

Roles: `zipped_internal` is the bootstrap superuser and is used by this module alone. `zipped` owns the database and is
what the product logs in as; it is no superuser, so the policies hold for `zipped_api`, which it may become.
"""

import hashlib
import os
import signal
import subprocess
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import IO
from urllib.parse import quote

from zipped.embedded import StartError
from zipped.embedded.left_overs import end_left_overs
from zipped.embedded.lock import FolderLock
from zipped.embedded.postgres_binaries import MAJOR, OUTSIDE, binaries, server_user
from zipped.embedded.postgres_cluster import SIGNS, make_cluster, own
from zipped.embedded.process import User, spawn
from zipped.embedded.server import Server

SUPERUSER = "zipped_internal"
OWNER = "zipped"
API_ROLE = "zipped_api"
DATABASE = "zipped"

PORT = 5432  # only a part of the socket's name
SOCKET_PATH_LIMIT = 107  # bytes: sun_path of Linux without its end
RECOVERY_TIMEOUT = 300.0  # seconds; recovery after a hard stop reads the log since the last checkpoint
STOP_TIMEOUT = 60.0  # seconds for the shutdown checkpoint

# Room for two apis, two relays and three workers beside a human with psql.
SERVER_SETTINGS = {
    "max_connections": "200",
    "shared_buffers": "128MB",
    "max_wal_size": "1GB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "jit": "off",
}
# A test's cluster is thrown away; the product's never runs so.
FORGETFUL_SETTINGS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}

ROLES_SQL = f"""
do $$ begin
  if not exists (select from pg_roles where rolname = '{API_ROLE}') then
    create role {API_ROLE} nologin nobypassrls;
  end if;
  if not exists (select from pg_roles where rolname = '{OWNER}') then
    create role {OWNER} login nosuperuser nobypassrls nocreatedb nocreaterole;
  end if;
end $$;
grant {API_ROLE} to {OWNER} with inherit false, set true;
select 'create database {DATABASE} owner {OWNER}'
 where not exists (select from pg_database where datname = '{DATABASE}') \\gexec
"""


class EmbeddedPostgres(Server):
    """One PostgreSQL server on `folder`, started by us, ended with us.

    `durable=False` is for tests: a cluster that forgets the last commits when it is killed and that a power cut may
    destroy, in exchange for speed. A test that kills it wants a durable one.
    """

    def __init__(self, folder: Path, *, durable: bool = True, outside: Path = OUTSIDE) -> None:
        self.folder = folder.absolute()
        farewell = ((signal.SIGINT, STOP_TIMEOUT), (signal.SIGQUIT, 10.0))
        super().__init__("PostgreSQL", self.folder / "log", farewell=farewell, signs=SIGNS, patience=RECOVERY_TIMEOUT)
        self._settings = SERVER_SETTINGS if durable else SERVER_SETTINGS | FORGETFUL_SETTINGS
        self._outside = outside
        self._lock = FolderLock(self.folder / "lock")

    @cached_property
    def programs(self) -> Path:
        """The folder with `postgres`, `psql` and the others. Raises StartError when they aren't installed."""
        return binaries(self._user, outside=self._outside)

    @cached_property
    def _user(self) -> User | None:
        return server_user()

    @property
    def data(self) -> Path:
        """The cluster's own folder, where it really is."""
        return (self.folder / "data").resolve()

    @property
    def socket_folder(self) -> Path:
        """The folder of the socket, the `host` of a connection."""
        inside = self.data.parent / "socket"
        if len(os.fsencode(inside / f".s.PGSQL.{PORT}")) <= SOCKET_PATH_LIMIT:
            return inside
        name = hashlib.sha256(os.fsencode(self.data)).hexdigest()[:16]
        return Path("/tmp") / f"zipped-{name}"

    def url(self, database: str = DATABASE, *, role: str = OWNER) -> str:
        """SQLAlchemy's address of `database`."""
        return f"postgresql+asyncpg://{role}@/{database}?host={quote(str(self.socket_folder))}"

    def start(self) -> None:
        """Make the cluster when there is none, start the server, make roles and database; returns when it answers.

        Raises StartError when the folder is in use, the disk is full, or the server gives up.
        """
        super().start()
        self.make_roles()

    def prepare(self) -> None:
        """Take the folder and ready it for a server: a cluster, no left-over processes, a place for the socket."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._lock.take()
        if not (self.data / "PG_VERSION").exists():
            make_cluster(
                self.folder,
                binaries=self.programs,
                user=self._user,
                superuser=SUPERUSER,
                environment=environment(),
                outside=self._outside,
            )
        version = (self.data / "PG_VERSION").read_text().strip()
        if version != MAJOR:
            raise StartError(f"{self.data} holds data of PostgreSQL {version}, this is {MAJOR}; dump and restore it")
        steps = (signal.SIGINT, STOP_TIMEOUT), (signal.SIGQUIT, 10.0), (signal.SIGKILL, 10.0)
        end_left_overs(self.data, _is_postgres, *steps)
        # Its number may be another process's by now, which PostgreSQL would take for a server; ours have just ended.
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        own(self.socket_folder, self._user)

    def ready(self) -> bool:
        """Whether the server has said in its pid file that it takes connections."""
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except OSError:
            return False
        return self.running and len(lines) >= 8 and lines[0] == str(self.pid) and lines[7].strip() == "ready"

    def make_roles(self) -> None:
        """Make the product's roles and database where they are missing."""
        self.sql(ROLES_SQL, database="postgres")

    def stop(self) -> None:
        """Shut down cleanly (sessions are closed, everything is on disk) and give the folder back."""
        super().stop()
        if self._process is not None:
            with suppress(OSError):  # a hard stop leaves the socket in it
                self.socket_folder.rmdir()
        self._lock.release()

    def sql(self, script: str, *, database: str = DATABASE) -> str:
        """Run `script` as the superuser by psql; what it printed, unaligned. Raises StartError with psql's message."""
        done = subprocess.run(
            self.psql(database), input=script, capture_output=True, text=True, env=environment(), check=False
        )
        if done.returncode != 0:
            raise StartError(f"PostgreSQL refused: {done.stderr.strip() or f'psql ended with {done.returncode}'}")
        return done.stdout.strip()

    def psql(self, database: str = DATABASE) -> list[str]:
        """The command of a psql that reads from its input as the superuser, and ends at the first error."""
        options = ("-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-f", "-")
        address = ("-h", str(self.socket_folder), "-p", str(PORT), "-U", SUPERUSER, "-d", database)
        return [str(self.programs / "psql"), *options, *address]

    def _spawned(self, log: IO[bytes]) -> "subprocess.Popen[bytes]":
        settings = {
            **self._settings,
            "listen_addresses": "",
            "port": str(PORT),
            "unix_socket_directories": str(self.socket_folder),
            "unix_socket_permissions": "0700",
        }
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return spawn(
            [str(self.programs / "postgres"), "-D", str(self.data), *options],
            user=self._user,
            env=environment(),
            cwd="/",
            output=log,
            death_signal=signal.SIGINT,  # a fast, clean shutdown when we are killed
        )


def _is_postgres(command: list[str]) -> bool:
    """Whether it is `…/bin/postgres -D …` or, as its children call themselves, `postgres: checkpointer`."""
    words = command[0].split() if command else []
    return bool(words) and Path(words[0]).name.rstrip(":") == "postgres"


def environment() -> dict[str, str]:
    """For a client or server: ours without what would bend it, PGHOST, PGOPTIONS, a locale that isn't installed."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "LANG"))}
    return {**kept, "LC_ALL": "C"}
