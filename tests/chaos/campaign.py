"""One campaign: start everything, send, hit, settle, judge."""

import asyncio
import random
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.chaos import plan, verdict, zips
from tests.chaos.plan import Fault
from tests.chaos.receiver import Receiver
from tests.chaos.sender import Sender
from tests.chaos.verdict import Verdict
from tests.cluster import Cluster
from zipped.db import Database
from zipped.settings import Settings

GIVE_UP = 120.0  # seconds after the last fault within which every delivery is acknowledged
SETTLE = 180.0  # seconds after that within which every run has finished


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is asked for."""

    seed: int
    seconds: float
    deliveries: int
    faults: Sequence[Fault]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What came of it."""

    verdict: Verdict
    deliveries: int
    sent_twice: int
    tries: int
    #: Faults that were really done, by (part, kind).
    faults: Counter[tuple[str, str]]
    requests: int
    #: Requests beyond the first under a key: the flaky zip's own, and those of processes that died in the middle.
    repeated: int


def run(order: Order, folder: Path, *, say: Callable[[str], None] = lambda _: None) -> Report:
    """Do it below `folder`. Call it in the main thread, without a running loop."""
    receiver = Receiver()
    with asyncio.Runner() as runner:
        runner.run(receiver.start())
        cluster = Cluster(folder, receiver_port=receiver.port)
        try:
            say("starting PostgreSQL and Apache Kafka")
            cluster.start_servers()
            return runner.run(_attack(order, cluster, receiver, say))
        finally:
            cluster.stop()
            runner.run(receiver.stop())


async def _attack(order: Order, cluster: Cluster, receiver: Receiver, say: Callable[[str], None]) -> Report:
    settings = Settings.from_environ(cluster.environment())
    database = Database(settings.database_url, application_name="chaos", pool_size=2, statement_timeout=30.0)
    hooks = await zips.make(database, settings, receiver.port)
    say("starting two apis, two relays, three workers")
    await cluster.start_processes()
    supervisor = asyncio.create_task(cluster.supervise())
    sender = Sender(cluster.apis, hooks, random.Random(order.seed))
    over = asyncio.Event()
    done: Counter[tuple[str, str]] = Counter()
    say(f"{order.seconds:.0f} s of load, {len(order.faults)} faults")
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(_hit_all(order, cluster, done, over))
            rate = order.deliveries / order.seconds
            group.create_task(sender.run(rate=rate, until=over, at_least=order.deliveries, give_up=GIVE_UP))
        say(f"{len(sender.deliveries)} acknowledged; waiting for their runs")
        await cluster.until_up()
        await database.dispose()  # its connections did not survive the database
        await verdict.settle(database, seconds=SETTLE)
        found = await verdict.judge(database, sender.deliveries, receiver)
        found.strange_answers = [f"{key}: {status}" for key, status in sender.strange]
    finally:
        supervisor.cancel()
        await database.dispose()
    return Report(
        verdict=found,
        deliveries=len(sender.deliveries),
        sent_twice=sum(len(delivery.run_ids) > 1 for delivery in sender.deliveries),
        tries=sender.tries,
        faults=done,
        requests=receiver.requests.total(),
        repeated=receiver.requests.total() - len(receiver.requests),
    )


async def _hit_all(order: Order, cluster: Cluster, done: Counter[tuple[str, str]], over: asyncio.Event) -> None:
    """Each fault at its time; the load goes on until the last one is over and the time is up."""
    loop = asyncio.get_running_loop()
    begin = loop.time()

    async def hit(fault: Fault) -> None:
        await asyncio.sleep(max(0.0, begin + fault.at - loop.time()))
        if fault.kind == "kill":
            await cluster.kill(fault.part)
        else:
            await cluster.freeze(fault.part, plan.FREEZE)
        done[fault.part, fault.kind] += 1

    try:
        async with asyncio.TaskGroup() as group:
            for fault in order.faults:
                group.create_task(hit(fault))
        await asyncio.sleep(max(0.0, begin + order.seconds - loop.time()))
    finally:
        over.set()


def print_progress(line: str) -> None:
    """To the terminal, at once."""
    print(f"  {line} …", file=sys.stderr, flush=True)
