"use client";

import { ChevronDown, TriangleAlert } from "lucide-react";
import { useState } from "react";
import type { Step } from "./draft";
import { problemWords } from "./problem-words";
import type { Problem } from "./use-draft";

type ProblemListProps = { problems: readonly Problem[]; steps: Step[]; onGo: (problem: Problem) => void };

/** Everything that keeps the zip from being published, each a click away from where it is put right. */
export function ProblemList({ problems, steps, onGo }: ProblemListProps) {
  const [open, setOpen] = useState(false);
  if (problems.length === 0) return null;
  return (
    <section aria-label="Problems" className="shrink-0 border-b border-wait-line bg-wait-surface text-wait-ink">
      <button type="button" aria-expanded={open} onClick={() => setOpen(!open)} className="flex h-9 w-full items-center gap-2 px-6 text-12 max-sm:px-4">
        <TriangleAlert aria-hidden size={14} strokeWidth={1.75} />
        {problems.length === 1 ? "One thing to put right before it can be published" : `${problems.length} things to put right before it can be published`}
        <ChevronDown aria-hidden size={14} className={open ? "rotate-180" : ""} />
      </button>
      {open ? (
        <ul className="grid max-h-48 gap-1 overflow-y-auto px-6 pb-3 max-sm:px-4">
          {problems.map((problem, index) => (
            <li key={index}>
              <button type="button" onClick={() => onGo(problem)} className="min-h-6 rounded-2 text-left hover:underline">
                {problemWords(problem, steps)}
              </button>
            </li>
          ))}
        </ul>
      ) : null}
    </section>
  );
}
