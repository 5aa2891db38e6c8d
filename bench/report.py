"""From raw measurements to the table: medians of the repeats, ratios over the floor, and what holds."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import isnan
from pathlib import Path
from statistics import median
from typing import Any, Literal

import orjson

from bench.plan import CONNECTIONS, FLOOR_RATES, RATES, ZIPS

RESULTS = Path(__file__).with_name("results")
OURS = ("api-1", "relay-1", "worker-1")
REFUSED_FOR_NOW = ("429", "503")

Raw = dict[str, Any]
Found = dict[str, list[Raw]]


@dataclass(frozen=True, slots=True)
class Line:
    """A figure beside what is to be held at least, or at most."""

    name: str
    value: float
    unit: str
    #: None where nothing was promised.
    bound: float | None
    sense: Literal["at least", "at most"] = "at most"

    @property
    def holds(self) -> bool | None:
        """Whether the bound is kept."""
        if self.bound is None:
            return None
        return self.value >= self.bound if self.sense == "at least" else self.value <= self.bound

    @property
    def within_half(self) -> bool:
        """Whether it is no worse than half as good as the bound."""
        if self.bound is None:
            return True
        return self.value >= self.bound / 2 if self.sense == "at least" else self.value <= 2 * self.bound


def lines(found: Found) -> list[Line]:
    """Every promise and its figure, of what was measured."""
    return _measured([*_throughput(found), *_latency(found), *_saturation(found), _memory(found)])


def _measured(lines: Iterable[Line]) -> list[Line]:
    return [line for line in lines if not isnan(line.value)]


def beside(found: Found) -> list[Line]:
    """What bare clients reached on the same machine, and figures nothing was promised about."""
    result = []
    for rows in ("1 row", "3 rows"):
        name = f"pgbench {rows} c=32"
        result.append(Line(name, _over(found, name, lambda one: one["tps"]), "/s", None))
        result.append(Line(f"{name}, PostgreSQL", _over(found, name, _cpu_each), "µs CPU", None))
    name = "asgi echo c=32"
    result.append(Line(name, _over(found, name, lambda one: one["done"] / (one["ended"] - one["began"])), "/s", None))
    result.append(Line(f"{name}, CPU", _over(found, name, _cpu_each), "µs", None))
    for share in (50, 99):
        result.append(Line(f"kafka hop p{share}", _over(found, "kafka hop", _at("ms", share)), "ms", None))
    for rate in FLOOR_RATES:
        result += [
            Line(f"floor {rate}/s p{share}", _over(found, f"floor {rate}/s", _at("ms", share)), "ms", None)
            for share in (50, 99)
        ]
    for zip_name in ZIPS:
        for connections in CONNECTIONS:
            name = f"{zip_name} c={connections}"
            result += [
                Line(f"{name} accepted", _over(found, name, _accepted), "/s", None),
                Line(f"{name} completed, with the drain", _over(found, name, _completed), "/s", None),
                Line(f"{name} completed under load", _over(found, name, _in_time), "/s", None),
                Line(f"{name} accept p50", _over(found, name, _at("accept_ms", 50)), "ms", None),
            ]
    return _measured(result)


def cpu_table(found: Found) -> list[tuple[str, dict[str, float]]]:
    """µs of processor time for one run, by part, under each load."""
    names = [f"{one} c={count}" for count in CONNECTIONS for one in ZIPS]
    names += [f"{one} {rate}/s" for rate in RATES for one in ZIPS]
    table = []
    if "idle" in found:
        parts = found["idle"][0]["cpu"].keys()
        table.append(("idle, a second", {part: _over(found, "idle", _idle(part)) for part in parts}))
    for name in filter(found.__contains__, names):
        parts = found[name][0]["cpu"].keys()
        table.append((name, {part: _over(found, name, _part(part)) for part in parts}))
    return table


def _throughput(found: Found) -> Iterable[Line]:
    for zip_name, per_core, per_million in (("no-op", 700, 1400), ("http", 450, 2200)):
        for connections in CONNECTIONS:
            name = f"{zip_name} c={connections}"
            each = _over(found, name, _cpu_each)
            yield Line(f"{name} runs/s per core", 1e6 / each, "/s", per_core, "at least")
            yield Line(f"{name} CPU per million runs", each, "s", per_million)


def _latency(found: Found) -> Iterable[Line]:
    for zip_name in ZIPS:
        for rate in RATES:
            name = f"{zip_name} {rate}/s"
            for share, bound in ((50, 5), (99, 15)):
                value = _over(found, name, _at("accept_ms", share))
                yield Line(f"{name} accept p{share}", value, "ms", bound if rate <= 100 else None)
            for share, factor in ((50, 2), (99, 4)) if rate <= 100 else ((50, 5), (99, 8)):
                value = _over(found, name, _at("done_ms", share))
                floor = _over(found, f"floor {min(rate, 100)}/s", _at("ms", share))
                yield Line(f"{name} done p{share}", value, "ms", None)
                yield Line(f"{name} done p{share} over the floor", value / floor, "x", factor)


def _saturation(found: Found) -> Iterable[Line]:
    for zip_name in ZIPS:
        name = f"{zip_name} c=128"
        yield Line(f"{name} accept p99", _over(found, name, _at("accept_ms", 99)), "ms", 250)
    every = [one for measured in found.values() for one in measured if "statuses" in one]
    bad = sum(
        count
        for one in every
        for status, count in one["statuses"].items()
        if not status.startswith("2") and status not in REFUSED_FOR_NOW
    )
    yield Line("answers that are neither 2xx, 429 nor 503", bad, "", 0)
    yield Line("429 and 503", sum(one["statuses"].get(code, 0) for one in every for code in REFUSED_FOR_NOW), "", None)
    yield Line("runs accepted and not heard of or not succeeded", sum(map(_missing, every)), "", 0)


def _missing(one: Raw) -> int:
    return int(one.get("unheard", 0) + one.get("accepted", one["done"]) - one["done"])


def _memory(found: Found) -> Line:
    sums = [
        sum(one["memory"][name]["rss"] for name in OURS)
        for measured in found.values()
        for one in measured
        if "memory" in one
    ]
    most = max(sums, default=float("nan"))
    return Line("memory of api + relay + worker, RSS at most", most, "MB", 300)


def _over(found: Found, name: str, figure: Callable[[Raw], float]) -> float:
    """The median of the repeats; NaN of what was not measured."""
    return median(figure(one) for one in found[name]) if name in found else float("nan")


def _at(samples: str, share: int) -> Callable[[Raw], float]:
    return lambda one: percentile(one[samples], share)


def _idle(name: str) -> Callable[[Raw], float]:
    return lambda one: float(one["cpu"][name]) * 1e6 / float(one["seconds"])


def _part(name: str) -> Callable[[Raw], float]:
    return lambda one: float(one["cpu"][name]) * 1e6 / max(1, one["done"])


def _cpu_each(one: Raw) -> float:
    return float(sum(one["cpu"].values()) * 1e6 / max(1, one["done"]))


def _accepted(one: Raw) -> float:
    return float(one["accepted"] / one["seconds"])


def _completed(one: Raw) -> float:
    return float(one["done"] / one["whole_seconds"])


def _in_time(one: Raw) -> float:
    return float(one["done_in_time"] / one["seconds"])


def percentile(samples: Sequence[float], share: float) -> float:
    """The smallest sample that at least `share` percent of them don't exceed; NaN of none."""
    ordered = sorted(samples)
    return ordered[max(0, -(-len(ordered) * int(share) // 100) - 1)] if ordered else float("nan")


def table(found: Found) -> str:
    """Everything, as Markdown."""
    shown = ["| | measured | hold at least | holds |", "|---|---|---|---|"]
    for line in lines(found):
        bound = "" if line.bound is None else f"{line.sense} {_number(line.bound)} {line.unit}".rstrip()
        holds = {True: "yes", False: "**no**", None: ""}[line.holds]
        holds += "" if line.within_half else " (under half)"
        shown.append(f"| {line.name} | {_number(line.value)} {line.unit} | {bound} | {holds} |")
    shown += ["", "| beside | measured |", "|---|---|"]
    shown += [f"| {line.name} | {_number(line.value)} {line.unit} |" for line in beside(found)]
    cpu = cpu_table(found)
    parts = list(cpu[0][1]) if cpu else []
    shown += ["", f"| µs of CPU for a run | {' | '.join(parts)} | all |", "|---" * (len(parts) + 2) + "|"]
    for name, each in cpu:
        figures = [f"{each[part]:,.0f}" for part in parts]
        shown.append(f"| {name} | {' | '.join(figures)} | {sum(each.values()):,.0f} |")
    return "\n".join(shown)


def keep(shown: str, result: Raw, *, prefix: str = "") -> None:
    """Print what is shown of a result, and write it, with all raw samples beside it, below bench/results."""
    started, load = result["started"], result["load1"]
    told = (
        f"{started}, {result['machine']['cores']} cores, load of the machine (1 minute) {min(load)} to {max(load)}\n"
        f"\n{shown}\n"
    )
    print(f"\n{told}")
    RESULTS.mkdir(exist_ok=True)
    file = RESULTS / f"{prefix}{started.replace(':', '').replace('+0000', 'Z')}.json"
    file.write_bytes(orjson.dumps(result))
    file.with_suffix(".md").write_text(told)
    print(f"raw samples: {file.relative_to(Path.cwd()) if file.is_relative_to(Path.cwd()) else file}")


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:.3g}"
