"""A real PostgreSQL 18 as a child process: the database of the embedded default and of the tests.

The server listens on a Unix socket only. Everything it owns lies in one folder:

    lock       one server per folder
    data       the cluster (a symbolic link when root's server can't reach the folder, see postgres_binaries)
    socket     the socket (in the system's temporary folder when the path would be too long for one)
    log        what the server says

Roles: `zipped_internal` is the bootstrap superuser and is used by this module alone. `zipped` owns the database and is
what the product logs in as; it is no superuser, so the policies hold for `zipped_api`, which it may become.
"""

import hashlib
import os
import shutil
import signal
import stat
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

import psutil

from zipped.embedded import StartError
from zipped.embedded.lock import FolderLock
from zipped.embedded.postgres_binaries import MAJOR, OUTSIDE, binaries, open_folder, reachable, server_user
from zipped.embedded.process import User, spawn, stop, wait_until

SUPERUSER = "zipped_internal"
OWNER = "zipped"
API_ROLE = "zipped_api"
DATABASE = "zipped"

PORT = 5432  # only a part of the socket's name
SOCKET_PATH_LIMIT = 107  # bytes: sun_path of Linux without its end
START_TIMEOUT = 300.0  # seconds; recovery after a hard stop reads the log since the last checkpoint
STOP_TIMEOUT = 60.0  # seconds for the shutdown checkpoint
DISK_NEEDED = 200 * 1024 * 1024  # bytes: an empty cluster and its first log segments
LOG_LIMIT = 10 * 1024 * 1024  # bytes, looked at when starting

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


