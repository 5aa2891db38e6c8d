"""How a process learns that it is to leave: the first SIGTERM or SIGINT asks, the second ends it at once."""

import asyncio
import os
import signal


def stop_on_signals() -> asyncio.Event:
    """Set by the first signal, from this call on; for the main thread of a running loop."""
    stop = asyncio.Event()

    def leave() -> None:
        if stop.is_set():
            os._exit(1)
        stop.set()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, leave)
    return stop
