"""The relay process: `python -m relay`, or `zipped relay`."""

import argparse
import asyncio
import sys
from collections.abc import Sequence

import uvloop

from relay.process import RelayProcess
from zipped import logs
from zipped.clock import SystemClock
from zipped.errors import ZippedError
from zipped.health import HealthServer, add_port_option
from zipped.settings import Settings
from zipped.signals import stop_on_signals

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
    stop = stop_on_signals()
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
    add_port_option(parser, default=HEALTH_PORT)
    return parser


if __name__ == "__main__":
    sys.exit(main())
