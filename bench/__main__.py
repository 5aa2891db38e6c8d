"""`make bench`: measure the real processes on Apache Kafka and a durable PostgreSQL.

    python -m bench [--quick] [--only PATTERN] [--profile FOLDER] [--keep FOLDER]

One api, one relay, one worker, whatever the machine. Prints a table and writes it, with all raw samples as JSON,
below bench/results. Exit code 1 when a figure is under half of what is to be held at least.
"""

import argparse
import asyncio
import os
import platform
import re
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench import plan, report, usage, zips
from bench.children import ChildFailed, child
from bench.measuring import Bench
from bench.plan import Plan
from tests.cluster import Cluster, Command, Fleet
from zipped import __version__
from zipped.db import Database
from zipped.embedded import StartError
from zipped.embedded.ports import free_port
from zipped.settings import Settings


def main() -> int:
    """Measure; the exit code."""
    options = command_line().parse_args()
    chosen = plan.QUICK if options.quick else plan.FULL
    try:
        with tempfile.TemporaryDirectory(prefix="zipped-bench-", ignore_cleanup_errors=True) as temporary:
            folder = options.keep.absolute() if options.keep else Path(temporary)
            folder.mkdir(parents=True, exist_ok=True)
            folder.chmod(0o711)  # root's PostgreSQL runs as another user and must get in
            result = run(chosen, folder, only=options.only, profile=options.profile)
    except (StartError, ChildFailed) as error:
        print(error, file=sys.stderr)
        return 1
    return tell(result)


def run(
    chosen: Plan, folder: Path, *, only: re.Pattern[str] | None = None, profile: Path | None = None
) -> dict[str, Any]:
    """Start everything below `folder` and measure. Call it in the main thread, without a running loop."""
    receiver_port = free_port()
    cluster = Cluster(folder, receiver_port=receiver_port, fleet=_fleet(profile))
    try:
        _say("starting PostgreSQL and Apache Kafka")
        cluster.start_servers()
        with asyncio.Runner() as runner:
            return runner.run(_measure(chosen, cluster, receiver_port, only))
    finally:
        cluster.stop()


async def _measure(chosen: Plan, cluster: Cluster, receiver_port: int, only: re.Pattern[str] | None) -> dict[str, Any]:
    settings = Settings.from_environ(cluster.environment())
    database = Database(settings.database_url, application_name="bench", pool_size=2)
    found: dict[str, list[dict[str, Any]]] = {}
    started = datetime.now(UTC)
    try:
        made, token = await zips.make(database, settings, receiver_port)
        async with child(["bench.receiver", str(receiver_port)], cluster.environment()):
            _say("starting one api, one relay, one worker")
            await cluster.start_processes()
            bench = Bench(cluster, database, made, token)
            idle = bench.memory()
            for name in plan.ZIPS:
                _say(f"warming up: {name}")
                await bench.closed(name, connections=32, seconds=chosen.warm_up)
            for repeat in range(chosen.repeats):
                for name, measure in plan.steps(chosen, bench):
                    if only is not None and not only.search(name):
                        continue
                    _say(f"{repeat + 1} of {chosen.repeats}: {name}")
                    load1 = usage.load1()
                    found.setdefault(name, []).append({"load1": load1, **await measure()})
    finally:
        await database.dispose()
    return {
        "version": __version__,
        "started": started.isoformat(timespec="seconds"),
        "machine": {"cores": os.cpu_count(), "system": platform.platform(), "python": platform.python_version()},
        "load1": [one["load1"] for measured in found.values() for one in measured],
        "memory_idle": idle,
        "measured": found,
    }


def tell(result: dict[str, Any]) -> int:
    """Print the table and write it beside the raw samples; the exit code."""
    found = result["measured"]
    result["figures"] = [
        {"name": line.name, "value": line.value, "unit": line.unit, "bound": line.bound, "holds": line.holds}
        for line in (*report.lines(found), *report.beside(found))
    ]
    report.keep(report.table(found), result)
    low = [line.name for line in report.lines(found) if not line.within_half]
    for name in low:
        print(f"under half of what is to be held: {name}")
    return 1 if low else 0


def _fleet(profile: Path | None) -> Fleet:
    if profile is None:
        return Fleet(apis=1, relays=1, workers=1)
    profile.mkdir(parents=True, exist_ok=True)

    def profiled(command: Command) -> Command:
        return ("-m", "bench.profiled", str(profile.absolute() / f"{command[1]}-{{number}}.stacks"), *command[1:])

    usual = Fleet()
    return Fleet(
        apis=1,
        relays=1,
        workers=1,
        api=profiled(usual.api),
        relay=profiled(usual.relay),
        worker=profiled(usual.worker),
    )


def command_line() -> argparse.ArgumentParser:
    """The options."""
    parser = argparse.ArgumentParser(prog="make bench", description="Measure on Apache Kafka and PostgreSQL.")
    parser.add_argument("--quick", action="store_true", help="one short repeat, about a minute")
    parser.add_argument("--only", type=re.compile, metavar="PATTERN", help="what matches, like 'floor|20/s'")
    parser.add_argument(
        "--profile", type=Path, metavar="FOLDER", help="sample where ours spend their time, files there"
    )
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="keep logs and data there")
    return parser


def _say(line: str) -> None:
    print(f"  {line} …", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
