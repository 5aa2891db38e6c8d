"""The relay process: `python -m relay`, or `zipped relay`."""

import argparse
import asyncio
import os
import signal
import sys
from collections.abc import Sequence

import uvloop

from relay.process import RelayProcess
from zipped import logs
from zipped.clock import SystemClock
from zipped.errors import ZippedError
from zipped.health import HealthServer
from zipped.settings import Settings

HEALTH_PORT = 8001  # of the first relay; others take the next free one


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until SIGTERM or SIGINT; the exit code."""
    options = command_line().parse_args(arguments)
    logs.configure("relay")
    try:
        settings = Settings.from_environ()
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(serve(settings, health_port=options.health_port))
    except ZippedError as error:
        print(f"relay: {error.message}", file=sys.stderr)  # noqa: T201
        return 1
    return 0


async def serve(settings: Settings, *, health_port: int) -> None:
    """Work until a signal asks to leave; a second one ends the process at once."""
    stop = asyncio.Event()

    def leave() -> None:
        if stop.is_set():
            os._exit(1)
        stop.set()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, leave)
    relay = RelayProcess(settings, clock=SystemClock())
    health = HealthServer(relay.health)
    if health_port:
        await health.start(host=settings.host, port=health_port)
    try:
        await relay.run(stop)
    finally:
        await health.stop()


def command_line() -> argparse.ArgumentParser:
    """The options."""
    parser = argparse.ArgumentParser(prog="relay", description="Moves the outbox to Kafka, wakes runs, sweeps.")
    parser.add_argument(
        "--health-port", type=_port, default=HEALTH_PORT, help=f"the first to try, upward; 0 for none ({HEALTH_PORT})"
    )
    return parser


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"a port from 1 to 65535, or 0, not “{text}”")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
