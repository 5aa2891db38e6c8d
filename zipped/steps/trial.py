"""Tries a prepared step outside of any run: performs it, or shows what performing it would send.

A preview calls the action with a way out that leads nowhere, so that what it shows is made by the very code that
sends: method, address, headers and body, and the refusals that need no network. A step that touches nothing outside
is performed either way.
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime

from zipped.catalog import Effect
from zipped.engine.decision import Execute
from zipped.engine.outcome import Outcome
from zipped.http import Client
from zipped.steps.perform import Prepared, Surroundings, perform
from zipped.steps.watched import Call, Watched


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What trying a step showed."""

    #: Whether it was performed; False: previewed, and nothing was sent.
    performed: bool
    #: None for a preview that got as far as a call: what would come back is for the other side to say.
    outcome: Outcome | None
    calls: tuple[Call, ...]
    #: In all.
    seconds: float


async def run(
    prepared: Prepared, execute: Execute, surroundings: Surroundings, *, client: Client, send: bool, now: datetime
) -> Trial:
    """Perform the step, or without `send` show what it would do. Raises CancelledError only."""
    performed = send or prepared.effect is Effect.PURE
    way_out = Watched(client, send=send, redactor=prepared.redactor)
    started = asyncio.get_running_loop().time()
    outcome = await perform(prepared, execute, surroundings, http=way_out, now=now)
    return Trial(
        performed=performed,
        outcome=outcome if performed or not way_out.calls else None,
        calls=tuple(way_out.calls),
        seconds=asyncio.get_running_loop().time() - started,
    )
