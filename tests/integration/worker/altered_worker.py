"""A worker with something taken out of it, to see what that was good for. The product has no such options.

    --oblivious        does not notice that it was declared dead, nor that its runs were taken from it
    --without-fence    stores every save, whoever owns the run by now
    --killed-by-weight is killed, as by the system, when it opens what a heavy run looks at

What follows are the worker's own options.
"""

import argparse
import os
import signal
import sys

from worker import heartbeat, ownership
from worker.__main__ import main
from worker.loading import Loader
from zipped.services import run_saves


def alter(arguments: list[str]) -> list[str]:
    """Take out what the options say; the rest of the arguments."""
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("--oblivious", action="store_true")
    parser.add_argument("--without-fence", action="store_true")
    parser.add_argument("--killed-by-weight", action="store_true")
    options, rest = parser.parse_known_args(arguments)
    if options.oblivious:
        heartbeat.INTERVAL = ownership.INTERVAL = 3600.0
    if options.without_fence:
        run_saves.FENCE = "true"
    if options.killed_by_weight:
        Loader.open = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)  # type: ignore[method-assign,assignment]
    return rest


if __name__ == "__main__":
    sys.exit(main(alter(sys.argv[1:])))
