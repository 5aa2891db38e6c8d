import { describe, expect, it } from "vitest";
import { momentWords } from "@/lib/format";
import { selectionOf, spanOf, successWords, ticksOf, timeOf, timeWords, totalsOf, type Counts } from "./chart-span";

const START = Date.UTC(2026, 10, 22, 6, 0);
const iso = (minutes: number) => new Date(START + minutes * 60_000).toISOString();
const part = (minutes: number, numbers = {}) => ({ start: iso(minutes), succeeded: 0, failed: 0, waiting: 0, active: 0, cancelled: 0, ...numbers });
const counts: Counts = { seconds: 900, isCapped: false, counts: [0, 15, 30, 45].map((minutes) => part(minutes, { succeeded: 2, failed: 1 })) };

describe("a choice on the chart", () => {
  it("covers the parts its time touches", () => {
    expect(selectionOf(counts, iso(15), iso(45))).toEqual({ from: 1, to: 3 });
    expect(selectionOf(counts, iso(20), iso(31))).toEqual({ from: 1, to: 3 });
    expect(selectionOf(counts, iso(30), "")).toEqual({ from: 2, to: 4 });
    expect(selectionOf(counts, "", iso(15))).toEqual({ from: 0, to: 1 });
    expect(selectionOf(counts, iso(-60), iso(16))).toEqual({ from: 0, to: 2 });
  });

  it("is none where the chart shows nothing of it, or nothing else", () => {
    expect(selectionOf(counts, "", "")).toBeNull();
    expect(selectionOf(counts, iso(-60), iso(-15))).toBeNull();
    expect(selectionOf(counts, iso(60), "")).toBeNull();
    expect(selectionOf(counts, iso(-60), "")).toBeNull();
    expect(selectionOf({ ...counts, counts: [] }, iso(0), "")).toBeNull();
  });

  it("goes back into a time, open where it reaches now", () => {
    expect(timeOf(counts, { from: 1, to: 3 })).toEqual({ from: iso(15), to: iso(45) });
    expect(timeOf(counts, { from: 2, to: 4 })).toEqual({ from: iso(30), to: "" });
    expect(timeOf(counts, { from: 0, to: 4 })).toEqual({ from: "", to: "" });
    expect(timeOf(counts, null)).toEqual({ from: "", to: "" });
  });
});

describe("the span", () => {
  const now = new Date(START);
  it("is the one asked for, else the shortest that shows the beginning", () => {
    expect(spanOf("1h", iso(-6_000), now)).toBe("1h");
    expect(spanOf("", "", now)).toBe("24h");
    expect(spanOf("none", iso(-60), now)).toBe("24h");
    expect(spanOf("", iso(-2 * 1_440), now)).toBe("7d");
    expect(spanOf("", iso(-400 * 1_440), now)).toBe("30d");
  });
});

describe("words", () => {
  it("sums, and never rounds up to all", () => {
    expect(totalsOf(counts.counts)).toEqual({ runs: 12, succeeded: 8, failed: 4, waiting: 0, active: 0, cancelled: 0 });
    expect(successWords(totalsOf([part(0, { succeeded: 19_999, failed: 1 })]))).toBe("99.9 %");
    expect(successWords(totalsOf([part(0, { succeeded: 3, active: 9 })]))).toBe("100 %");
    expect(successWords(totalsOf([part(0, { waiting: 3 })]))).toBe("");
  });

  it("tell a time as short as it can be told", () => {
    const now = new Date(START + 50 * 60_000);
    const at = (minutes: number) => momentWords(iso(minutes), new Date(iso(minutes)));
    expect(timeWords(iso(0), "", now)).toBe(`${at(0)} to now`);
    expect(timeWords(iso(0), iso(30), now)).toBe(`${at(0)} to ${at(30)}`);
    expect(timeWords(iso(-4 * 1_440), iso(-4 * 1_440 + 30), now)).toBe(`${momentWords(iso(-4 * 1_440), now)} to ${at(30)}`);
    expect(timeWords("", iso(30), now)).toBe(`until ${at(30)}`);
  });

  it("stand at round times of the axis, in order, clear of its ends", () => {
    const day: Counts = { seconds: 900, isCapped: false, counts: Array.from({ length: 96 }, (_, index) => part(index * 15)) };
    const ticks = ticksOf(day, "24h");
    expect(ticks.length).toBeGreaterThanOrEqual(7);
    expect(ticks.every(({ at }) => at > 0.02 && at < 0.94)).toBe(true);
    expect(ticks.map(({ at }) => at)).toEqual([...ticks.map(({ at }) => at)].sort((a, b) => a - b));
    expect(ticksOf({ ...day, counts: [] }, "24h")).toEqual([]);
  });
});
