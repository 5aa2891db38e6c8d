"""How each part of the relay runs: turn after turn, through outages, until it is asked to stop."""

import asyncio
import random
from collections.abc import Awaitable, Callable

from zipped.db import classify, reason
from zipped.faults import facts
from zipped.logs import OutageLog, get_logger

RETRY_INTERVAL = 1.0  # seconds after a turn that failed, ± 30% so that relays don't knock together

log = get_logger(__name__)


def database_outage() -> OutageLog:
    """What the parts of one process share to tell of an outage of the database."""
    return OutageLog(log, "database")


def retry_pause() -> float:
    """Seconds to wait before the next try."""
    return RETRY_INTERVAL * random.uniform(0.7, 1.3)


async def take_turns(
    turn: Callable[[], Awaitable[float]], *, name: str, stop: asyncio.Event, outage: OutageLog
) -> None:
    """Call `turn` again and again until `stop` is set; it returns the seconds until the next one.

    A turn that fails is tried again. That the database is away is told by `outage`, which the parts share: once.
    """
    while not stop.is_set():
        try:
            pause = await turn()
            outage.found()
        except Exception as error:
            pause = retry_pause()
            match classify(error):
                case "away":
                    outage.lost(reason(error))
                case "retry":
                    pass  # met another transaction; nothing to tell
                case _:
                    log.error("relay.turn_failed", part=name, **facts(error))
        if pause:
            await _sleep(pause, stop)


async def _sleep(seconds: float, stop: asyncio.Event) -> None:
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        pass
