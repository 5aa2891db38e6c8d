"""Runs one of our modules under a sampling profiler of processor time.

    python -m bench.profiled FILE MODULE [WORDS …]

Every two milliseconds of the process's own processor time, however busy the machine, its stack is counted. Unlike a
profiler that hears every call it neither slows small functions down nor takes waiting for work. FILE gets one line
for each stack, "outermost;…;innermost count", which flame graph programs read, and FILE.txt the costliest functions.
"""

import runpy
import signal
import sys
from collections import Counter
from pathlib import Path
from types import FrameType

INTERVAL = 0.002  # seconds
SHOWN = 60  # functions


def main() -> None:
    """Run the module, then write what was seen."""
    file, module, *words = sys.argv[1:]
    stacks: Counter[tuple[str, ...]] = Counter()

    def sample(_: int, frame: FrameType | None) -> None:
        stack = []
        while frame is not None:
            code = frame.f_code
            stack.append(f"{'/'.join(code.co_filename.split('/')[-3:])}:{code.co_qualname}")
            frame = frame.f_back
        stacks[tuple(reversed(stack))] += 1

    signal.signal(signal.SIGPROF, sample)
    signal.setitimer(signal.ITIMER_PROF, INTERVAL, INTERVAL)
    sys.argv = [module, *words]
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        write(stacks, Path(file))


def write(stacks: Counter[tuple[str, ...]], file: Path) -> None:
    """The stacks, and what they come to."""
    file.write_text("".join(f"{';'.join(stack)} {count}\n" for stack, count in stacks.most_common()))
    inside: Counter[str] = Counter()
    own: Counter[str] = Counter()
    for stack, count in stacks.items():
        own[stack[-1]] += count
        for function in set(stack):
            inside[function] += count
    lines = [f"{stacks.total()} samples of {INTERVAL * 1000:g} ms", "", " total    own  function"]
    for function, count in inside.most_common(SHOWN):
        lines.append(f"{count:6} {own[function]:6}  {function}")
    lines += ["", "by own time", ""]
    lines += [f"{inside[function]:6} {count:6}  {function}" for function, count in own.most_common(SHOWN)]
    file.with_suffix(".txt").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
