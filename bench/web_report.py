"""The figures of the pages beside what they are to hold: medians, and the worst where one bad moment is felt."""

from collections.abc import Sequence
from statistics import median
from typing import Any

from bench.report import Line, percentile

FELT = 200  # ms from a key or a click to its picture that still feel at once


def lines(measured: dict[str, Any]) -> list[Line]:
    """Every figure. A bound holds for the worst sample, but for inputs: there for 98 of 100."""
    found = [
        Line("script of the first page, compressed", measured["script_bytes"] / 1000, "KB", 200),
        Line("first page shown, nothing cached, p50", median(measured["first_page_ms"]), "ms", None),
        *_times("a zip of 200 steps opens from the list", measured["open_ms"], 2000),
        *_times("a zip of 200 steps opens by its address", measured["open_cold_ms"], 2000),
        *_felt("typing in 200 steps", measured["typing"]),
        *_felt("moving a step among 200", measured["moving"]),
        *_felt("undoing it", measured["undoing"]),
    ]
    for name, samples in measured["filter_ms"].items():
        found += _times(f"100,000 runs: {name}", samples, None if "open" in name else 500)
    found += _times("webhook sent to its run on the list", measured["change_ms"], 1000)
    return found


def table(lines: Sequence[Line]) -> str:
    """For a terminal and for Markdown alike."""
    rows = [("", "measured", "to hold", "holds"), ("---", "---:", "---:", "---")]
    for line in lines:
        bound = "" if line.bound is None else f"{line.bound:g} {line.unit}"
        holds = "" if line.holds is None else "yes" if line.holds else "NO"
        rows.append((line.name, f"{line.value:,.0f} {line.unit}", bound, holds))
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    return "\n".join(
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in rows
    )


def _times(name: str, samples: Sequence[float], bound: float | None) -> list[Line]:
    return [Line(f"{name}, p50", median(samples), "ms", None), Line(f"{name}, worst", max(samples), "ms", bound)]


def _felt(name: str, found: dict[str, list[float]]) -> list[Line]:
    """From an input to the next picture, as the browser itself tells it, and what kept its main thread busy."""
    return [
        Line(f"{name}: input to picture, p98", percentile(found["events_ms"], 98), "ms", FELT),
        Line(f"{name}: tasks over 50 ms", len(found["long_tasks_ms"]), "", None),
        Line(f"{name}: longest task", max(found["long_tasks_ms"], default=0), "ms", None),
    ]
