/** The chart's time: how long it looks back, which part of it is chosen, and where its axis has words. Pure. */

import type { RunCountsQuery } from "@/gql/graphql";
import { dayWords, momentWords } from "@/lib/format";

export type Counts = NonNullable<RunCountsQuery["runCounts"]>;
export type Part = Counts["counts"][number];

/** Parts of the chart from `from` up to, not including, `to`. */
export type Selection = { from: number; to: number };

/** What the chart may look back on; parts and hours as the server is asked for them. */
export const SPANS = {
  "1h": { hours: 1, parts: 60, words: "1 h", long: "the last hour" },
  "24h": { hours: 24, parts: 96, words: "24 h", long: "the last 24 hours" },
  "7d": { hours: 168, parts: 84, words: "7 d", long: "the last 7 days" },
  "30d": { hours: 720, parts: 90, words: "30 d", long: "the last 30 days" },
} as const;
export type Span = keyof typeof SPANS;

const HOUR = 3_600_000; // milliseconds

/** The span an address asks for; one that only names a beginning gets the shortest that still shows it. */
export function spanOf(asked: string, from: string, now: Date): Span {
  if (asked in SPANS) return asked as Span;
  const age = from ? now.getTime() - new Date(from).getTime() : 0;
  const names: Span[] = ["24h", "7d", "30d"];
  return names.find((name) => age <= SPANS[name].hours * HOUR) ?? "30d";
}

/** Which parts lie in a time; null when none of it is on the chart, or all of the chart is in it. */
export function selectionOf(counts: Counts, from: string, to: string): Selection | null {
  const [first] = counts.counts;
  if (!first || (!from && !to)) return null;
  const all = counts.counts.length;
  const at = (iso: string) => (new Date(iso).getTime() - new Date(first.start).getTime()) / (counts.seconds * 1_000);
  const chosen = { from: from ? Math.max(0, Math.floor(at(from))) : 0, to: to ? Math.min(all, Math.ceil(at(to))) : all };
  if (chosen.from >= chosen.to || (chosen.from === 0 && chosen.to === all)) return null;
  return chosen;
}

/** The time of some parts, for the address; a choice that reaches the last part stays open, so that it goes on. */
export function timeOf(counts: Counts, chosen: Selection | null): { from: string; to: string } {
  const all = counts.counts.length;
  if (!chosen || (chosen.from === 0 && chosen.to === all)) return { from: "", to: "" };
  return { from: counts.counts[chosen.from]?.start ?? "", to: chosen.to >= all ? "" : (counts.counts[chosen.to]?.start ?? "") };
}

export type Totals = Record<Exclude<keyof Part, "start">, number> & { runs: number };

export const runsOf = (part: Part) => part.succeeded + part.failed + part.waiting + part.active + part.cancelled;

/** All of some parts together. */
export function totalsOf(parts: Part[]): Totals {
  const sum = (pick: (part: Part) => number) => parts.reduce((before, part) => before + pick(part), 0);
  return {
    runs: sum(runsOf),
    succeeded: sum((part) => part.succeeded),
    failed: sum((part) => part.failed),
    waiting: sum((part) => part.waiting),
    active: sum((part) => part.active),
    cancelled: sum((part) => part.cancelled),
  };
}

/** The share of what has ended that ended well, never rounded up to all; empty while nothing has ended. */
export function successWords({ succeeded, failed, cancelled }: Totals): string {
  const ended = succeeded + failed + cancelled;
  return ended ? `${Math.floor((succeeded / ended) * 1_000) / 10} %` : "";
}

/** What an address's time says: “06:10 to now”, “21 Nov, 06:10 to 08:00”. */
export function timeWords(from: string, to: string, now: Date): string {
  if (!from) return `until ${momentWords(to, now)}`;
  const sameDay = to && new Date(from).toDateString() === new Date(to).toDateString();
  return `${momentWords(from, now)} to ${to ? momentWords(to, sameDay ? new Date(to) : now) : "now"}`;
}

/** Where the axis has words, as a share of its width: at round times of the reader's own zone. */
export function ticksOf(counts: Counts, span: Span): { at: number; words: string }[] {
  const [first] = counts.counts;
  if (!first) return [];
  const start = new Date(first.start).getTime();
  const length = counts.counts.length * counts.seconds * 1_000;
  const ticks: { at: number; words: string }[] = [];
  for (let time = firstTick(start, span); time.getTime() < start + length; time = nextTick(time, span)) {
    const at = (time.getTime() - start) / length;
    // The left end has no room for words in the middle of their place, the right end says “Now”.
    if (at > 0.02 && at < 0.94) ticks.push({ at, words: span === "1h" || span === "24h" ? momentWords(time.toISOString(), time) : dayWords(time, time) });
  }
  return ticks;
}

const STEP = { "1h": 10, "24h": 180, "7d": 1_440, "30d": 7_200 } as const satisfies Record<Span, number>; // minutes

function firstTick(start: number, span: Span): Date {
  const time = new Date(start);
  if (span === "1h") time.setMinutes(Math.ceil(time.getMinutes() / STEP["1h"]) * STEP["1h"], 0, 0);
  else if (span === "24h") time.setHours(Math.ceil((time.getHours() + time.getMinutes() / 60) / 3) * 3, 0, 0, 0);
  else time.setHours(24, 0, 0, 0);
  return time;
}

/** By the clock on the wall, which a change of it makes uneven. */
function nextTick(time: Date, span: Span): Date {
  const next = new Date(time);
  next.setMinutes(next.getMinutes() + STEP[span]);
  return next;
}
