"""`zipped up`: everything on this machine, from nothing to a first webhook, until Ctrl-C.

Order of the start: PostgreSQL, broker, migrations, relay, worker, api, then the first account and the demo zip. The end
is the opposite order, so that whoever stops can still write down what it has done; PostgreSQL is the last.
"""

import asyncio
import logging
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from zipped.broker.topics import ensure_topics
from zipped.embedded import StartError
from zipped.embedded.broker import SERVER as BROKER_SERVER
from zipped.embedded.broker import EmbeddedBroker
from zipped.embedded.environment import DataFolder
from zipped.embedded.first_start import welcome
from zipped.embedded.kafka import ApacheKafka
from zipped.embedded.lock import FolderLock
from zipped.embedded.parts import OwnProcess, end_left_over_processes
from zipped.embedded.ports import next_free, require_free
from zipped.embedded.postgres import START_TIMEOUT as RECOVERY_TIMEOUT
from zipped.embedded.postgres import EmbeddedPostgres
from zipped.embedded.process import SOURCE, importable
from zipped.embedded.server_log import telling_line
from zipped.embedded.supervisor import Part, Stopped, Supervisor, stop_signals
from zipped.errors import BrokerError
from zipped.settings import Settings

MODULES = ("api", "relay", "worker")
BUILT_PAGES = SOURCE / "web" / "out"
LOOPBACK = "127.0.0.1"
ANY_ADDRESS = ("0.0.0.0", "::")
DISK_NEEDED = 64 * 1024 * 1024  # bytes: a database that starts on less stops within minutes


@dataclass(frozen=True, slots=True, kw_only=True)
class UpOptions:
    """What the command line of `zipped up` says."""

    folder: DataFolder
    broker: Literal["embedded", "apache"] = "embedded"
    kafka_port: int = 9092


def up(options: UpOptions, environ: Mapping[str, str]) -> None:
    """Start everything, say where it is, and keep it running until a signal.

    Raises StartError or SettingsError, one line each, with everything stopped again.
    """
    begun = time.monotonic()
    folder = options.folder
    folder.path.mkdir(parents=True, exist_ok=True)
    _require_disk(folder.path)
    lock = FolderLock(folder.path / "lock")
    lock.take()
    supervisor = Supervisor(say)
    with stop_signals():
        try:
            settings = _check(folder, environ)
            environ = _start_servers(supervisor, options, environ)
            _migrate(environ)
            _make_topics(Settings.from_environ(environ))
            _start_processes(supervisor, folder, environ, settings)
            # Last, so that the password is printed the moment it exists.
            greeting = welcome(Settings.from_environ(environ))
            say(f"Ready after {time.monotonic() - begun:.1f} s. Logs are in {folder.processes}.")
            for line in greeting.lines(settings):
                say(line)
            supervisor.watch()
        except Stopped:
            pass
        finally:
            supervisor.stop()
            lock.release()
    say("Stopped.")


def _require_disk(path: Path) -> None:
    free = shutil.disk_usage(path).free
    if free < DISK_NEEDED:
        raise StartError(f"The disk of {path} is full: {free >> 20} MB free, {DISK_NEEDED >> 20} MB needed")


def _check(folder: DataFolder, environ: Mapping[str, str]) -> Settings:
    """Everything that is wrong before the first process is started."""
    if not environ.get("ZIPPED_DATABASE_URL") and not environ.get("ZIPPED_SECRET_KEY"):
        folder.make_secret_key()
    settings = Settings.from_environ(folder.environment(environ))
    folder.processes.mkdir(exist_ok=True)
    end_left_over_processes(folder.processes, MODULES)
    end_left_over_processes(folder.path, (BROKER_SERVER,))
    require_free(settings.host, settings.port, purpose="stop what listens there, or choose another with ZIPPED_PORT")
    return settings


def _start_servers(supervisor: Supervisor, options: UpOptions, environ: Mapping[str, str]) -> dict[str, str]:
    """Start the servers that the environment does not replace; the environment in which the rest finds them."""
    folder = options.folder
    if not environ.get("ZIPPED_DATABASE_URL"):
        say("Starting PostgreSQL …")
        postgres = EmbeddedPostgres(folder.postgres)
        supervisor.start(Part("PostgreSQL", postgres, patience=RECOVERY_TIMEOUT))
        postgres.make_roles()
    if not environ.get("ZIPPED_KAFKA_BOOTSTRAP_SERVERS"):
        if options.broker == "apache":
            say("Starting Apache Kafka …")
            kafka = ApacheKafka(folder.kafka, port=options.kafka_port)
            supervisor.start(Part("Apache Kafka", kafka))
            environ = {**environ, "ZIPPED_KAFKA_BOOTSTRAP_SERVERS": kafka.address()}
        else:
            say("Starting the embedded broker …")
            supervisor.start(Part("the embedded broker", EmbeddedBroker(folder.path)))
    if not environ.get("ZIPPED_WEB_DIR") and (BUILT_PAGES / "index.html").exists():
        environ = {**environ, "ZIPPED_WEB_DIR": str(BUILT_PAGES)}
    return folder.environment(environ)


def _migrate(environ: Mapping[str, str]) -> None:
    say("Migrating the database …")
    command = [sys.executable, "-m", "zipped.cli", "migrate"]
    done = subprocess.run(command, env=importable(environ), capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise StartError(f"The migration failed: {telling_line(done.stderr, ('zipped:', 'Error'))}")


def _make_topics(settings: Settings) -> None:
    """Before the first client asks for them. A broker that is away stops nothing: what is accepted waits for it."""
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # its reason is in the line below
    try:
        asyncio.run(ensure_topics(settings))
    except BrokerError as error:
        say(f"{error.message} Webhooks are accepted all the same; their runs start when the broker is back.")


def _start_processes(
    supervisor: Supervisor, folder: DataFolder, environ: Mapping[str, str], settings: Settings
) -> None:
    health_port = settings.port
    for module in ("relay", "worker"):
        health_port = next_free(LOOPBACK, health_port + 1)  # 8001 and 8002, where they are free
        say(f"Starting the {module} …")
        arguments = ("--health-port", str(health_port))
        health = (LOOPBACK, health_port)
        process = OwnProcess(module, arguments, environ=environ, folder=folder.processes, health=health)
        supervisor.start(Part(f"the {module}", process))
    say("Starting the api …")
    health = (LOOPBACK if settings.host in ANY_ADDRESS else settings.host, settings.port)
    api = OwnProcess("api", environ=environ, folder=folder.processes, health=health)
    supervisor.start(Part("the api", api))


def say(text: str) -> None:
    """One line to whoever watches the terminal, at once."""
    print(text, flush=True)
