"use client";

import { clsx } from "clsx";
import { StateIcon } from "@/components/ui/state";
import type { RunPageRunFragment } from "@/gql/graphql";
import { duration } from "@/lib/format";
import type { StepProgress } from "./progress";
import { isFinal } from "./progress";

type WaterfallProps = {
  run: RunPageRunFragment;
  progress: StepProgress[];
  now: Date;
  selected: string | null;
  onSelect: (id: string) => void;
};

type Bar = { from: number; to: number; kind: "ran" | "failed" | "unknown" | "waiting" | "running" | "queued" };

const BARS: Record<Bar["kind"], string> = {
  ran: "bg-ok-solid",
  failed: "bg-bad-solid",
  unknown: "bg-odd-solid",
  running: "bg-accent",
  queued: "border border-line-strong bg-surface",
  waiting: "border border-wait-solid bg-[repeating-linear-gradient(135deg,var(--wait-surface)_0_4px,var(--wait-line)_4px_5px)]",
};

const KINDS: Partial<Record<string, Bar["kind"]>> = { FAILED: "failed", UNKNOWN: "unknown", STARTED: "running" };

const LEGEND: [kind: Bar["kind"], word: string][] = [["queued", "Queued"], ["ran", "Ran"], ["waiting", "Waited"], ["failed", "Failed try"]];

/** What the bars mean, for who sees them; the numbers beside them say it in words. */
export function Legend() {
  return (
    <ul aria-hidden className="flex gap-4 text-12 text-ink-3 max-md:hidden">
      {LEGEND.map(([kind, word]) => (
        <li key={kind} className="flex items-center gap-1.5"><span className={clsx("h-2 w-3.5 rounded-1", BARS[kind])} /> {word}</li>
      ))}
    </ul>
  );
}

/** When each step ran, queued and waiting told apart from running; one row a step, in the order of the flow. */
export function Waterfall({ run, progress, now, selected, onSelect }: WaterfallProps) {
  const start = new Date(run.createdAt).getTime();
  const end = isFinal(run) && run.finishedAt ? new Date(run.finishedAt).getTime() : Math.max(now.getTime(), start + 1);
  const span = Math.max(1, end - start);
  const digits = String(progress.length + 1).length;
  const at = (iso: string) => Math.min(span, Math.max(0, new Date(iso).getTime() - start));
  return (
    <table aria-label="Waterfall" className="w-full table-fixed border-collapse [&_td:last-child]:rounded-r-2 [&_td:last-child]:pr-2 [&_th:first-child]:rounded-l-2 [&_th:first-child]:pl-2 [&_th:last-child]:pr-2">
      <thead>
        <tr className="h-8 text-left text-12 text-ink-3">
          <th scope="col" className="w-[38%] font-text">Step</th>
          <th scope="col" className="font-text">
            <span className="flex justify-between"><span>0 s</span><span>{duration(span / 2)}</span><span>{duration(span)}</span></span>
          </th>
          <th scope="col" className="w-26 text-right font-text">Took</th>
        </tr>
      </thead>
      <tbody>
        <tr className="h-[29px]">
          <th scope="row" className="truncate text-left font-text text-ink-2">Arrived</th>
          <td><Track bars={[{ from: 0, to: run.startedAt ? at(run.startedAt) : span, kind: "queued" }]} span={span} /></td>
          <td className="text-right text-12 whitespace-nowrap text-ink-3 tabular-nums">{run.startedAt ? `queued ${duration(at(run.startedAt))}` : "queued"}</td>
        </tr>
        {progress.map((one, index) => (
          <tr key={one.step.id} className={clsx("h-[29px]", selected === one.step.id ? "*:bg-accent-surface" : "hover:*:bg-hover")}>
            <th scope="row" className="max-w-0 text-left font-text">
              <button type="button" aria-current={selected === one.step.id || undefined} onClick={() => onSelect(one.step.id)} className="flex w-full min-w-0 items-center gap-1.5 rounded-2 text-left">
                <StateIcon state={one.state === "never" ? "queued" : one.state} size={14} />
                <span className="inline-flex h-4 min-w-4 shrink-0 items-center justify-center rounded-1 bg-hover px-[3px] font-mono text-11 text-ink-2" style={{ minWidth: `calc(${digits}ch + 6px)` }}>{index + 2}</span>
                <span dir="auto" className="truncate">{one.step.name}</span>
                {one.attempts.length > 1 ? <span className="ml-auto shrink-0 pr-2 text-12 text-ink-3">{one.attempts.length} tries</span> : null}
              </button>
            </th>
            <td><Track bars={barsOf(one, at, span)} span={span} /></td>
            <td className="text-right text-12 whitespace-nowrap text-ink-3 tabular-nums">{tookWords(one, now)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function tookWords({ waited, tookMs }: StepProgress, now: Date): string {
  if (waited) {
    const until = waited.until ? new Date(waited.until) : now;
    return `${waited.until ? "waited" : "waits"} ${duration(Math.max(0, until.getTime() - new Date(waited.from).getTime()))}`;
  }
  return tookMs === null ? "" : duration(tookMs);
}

function barsOf(one: StepProgress, at: (iso: string) => number, span: number): Bar[] {
  const bars: Bar[] = [];
  one.attempts.forEach((attempt, index) => {
    if (!attempt.startedAt) return;
    const from = at(attempt.startedAt);
    const to = attempt.finishedAt ? at(attempt.finishedAt) : span;
    const before = one.attempts[index - 1]?.finishedAt;
    if (before) bars.push({ from: at(before), to: from, kind: "waiting" });
    bars.push({ from, to, kind: KINDS[attempt.status] ?? "ran" });
  });
  if (one.waited) bars.push({ from: at(one.waited.from), to: one.waited.until ? at(one.waited.until) : span, kind: "waiting" });
  return bars;
}

function Track({ bars, span }: { bars: Bar[]; span: number }) {
  return (
    <div aria-hidden className="relative h-3.5">
      {bars.map((bar, index) => (
        <span
          key={index}
          className={clsx("absolute inset-y-0 min-w-[3px] rounded-1", BARS[bar.kind])}
          style={{ left: `${(bar.from / span) * 100}%`, width: `${((bar.to - bar.from) / span) * 100}%` }}
        />
      ))}
    </div>
  );
}
