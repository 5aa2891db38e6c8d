"""`make chaos`: kill everything under load, and count what is missing.

    python -m tests.chaos [--seed N] [--seconds 75] [--deliveries 2400] [--keep FOLDER]

Exit code 0 when nothing was lost, finished twice, stuck, without its steps or under a wrong key, and when as many
faults and deliveries happened as were promised; else 1, with the ids.
"""

import argparse
import random
import sys
import tempfile
from pathlib import Path

from tests.chaos import plan
from tests.chaos.campaign import Order, Report, print_progress, run
from tests.chaos.verdict import SHOWN
from zipped.embedded import StartError

LEAST_DELIVERIES = 2_000
LEAST_KILLS = 20
LEAST_FREEZES = 5


def main() -> int:
    """Run one campaign; the exit code."""
    options = command_line().parse_args()
    seed = options.seed if options.seed is not None else random.SystemRandom().randrange(1_000_000)
    print(f"seed {seed}; again with: make chaos C='--seed {seed}'", flush=True)
    order = Order(
        seed=seed,
        seconds=options.seconds,
        deliveries=options.deliveries,
        faults=plan.draw(seed, seconds=options.seconds),
    )
    try:
        if options.keep:
            options.keep.mkdir(parents=True, exist_ok=True)
            report = run(order, options.keep.absolute(), say=print_progress)
        else:
            with tempfile.TemporaryDirectory(prefix="zipped-chaos-", ignore_cleanup_errors=True) as folder:
                Path(folder).chmod(0o711)  # root's PostgreSQL runs as another user and must get in
                report = run(order, Path(folder), say=print_progress)
    except StartError as error:
        print(error.message, file=sys.stderr)
        return 1
    return tell(report)


def tell(report: Report) -> int:
    """Print the report; the exit code."""
    kills = sum(count for (_, kind), count in report.faults.items() if kind == "kill")
    freezes = sum(count for (_, kind), count in report.faults.items() if kind == "freeze")
    print(f"\n{report.deliveries} deliveries accepted, {report.sent_twice} of them sent twice, in {report.tries} tries")
    print(f"{kills} kills, {freezes} freezes of {plan.FREEZE:.0f} s:")
    hits = {part: (report.faults[part, "kill"], report.faults[part, "freeze"]) for part in plan.PARTS}
    for part, (killed, frozen) in hits.items():
        print(f"  {part:<10} {killed} killed, {frozen} frozen")
    print(f"{report.requests} requests reached the receiver, {report.repeated} of them under a key it knew\n")
    for name, found in report.verdict.broken().items():
        print(f"{name:<16} {len(found)}")
        for one in found[:SHOWN]:
            print(f"    {one}")
    short = [
        *([f"only {report.deliveries} deliveries"] if report.deliveries < LEAST_DELIVERIES else []),
        *([f"only {report.sent_twice} sent twice"] if report.sent_twice < report.deliveries // 10 else []),
        *([f"only {kills} kills"] if kills < LEAST_KILLS else []),
        *([f"only {freezes} freezes"] if freezes < LEAST_FREEZES else []),
        *(f"{part} was hit only {sum(hit)} times" for part, hit in hits.items() if sum(hit) < plan.LEAST_HITS),
    ]
    for line in short:
        print(f"not enough: {line}")
    print("\nkept" if report.verdict.kept and not short else "\nBROKEN")
    return 0 if report.verdict.kept and not short else 1


def command_line() -> argparse.ArgumentParser:
    """The options."""
    parser = argparse.ArgumentParser(
        prog="make chaos", description="Kill everything under load, count what is missing."
    )
    parser.add_argument("--seed", type=int, help="of an earlier campaign (random)")
    parser.add_argument("--seconds", type=float, default=75.0, help="of load (75)")
    parser.add_argument("--deliveries", type=int, default=2_400, help="at least (2400)")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="keep logs and data there")
    return parser


if __name__ == "__main__":
    sys.exit(main())
