"""`python -m api`: the door, GraphQL and the web application on one port."""

import argparse
import resource
import sys

import uvloop

import connectors
from api import parts
from api.server import Server, bind
from zipped import collector, logs
from zipped.clock import SystemClock
from zipped.errors import SettingsError
from zipped.settings import Settings

log = logs.get_logger(__name__)


def main() -> int:
    """The exit code."""
    description = "The door, GraphQL and the web application; where they listen says ZIPPED_HOST and ZIPPED_PORT."
    argparse.ArgumentParser(prog="zipped api", description=description).parse_args()
    logs.configure("api")
    try:
        settings = Settings.from_environ()
        uvloop.run(serve(settings))
    except SettingsError as error:
        print(error.message, file=sys.stderr)  # noqa: T201  # one line for the operator
        return 1
    return 0


async def serve(settings: Settings) -> None:
    """Serve until a signal. Raises SettingsError when it must not, or can't."""
    _allow_many_connections()
    with bind(settings.host, settings.port) as listening:
        async with parts.build(settings, catalog=connectors.load(), clock=SystemClock()) as api:
            collector.settle()
            log.info("api.started", host=settings.host, port=settings.port)
            await Server(api).serve(sockets=[listening])
    log.info("api.stopped")


def _allow_many_connections() -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


if __name__ == "__main__":
    sys.exit(main())
