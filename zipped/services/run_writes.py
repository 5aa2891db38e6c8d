"""Every write of a run, under one law. The parts are sorted by who writes; callers import this module alone.

The law
-------

(a) Lock first, in the order of ids (`order by id for no key update`), then update. Two batches that lock in different
    orders deadlock: unordered claims did so in 40 of 40 tries. Who can do without a row that another transaction
    holds (claims, timers, sweepers) skips it; who must write it (its owner, a cancel) waits for it.
(b) A run at most once in a statement: PostgreSQL updates a row once and drops the second change without an error.
    `save` puts a second write of the same run into a statement of its own, in order.
(c) What belongs to a write, attempts, waits and outbox rows, is inserted from the RETURNING of the fenced update, in
    the same statement. What did not write its run writes nothing.
(d) The caller learns which runs were written. What was not is fenced: the run has moved on, and the writer forgets it.

Each write raises `seq` and sets `changed_xid`, by which watchers find it. What queues a run also writes its doorbell
for the workers; what parks, queues or ends it writes the news for who watches: rows of the outbox, due the moment
they commit, so the caller rings the relay's bell after its commit. That it was claimed its worker says itself.

Which status may follow which is the engine's (`zipped/engine/run.py`); the statements here say the same and add none.

  run_claims    by a worker that becomes the owner: claim, pull, pull_for_others
  run_saves     by the owner: save (results, parking, the end, letting go), give_back
  run_moves     by others: cancel, wake_due, requeue_lost
"""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, overload

from sqlalchemy.ext.asyncio import AsyncSession

from zipped.db import Database, classify
from zipped.lines import Line, Lines
from zipped.services.run_claims import Claimed as Claimed
from zipped.services.run_claims import Claims as Claims
from zipped.services.run_claims import claim as claim
from zipped.services.run_claims import pull as pull
from zipped.services.run_claims import pull_for_others as pull_for_others
from zipped.services.run_moves import cancel as cancel
from zipped.services.run_moves import requeue_lost as requeue_lost
from zipped.services.run_moves import wake_due as wake_due
from zipped.services.run_rows import AttemptWrite as AttemptWrite
from zipped.services.run_rows import RunWrite as RunWrite
from zipped.services.run_rows import WaitWrite as WaitWrite
from zipped.services.run_saves import give_back as give_back
from zipped.services.run_saves import save as save

MORE_TRIES = 2  # for a deadlock or a serialization failure (40P01, 40001) and a lock not got in time (55P03)

T = TypeVar("T")


@overload
async def transact(database: Database, work: Callable[[AsyncSession], Awaitable[T]]) -> T: ...
@overload
async def transact(database: Lines, work: Callable[[Line], Awaitable[T]]) -> T: ...
async def transact(database: Database | Lines, work: Callable[[Any], Awaitable[T]]) -> T:
    """Do `work` in one transaction; when it met another one (SQLSTATE class 40, 55P03) twice more.

    Raises what the last try raised; Unavailable when the database is away. Every write but `save` is one statement and
    may go over `Lines`; so may `save`, whose statements each stand for themselves.
    """
    for _ in range(MORE_TRIES):
        try:
            async with database.begin() as statements:
                return await work(statements)
        except Exception as error:
            if classify(error) != "retry":
                raise
    async with database.begin() as statements:
        return await work(statements)
