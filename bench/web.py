"""`make bench-web`: measure the pages in a headless Chromium, against a `zipped up` with a day of 100,000 runs.

    python -m bench.web [--repeats 5]

Prints a table and writes it, with all raw samples as JSON, below bench/results. Exit code 1 when a figure misses what
is to be held. What the browser does stands in web/bench/measure.mjs.
"""

import argparse
import asyncio
import os
import platform
import subprocess
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from bench import pages, report, usage, web_report, web_seed
from tests.e2e.up_command import UpCommand
from tests.fixtures.folder import open_folder
from zipped import __version__
from zipped.db import Database
from zipped.embedded.environment import DataFolder
from zipped.embedded.ports import free_port
from zipped.settings import Settings

MEASURE_TIMEOUT = 900.0  # seconds


def main() -> int:
    """Measure; the exit code."""
    options = command_line().parse_args()
    browser = pages.ready()
    if browser is None:
        return 1
    with open_folder() as folder:
        up = UpCommand(folder, free_port(), environ={"ZIPPED_WEB_DIR": str(pages.EXPORT)})
        try:
            _say("starting Zipped")
            up.start()
            _say(f"storing {web_seed.RUNS:,} runs and their events")
            seeded = asyncio.run(_seed(folder, up))
            load = [usage.load1()]
            measured = _measure(browser, up.port, seeded, options.repeats)
            load.append(usage.load1())
        except subprocess.SubprocessError as error:
            print(f"The browser's part failed ({error}); its own words are above.", file=sys.stderr)
            return 1
        finally:
            up.close()
    return tell(measured, load)


async def _seed(folder: Path, up: UpCommand) -> web_seed.Seeded:
    environment = DataFolder(folder).environment({"ZIPPED_PUBLIC_URL": f"http://127.0.0.1:{up.port}"})
    settings = Settings.from_environ(environment)
    database = Database(settings.database_url, application_name="bench", pool_size=1, statement_timeout=60)
    try:
        return await web_seed.seed(database, settings, up.password())
    finally:
        await database.dispose()


def _measure(browser: str, port: int, seeded: web_seed.Seeded, repeats: int) -> dict[str, Any]:
    order = {"url": f"http://127.0.0.1:{port}", "browser": browser, "repeats": repeats, **asdict(seeded)}
    done = subprocess.run(
        ["node", "bench/measure.mjs"],
        cwd=pages.ROOT / "web",
        input=orjson.dumps(order),
        stdout=subprocess.PIPE,
        timeout=MEASURE_TIMEOUT,
        check=True,
    )
    measured: dict[str, Any] = orjson.loads(done.stdout)
    return measured


def tell(measured: dict[str, Any], load: list[float]) -> int:
    """Print the table and write it beside the raw samples; the exit code."""
    lines = web_report.lines(measured)
    result = {
        "version": __version__,
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {"cores": os.cpu_count(), "system": platform.platform()},
        "load1": load,
        "figures": [{**asdict(line), "holds": line.holds} for line in lines],
        "measured": measured,
    }
    report.keep(web_report.table(lines), result, prefix="web-")
    missed = [line.name for line in lines if line.holds is False]
    for name in missed:
        print(f"missed: {name}")
    return 1 if missed else 0


def command_line() -> argparse.ArgumentParser:
    """The options."""
    parser = argparse.ArgumentParser(prog="make bench-web", description="Measure the pages in a browser.")
    parser.add_argument("--repeats", type=int, default=5, metavar="N", help="how often each thing is done")
    return parser


def _say(line: str) -> None:
    print(f"  {line} …", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
