"""`zipped up`: everything on this machine, from nothing to a first webhook, until Ctrl-C.

Order of the start: PostgreSQL and the broker, migrations and topics, then relay, worker and api, at last the first
account and the demo zip. The end is one by one in the opposite order, so that whoever stops can still write down what
it has done; PostgreSQL is the last.

What is large to import is imported where it is first needed: most of it while PostgreSQL is starting.
"""

import asyncio
import importlib
import logging
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from zipped.embedded import StartError
from zipped.embedded.broker import SERVER as BROKER_SERVER
from zipped.embedded.broker import EmbeddedBroker
from zipped.embedded.environment import DataFolder
from zipped.embedded.kafka import ApacheKafka
from zipped.embedded.lock import FolderLock
from zipped.embedded.own_process import OwnProcess, end_left_over_processes
from zipped.embedded.ports import next_free, require_free
from zipped.embedded.postgres import EmbeddedPostgres
from zipped.embedded.process import SOURCE
from zipped.embedded.supervisor import Part, Stopped, Supervisor, stop_signals
from zipped.errors import BrokerError, SettingsError
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
    _make(folder.path)
    _require_disk(folder.path)
    lock = FolderLock(folder.path / "lock")
    lock.take()
    with stop_signals() as request:
        supervisor = Supervisor(say, request)
        try:
            _check(folder, environ)
            environ = _start_servers(supervisor, options, environ)
            settings = Settings.from_environ(environ)
            with request.after():
                _migrate(settings)
            with request.after():
                _make_topics(settings)
            _start_processes(supervisor, folder, environ, settings)
            with request.after():
                # Last, so that the password is printed the moment it exists.
                greeting = _welcome(settings)
            say(f"Ready after {time.monotonic() - begun:.1f} s. Logs are in {folder.processes}.")
            for line in greeting:
                say(line)
            supervisor.watch()
        except Stopped:
            pass
        finally:
            supervisor.stop()
            lock.release()
    say("Stopped.")


def _make(path: Path) -> None:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StartError(
            f"The data folder {path} can't be made ({error.strerror}); choose another with ZIPPED_DATA_DIR"
        ) from None


def _require_disk(path: Path) -> None:
    free = shutil.disk_usage(path).free
    if free < DISK_NEEDED:
        raise StartError(f"The disk of {path} is full: {free >> 20} MB free, {DISK_NEEDED >> 20} MB needed")


def _check(folder: DataFolder, environ: Mapping[str, str]) -> None:
    """Everything that is wrong before the first process is started."""
    if not environ.get("ZIPPED_DATABASE_URL") and not environ.get("ZIPPED_SECRET_KEY"):
        folder.make_secret_key()
    settings = Settings.from_environ(folder.environment(environ))
    if settings.web_dir is not None and not (settings.web_dir / "index.html").is_file():
        raise SettingsError(f"ZIPPED_WEB_DIR: there is no index.html in {settings.web_dir}.")
    folder.processes.mkdir(exist_ok=True)
    end_left_over_processes(folder.processes, MODULES)
    end_left_over_processes(folder.path, (BROKER_SERVER,))
    require_free(settings.host, settings.port, purpose="choose another with ZIPPED_PORT, or free this one")


def _start_servers(supervisor: Supervisor, options: UpOptions, environ: Mapping[str, str]) -> dict[str, str]:
    """Start the servers that the environment does not replace; the environment in which the rest finds them."""
    folder = options.folder
    servers = []
    postgres = None
    folder.take_kafka(None)
    if not environ.get("ZIPPED_DATABASE_URL"):
        postgres = EmbeddedPostgres(folder.postgres)
        servers.append(Part("PostgreSQL", postgres))
    if not environ.get("ZIPPED_KAFKA_BOOTSTRAP_SERVERS"):
        if options.broker == "apache":
            kafka = ApacheKafka(folder.kafka, port=options.kafka_port, port_option="zipped up --kafka-port …")
            servers.append(Part("Apache Kafka", kafka))
            folder.take_kafka(kafka.address())
        else:
            servers.append(Part("the embedded broker", EmbeddedBroker(folder.path)))
    if servers:
        say(f"Starting {' and '.join(part.name for part in servers)} …")
    supervisor.spawn(*servers)
    importlib.import_module("zipped.embedded.first_start")  # the largest of what follows, while the servers start
    supervisor.await_ready(*servers)
    if postgres is not None:
        postgres.make_roles()
    if not environ.get("ZIPPED_WEB_DIR") and (BUILT_PAGES / "index.html").exists():
        environ = {**environ, "ZIPPED_WEB_DIR": str(BUILT_PAGES)}
    return folder.environment(environ)


def _migrate(settings: Settings) -> None:
    from zipped.commands.database_answer import check
    from zipped.migrations import upgrade

    say("Migrating the database …")
    upgrade(check(settings).database_url)


def _make_topics(settings: Settings) -> None:
    """Before the first client asks for them. A broker that is away stops nothing: what is accepted waits for it."""
    from zipped.broker.topics import ensure_topics

    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # its reason is in the line below
    try:
        asyncio.run(ensure_topics(settings))
    except BrokerError as error:
        say(f"{error.message} Webhooks are accepted all the same; their runs start when the broker is back.")


def _start_processes(
    supervisor: Supervisor, folder: DataFolder, environ: Mapping[str, str], settings: Settings
) -> None:
    say("Starting relay, worker and api …")
    parts = []
    health_port = settings.port
    for module in ("relay", "worker"):
        health_port = next_free(LOOPBACK, health_port + 1)  # 8001 and 8002, where they are free
        arguments, health = ("--health-port", str(health_port)), (LOOPBACK, health_port)
        process = OwnProcess(module, arguments, environ=environ, folder=folder.processes, health=health)
        parts.append(Part(f"the {module}", process))
    health = (LOOPBACK if settings.host in ANY_ADDRESS else settings.host, settings.port)
    api = OwnProcess("api", environ=environ, folder=folder.processes, health=health)
    supervisor.start(*parts, Part("the api", api))


def _welcome(settings: Settings) -> list[str]:
    from zipped.embedded.first_start import welcome

    return welcome(settings).lines(settings)


def say(text: str) -> None:
    """One line to whoever watches the terminal, at once."""
    print(text, flush=True)
