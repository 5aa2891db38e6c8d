"use client";

import { clsx } from "clsx";
import { useMemo, useState } from "react";
import { momentWords } from "@/lib/format";
import { useNow } from "@/lib/now";
import { runsOf, selectionOf, SPANS, successWords, ticksOf, timeOf, totalsOf, type Counts, type Part, type Span, type Totals } from "./chart-span";
import { RunsBrush } from "./runs-brush";

/** From the axis up: what went well is grey, so that the rest is seen, however little of it there is. */
const LAYERS = [
  { of: "succeeded", look: "bg-idle-solid", chosen: "bg-ink-2" },
  { of: "cancelled", look: "bg-line-strong", chosen: "bg-line-strong" },
  { of: "waiting", look: "bg-wait-solid min-h-[3px]", chosen: "bg-wait-solid min-h-[3px]" },
  { of: "active", look: "bg-accent min-h-[3px]", chosen: "bg-accent min-h-[3px]" },
  { of: "failed", look: "bg-bad-solid min-h-[3px]", chosen: "bg-bad-solid min-h-[3px]" },
] as const satisfies { of: Exclude<keyof Part, "start">; look: string; chosen: string }[];

const TALLEST = 92; // per cent of the plot, so that what has a least height still fits on top

type ChartProps = {
  counts: Counts | null;
  span: Span;
  from: string;
  to: string;
  onTime: (time: { from: string; to: string }) => void;
};

/** Runs over time, by what has become of them; dragging over it chooses a time. Its place is there before its numbers. */
export function RunsChart({ counts, span, from, to, onTime }: ChartProps) {
  const now = useNow();
  const [pointed, setPointed] = useState<number | null>(null);
  const chosen = useMemo(() => (counts ? selectionOf(counts, from, to) : null), [counts, from, to]);
  const parts = counts?.counts ?? [];
  const totals = totalsOf(chosen ? parts.slice(chosen.from, chosen.to) : parts);
  const under = pointed === null ? undefined : parts[pointed];
  const wordsAt = (boundary: number) => (boundary >= parts.length ? "now" : momentWords(parts[boundary]?.start ?? "", now));
  return (
    <section aria-label="Runs over time" className="shrink-0 border-b border-line px-6 pt-3 pb-2 max-sm:px-4">
      <div className="flex h-6 items-baseline gap-5 overflow-hidden whitespace-nowrap max-sm:gap-3">
        {counts ? <Summary totals={totals} capped={counts.isCapped} /> : null}
        <p aria-hidden className="ml-auto truncate text-12 text-ink-3 max-md:hidden">
          {under && pointed !== null ? pointedWords(under, `${wordsAt(pointed)} to ${wordsAt(pointed + 1)}`) : parts.some(runsOf) ? "Drag over the chart to set the time" : null}
        </p>
      </div>
      <div className="mt-3 h-[72px] max-sm:h-[52px]">
        {counts ? (
          <RunsBrush parts={parts.length} chosen={chosen} onChoose={(next) => onTime(timeOf(counts, next))} onPoint={setPointed} wordsAt={wordsAt}>
            <Bars parts={parts} chosen={chosen} pointed={pointed} />
          </RunsBrush>
        ) : (
          <div className="h-full border-b border-line-strong" />
        )}
      </div>
      <div aria-hidden className="relative mt-1 h-4 text-11 text-ink-3">
        {counts ? (
          <>
            {ticksOf(counts, span).map(({ at, words }, index) => (
              <span key={at} className={clsx("absolute -translate-x-1/2 whitespace-nowrap", index % 2 === 1 && "max-sm:hidden")} style={{ left: `${at * 100}%` }}>{words}</span>
            ))}
            <span className="absolute right-0">Now</span>
          </>
        ) : null}
      </div>
      {counts ? <NumbersTable parts={parts} wordsAt={wordsAt} span={span} /> : null}
    </section>
  );
}

function Summary({ totals, capped }: { totals: Totals; capped: boolean }) {
  const share = successWords(totals);
  return (
    <p className="flex items-baseline gap-5 text-ink-2 max-sm:gap-3">
      <Number of={`${totals.runs.toLocaleString()}${capped ? "+" : ""}`} words={totals.runs === 1 ? "run" : "runs"} />
      {share ? <Number of={share} words="succeeded" className="max-sm:hidden" /> : null}
      {totals.failed ? <Number of={totals.failed.toLocaleString()} words="failed" className="text-bad-ink" /> : null}
      {totals.waiting ? <Number of={totals.waiting.toLocaleString()} words="waiting" className="text-wait-ink" /> : null}
      {totals.active ? <Number of={totals.active.toLocaleString()} words="under way" className="text-accent" /> : null}
      {totals.cancelled ? <Number of={totals.cancelled.toLocaleString()} words="cancelled" className="max-md:hidden" /> : null}
    </p>
  );
}

function Number({ of, words, className }: { of: string; words: string; className?: string }) {
  return <span className={className}><b className={clsx("mr-0.5 text-16 font-title tabular-nums", !className?.includes("text-") && "text-ink")}>{of}</b> {words}</span>;
}

function Bars({ parts, chosen, pointed }: { parts: Part[]; chosen: { from: number; to: number } | null; pointed: number | null }) {
  const most = Math.max(1, ...parts.map(runsOf));
  return (
    <div aria-hidden className="flex h-[72px] items-stretch gap-[2px] border-b border-line-strong max-sm:h-[52px] max-sm:gap-px">
      {parts.map((part, index) => {
        const inside = chosen ? index >= chosen.from && index < chosen.to : false;
        return (
          <div key={part.start} className={clsx("flex min-w-0 flex-1 flex-col-reverse rounded-t-1", index === pointed && "bg-hover")}>
            {LAYERS.map(({ of, look, chosen: dark }) =>
              part[of] ? <span key={of} className={clsx("shrink-0 border-t border-surface bg-clip-padding", inside ? dark : look)} style={{ height: `${(part[of] / most) * TALLEST}%` }} /> : null,
            )}
          </div>
        );
      })}
    </div>
  );
}

/** The same numbers for who hears the page; parts without a run are left out. */
function NumbersTable({ parts, wordsAt, span }: { parts: Part[]; wordsAt: (boundary: number) => string; span: Span }) {
  return (
    <div className="sr-only">
      <table aria-label="Runs over time in numbers">
        <caption>Runs of {SPANS[span].long}</caption>
        <thead>
          <tr>{["Time", "Succeeded", "Failed", "Waiting", "Under way", "Cancelled"].map((word) => <th key={word} scope="col">{word}</th>)}</tr>
        </thead>
        <tbody>
          {parts.map((part, index) =>
            runsOf(part) ? (
              <tr key={part.start}>
                <th scope="row">{`${wordsAt(index)} to ${wordsAt(index + 1)}`}</th>
                <td>{part.succeeded}</td>
                <td>{part.failed}</td>
                <td>{part.waiting}</td>
                <td>{part.active}</td>
                <td>{part.cancelled}</td>
              </tr>
            ) : null,
          )}
        </tbody>
      </table>
    </div>
  );
}

function pointedWords(part: Part, time: string): string {
  const { runs, failed, waiting } = totalsOf([part]);
  return [time, `${runs} ${runs === 1 ? "run" : "runs"}`, failed ? `${failed} failed` : "", waiting ? `${waiting} waiting` : ""].filter(Boolean).join(" · ");
}
