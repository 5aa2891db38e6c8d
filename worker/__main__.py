"""The worker process: `python -m worker`, or `zipped worker`."""

import argparse
import asyncio
import os
import sys
from collections.abc import Sequence

import uvloop

import connectors
from worker.executor import SLOTS
from worker.worker import Worker
from zipped import logs
from zipped.clock import SystemClock
from zipped.errors import ZippedError
from zipped.health import HealthServer, add_port_option
from zipped.settings import Settings
from zipped.signals import stop_on_signals

HEALTH_PORT = 8002  # of the first worker; others take the next free one
MAX_SLOTS = 1000
LOST = 75  # exit code: declared dead, start me again


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until SIGTERM or SIGINT; the exit code."""
    options = command_line().parse_args(arguments)
    logs.configure("worker")
    try:
        settings = Settings.from_environ()
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(serve(settings, slots=options.slots, health_port=options.health_port))
    except ZippedError as error:
        print(f"worker: {error.message}", file=sys.stderr)  # noqa: T201
        return 1
    return 0


async def serve(settings: Settings, *, slots: int, health_port: int) -> None:
    """Work until a signal asks to leave; a second one ends the process at once."""
    stop = stop_on_signals()
    worker = Worker(
        settings, catalog=connectors.load(), clock=SystemClock(), slots=slots, on_lost=lambda: os._exit(LOST)
    )
    health = HealthServer(worker.health)
    if health_port:
        await health.start(host=settings.host, port=health_port)
    try:
        await worker.run(stop)
    finally:
        await health.stop()


def command_line() -> argparse.ArgumentParser:
    """The options."""
    parser = argparse.ArgumentParser(prog="worker", description="Claims runs and performs their steps.")
    parser.add_argument("--slots", type=_slots, default=SLOTS, help=f"runs at once ({SLOTS})")
    add_port_option(parser, default=HEALTH_PORT)
    return parser


def _slots(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= MAX_SLOTS:
        raise argparse.ArgumentTypeError(f"a number from 1 to {MAX_SLOTS}, not “{text}”")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
