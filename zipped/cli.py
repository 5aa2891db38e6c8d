"""The `zipped` command: everything an operator types.

Each command lives in a module of its own, imported when it is called: `zipped api` needs no Alembic, `zipped migrate`
no HTTP. Whatever an operator can cause ends in one line on standard error and the exit code 1.
"""

import argparse
import errno
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from zipped import __version__
from zipped.embedded.ports import port_number
from zipped.errors import ZippedError

PROCESSES = ("api", "relay", "worker")
# Errors of the system that the operator alone can mend.
OPERATORS_OWN = (errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EPERM, errno.EROFS)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; its exit code."""
    words = sys.argv[1:] if arguments is None else list(arguments)
    try:
        if words[:1] and words[0] in PROCESSES:
            _become(words[0], words[1:], os.environ)
        return _run(command_line().parse_args(words), os.environ)
    except ZippedError as error:
        return _complain(error.message)
    except KeyboardInterrupt:
        return 130
    except OSError as error:
        if error.errno not in OPERATORS_OWN:
            raise
        return _complain(f"{error.strerror}: {error.filename}" if error.filename else f"{error.strerror}")


def _run(options: argparse.Namespace, environ: Mapping[str, str]) -> int:
    from zipped.embedded.environment import DataFolder

    folder = DataFolder.of(environ, options.data)
    if options.command == "up":
        from zipped.embedded.up import UpOptions, up

        folder.require_ours()
        up(UpOptions(folder=folder, broker=options.kafka, kafka_port=options.kafka_port), environ)
        return 0
    folder.require_made(environ)
    filled = folder.environment(environ)
    if options.command == "doctor":
        from zipped.commands.doctor import doctor

        return doctor(folder, filled)
    from zipped.commands.database_answer import check
    from zipped.settings import Settings

    settings = check(Settings.from_environ(filled))
    match options.command:
        case "migrate":
            from zipped.commands.migrate import migrate

            return migrate(settings)
        case "demo":
            from zipped.commands.demo import demo

            return demo(settings, name=options.name)
        case "reset-password":
            from zipped.commands.reset_password import reset_password

            return reset_password(settings, options.email)
        case _:
            from zipped.commands.recover import recover

            return recover(settings, confirmed=options.confirm)


def _become(process: str, arguments: Sequence[str], environ: Mapping[str, str]) -> None:
    """Go on as `python -m api|relay|worker`, with the embedded parts where the environment names none."""
    from zipped.embedded.environment import DataFolder
    from zipped.embedded.process import importable

    command = [sys.executable, "-m", process, *arguments]
    folder = DataFolder.of(environ)
    if not {"-h", "--help"} & set(arguments):
        folder.require_made(environ)
    os.execve(sys.executable, command, importable(folder.environment(environ)))


def command_line() -> argparse.ArgumentParser:
    """Every command and its options."""
    parser = argparse.ArgumentParser(prog="zipped", description="Self-hosted automation.")
    parser.add_argument(
        "--data", type=Path, metavar="FOLDER", help="of the embedded default (ZIPPED_DATA_DIR, else .zipped)"
    )
    parser.add_argument("--version", action="version", version=f"zipped {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    up = commands.add_parser("up", help="start everything on this machine, until Ctrl-C")
    up.add_argument(
        "--kafka", choices=("embedded", "apache"), default="embedded", help="which broker to bring along (embedded)"
    )
    up.add_argument("--kafka-port", type=port_number, default=9092, help="of Apache Kafka (9092)")
    for process in PROCESSES:
        commands.add_parser(process, help=f"run one {process}; its own options follow", add_help=False)
    commands.add_parser("migrate", help="bring the database to this release's tables")
    demo = commands.add_parser("demo", help="post to the demo zip and watch its run")
    demo.add_argument("name", nargs="?", default="Ada", help="whom the demo zip is to greet (Ada)")
    commands.add_parser("doctor", help="check everything a start depends on")
    reset = commands.add_parser("reset-password", help="give an account a new random password")
    reset.add_argument("email")
    recover = commands.add_parser("recover", help="after restoring a backup: see and requeue what was running")
    recover.add_argument("--confirm", action="store_true", help="requeue; without it only a report is printed")
    return parser


def _complain(message: str) -> int:
    print(f"zipped: {message}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
