import { ArrowDownUp, Minus, Pencil, Plus, type LucideIcon } from "lucide-react";
import { differences, type Change, type Difference } from "./changes";
import { labelOf, shown, Value, type ChangeWords } from "./change-values";
import type { Step } from "./draft";
import { summaryOf } from "./step-summary";

const KINDS: Record<Change["kind"], { word: string; icon: LucideIcon; box: string; ink: string }> = {
  added: { word: "Added", icon: Plus, box: "bg-ok-surface", ink: "text-ok-ink" },
  removed: { word: "Removed", icon: Minus, box: "bg-bad-surface", ink: "text-bad-ink" },
  changed: { word: "Changed", icon: Pencil, box: "bg-accent-surface", ink: "text-accent" },
  moved: { word: "Moved", icon: ArrowDownUp, box: "bg-hover", ink: "text-ink-2" },
};

/** Steps that differ, and of a changed one each value before and after. */
export function ChangeList({ changes, words }: { changes: Change[]; words: ChangeWords }) {
  if (changes.length === 0) return <p className="text-ink-3">No step differs.</p>;
  return (
    <ul className="overflow-hidden rounded-2 border border-line bg-surface">
      {changes.map((change) => (
        <ChangeRow key={change.kind + change.step.id} change={change} words={words} />
      ))}
    </ul>
  );
}

function ChangeRow({ change: { kind, step, was, number }, words }: { change: Change; words: ChangeWords }) {
  const { word, icon: Icon, box, ink } = KINDS[kind];
  return (
    <li className="grid gap-2 border-line px-3 py-2.5 not-last:border-b">
      <p className="flex min-w-0 items-center gap-2">
        <span aria-hidden className={`inline-flex size-5 shrink-0 items-center justify-center rounded-1 ${box} ${ink}`}><Icon size={14} strokeWidth={1.75} /></span>
        <span className="inline-flex h-4 min-w-4 shrink-0 items-center justify-center rounded-1 bg-hover px-[3px] font-mono text-11 text-ink-2">{number}</span>
        <strong dir="auto" className="min-w-0 flex-1 truncate">{step.name}</strong>
        <span className={`shrink-0 text-12 font-strong ${ink}`}>{word}</span>
      </p>
      {was ? (
        <dl className="grid gap-2 pl-7 text-12 max-sm:pl-0">
          {differences(was, step).map((difference) => (
            <Values key={JSON.stringify(difference.path)} step={step} difference={difference} words={words} />
          ))}
        </dl>
      ) : kind === "moved" ? null : (
        <p dir="auto" className="pl-7 text-12 [overflow-wrap:anywhere] text-ink-2 max-sm:pl-0">{summaryOf(step, words.actionOf(step.app, step.action)?.title)}</p>
      )}
    </li>
  );
}

function Values({ step, difference: { path, before, after }, words }: { step: Step; difference: Difference; words: ChangeWords }) {
  const [first, last] = [shown(path, before, words), shown(path, after, words)];
  // “1” and 1 differ, and look alike as texts.
  const alike = first === last;
  return (
    <div className="grid grid-cols-[112px_minmax(0,1fr)] gap-x-3 gap-y-1 max-sm:grid-cols-1">
      <dt dir="auto" className="truncate py-0.5 text-ink-3">{labelOf(step, path, words)}</dt>
      <dd className="grid justify-items-start gap-1">
        <del className="rounded-1 bg-bad-surface px-1.5 py-0.5 [overflow-wrap:anywhere] text-bad-ink no-underline"><Value text={alike ? JSON.stringify(before) : first} words={words} /></del>
        <ins className="rounded-1 bg-ok-surface px-1.5 py-0.5 [overflow-wrap:anywhere] text-ok-ink no-underline"><Value text={alike ? JSON.stringify(after) : last} words={words} /></ins>
      </dd>
    </div>
  );
}