class EmbeddedPostgres:
    """One PostgreSQL server on `folder`, started by us, ended with us.

    `durable=False` is for tests: a cluster that a power cut may destroy, in exchange for speed.
    `start` and `spawn` belong in the main thread (see process.spawn).
    """

    def __init__(
        self,
        folder: Path,
        *,
        durable: bool = True,
        settings: Mapping[str, str] | None = None,
        outside: Path = OUTSIDE,
    ) -> None:
        self.folder = folder.absolute()
        self.log = self.folder / "log"
        self._settings = {**SERVER_SETTINGS, **({} if durable else FORGETFUL_SETTINGS), **(settings or {})}
        self._outside = outside
        self._lock = FolderLock(self.folder / "lock")
        self._user: User | None = None
        self._binaries = Path()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The postmaster's process id."""
        if self._process is None:
            raise StartError("PostgreSQL is not started")
        return self._process.pid

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

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
        return Path(tempfile.gettempdir()) / f"zipped-{os.geteuid()}-{name}"

    def url(self, database: str = DATABASE, *, role: str = OWNER) -> str:
        """SQLAlchemy's address of `database`."""
        return f"postgresql+asyncpg://{role}@/{database}?host={quote(str(self.socket_folder))}"

    def start(self) -> None:
        """Make the cluster when there is none, start the server, make roles and database; returns when it answers.

        Raises StartError when the folder is in use, the disk is full, or the server gives up.
        """
        self.prepare()
        self.spawn()
        if not wait_until(lambda: self.ready() or not self.running, timeout=START_TIMEOUT) or not self.running:
            raise StartError(self.why_it_ended())
        self.make_roles()

    def prepare(self) -> None:
        """Take the folder and ready it for a server: a cluster, no left-over processes, a place for the socket."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._lock.take()
        self._user = server_user()
        self._binaries = binaries(self._user, outside=self._outside)
        if not (self.data / "PG_VERSION").exists():
            self._make_cluster()
        version = (self.data / "PG_VERSION").read_text().strip()
        if version != MAJOR:
            raise StartError(f"{self.data} holds data of PostgreSQL {version}, this is {MAJOR}; dump and restore it")
        self._end_left_overs()
        self._own(self.socket_folder)

    def spawn(self) -> None:
        """Start the server's process without waiting for it. `prepare` comes first."""
        settings = {
            **self._settings,
            "listen_addresses": "",
            "port": str(PORT),
            "unix_socket_directories": str(self.socket_folder),
            "unix_socket_permissions": "0700",
        }
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        if self.log.exists() and self.log.stat().st_size > LOG_LIMIT:
            self.log.replace(self.log.with_suffix(".1"))
        with self.log.open("ab") as log:
            self._process = spawn(
                [str(self._binaries / "postgres"), "-D", str(self.data), *options],
                user=self._user,
                env=_environment(),
                cwd="/",
                stdout=log,
                stderr=log,
                death_signal=signal.SIGINT,  # a fast, clean shutdown when we are killed
            )

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
        if self._process is not None:
            stop(self._process, (signal.SIGINT, STOP_TIMEOUT), (signal.SIGQUIT, 10.0))
        self._lock.release()

    def kill(self) -> None:
        """SIGKILL to the postmaster: what a test does to it. The folder stays ours, so that `start` may follow."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def sql(self, script: str, *, database: str = DATABASE) -> str:
        """Run `script` as the superuser by psql; what it printed, unaligned. Raises StartError with psql's message."""
        command = [str(self._binaries / "psql"), "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1"]
        address = ["-h", str(self.socket_folder), "-p", str(PORT), "-U", SUPERUSER, "-d", database, "-f", "-"]
        done = subprocess.run(
            [*command, *address], input=script, capture_output=True, text=True, env=_environment(), check=False
        )
        if done.returncode != 0:
            raise StartError(f"PostgreSQL refused: {done.stderr.strip() or f'psql ended with {done.returncode}'}")
        return done.stdout.strip()

    def why_it_ended(self) -> str:
        """One line on why the server is not there, from the end of its log."""
        tail = self.log.read_bytes()[-8192:].decode(errors="replace") if self.log.exists() else ""
        return f"PostgreSQL did not start: {_worst_line(tail)} (more in {self.log})"

    def _make_cluster(self) -> None:
        link = self.folder / "data"
        if link.is_symlink():
            raise StartError(f"{link} points to {self.data}, where no database is; bring it back or delete the link")
        free = shutil.disk_usage(self.folder).free
        if free < DISK_NEEDED:
            raise StartError(f"The disk of {self.folder} is full: {free >> 20} MB free, {DISK_NEEDED >> 20} MB needed")
        home = self.folder
        if not reachable(self.folder, self._user):
            open_folder(self._outside)
            home = Path(tempfile.mkdtemp(prefix="data-", dir=self._outside))
            home.chmod(0o711)
        # initdb works beside the final name: a folder that is half made is never mistaken for a cluster.
        building = home / "data.new"
        shutil.rmtree(building, ignore_errors=True)
        self._own(building)
        command = [str(self._binaries / "initdb"), "-D", str(building), "-U", SUPERUSER, "--auth=trust"]
        locale = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        making = spawn(
            [*command, *locale, "--no-instructions"],
            user=self._user,
            env=_environment(),
            cwd="/",
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        output = making.communicate()[0].decode(errors="replace")
        if making.returncode != 0:
            shutil.rmtree(building, ignore_errors=True)
            raise StartError(f"PostgreSQL's initdb failed in {home}: {_worst_line(output)}")
        building.rename(home / "data")
        if home != self.folder:
            link.symlink_to(home / "data")

    def _own(self, folder: Path) -> None:
        """Make `folder`, 0700, of the server's user. One that somebody else has put there is refused."""
        folder.mkdir(mode=0o700, exist_ok=True)
        status = folder.lstat()
        owner = os.geteuid() if self._user is None else self._user.uid
        if not stat.S_ISDIR(status.st_mode) or status.st_uid not in (owner, os.geteuid()):
            raise StartError(f"{folder} is not a folder of ours; delete it")
        if status.st_uid != owner and self._user is not None:
            os.chown(folder, self._user.uid, self._user.gid)
        folder.chmod(0o700)

    def _end_left_overs(self) -> None:
        """End every process that still works in our data folder, and a pid file that would keep ours from starting.

        We hold the lock, so nobody supervises them: they are what a hard stop left over. A process counts as one of
        them only by its working folder, never by a number in a file.
        """
        left = [process for process in psutil.process_iter() if _works_in(process, self.data)]
        postmasters = [process for process in left if not any(_parent(process) == other.pid for other in left)]
        for number, seconds in ((signal.SIGINT, STOP_TIMEOUT), (signal.SIGQUIT, 10.0), (signal.SIGKILL, 10.0)):
            for process in postmasters if number == signal.SIGINT else left:
                if process.is_running():
                    process.send_signal(number)
            _, left = psutil.wait_procs(left, timeout=seconds)
            if not left:
                break
        # Its number may belong to somebody else by now, whom PostgreSQL would take for a server.
        (self.data / "postmaster.pid").unlink(missing_ok=True)


def _environment() -> dict[str, str]:
    """Ours without what would bend a client or server: PGHOST, PGOPTIONS, a locale that isn't installed."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "LANG"))}
    return {**kept, "LC_ALL": "C"}


def _works_in(process: psutil.Process, folder: Path) -> bool:
    try:
        return process.cwd() == str(folder)
    except (psutil.Error, OSError):
        return False


def _parent(process: psutil.Process) -> int:
    try:
        return int(process.ppid())
    except psutil.NoSuchProcess:
        return 0


def _worst_line(text: str) -> str:
    """The line of a server's log that tells why it ended."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    for word in ("No space left", "PANIC:", "FATAL:", "error:"):
        for line in reversed(lines):
            if word in line:
                return line
    return lines[-1] if lines else "it said nothing"
