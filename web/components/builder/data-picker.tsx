"use client";

import { Braces, Search } from "lucide-react";
import { useMemo, useState } from "react";
import { AppTile } from "@/components/ui/tile";
import type { Step } from "./draft";
import { pathsOf, type Path, type Scope } from "./samples";

type DataPickerProps = { scope: Scope; /** Steps before the one that is edited. */ before: Step[]; onPick: (expression: string) => void };

type Source = { key: string; title: string; number: number; app: string; action?: string; paths: Path[] };

/** What came before, with real values: the nearest step first, the trigger last. Picking puts an expression in. */
export function DataPicker({ scope, before, onPick }: DataPickerProps) {
  const [search, setSearch] = useState("");
  const sources = useMemo(() => {
    const steps = before.map((step, index): Source => ({
      key: step.id,
      title: step.name,
      number: index + 2,
      app: step.app,
      action: step.action,
      paths: scope.steps[step.id] === undefined ? [] : pathsOf(`steps.${step.id}`, scope.steps[step.id] ?? null),
    }));
    const trigger: Source = { key: "trigger", title: "Trigger", number: 1, app: "webhook", paths: Object.keys(scope.trigger).length ? pathsOf("trigger", scope.trigger).slice(1) : [] };
    return [...steps.reverse(), trigger];
  }, [before, scope]);
  const needle = search.trim().toLowerCase();
  const matches = (path: Path) => !needle || path.path.toLowerCase().includes(needle) || String(path.value).toLowerCase().includes(needle);
  return (
    <section aria-label="Data of earlier steps" className="flex max-h-[44vh] min-h-0 flex-col border-t border-line bg-well">
      <label className="flex h-9 shrink-0 items-center gap-2 border-b border-line px-5">
        <Search aria-hidden size={14} className="text-ink-3" />
        <span className="sr-only">Search the data</span>
        <input value={search} onChange={(event) => setSearch(event.target.value)} placeholder="Search the data of earlier steps" className="min-w-0 flex-1 bg-transparent outline-none focus-visible:shadow-none" />
      </label>
      <div className="min-h-0 flex-1 overflow-y-auto py-1">
        {sources.map((source) => (
          <div key={source.key} className="py-1">
            <p className="flex items-center gap-2 px-5 py-1 font-strong">
              <AppTile size="small" app={source.app} action={source.action} />
              <span className="inline-flex h-4 min-w-4 items-center justify-center rounded-1 bg-hover px-[3px] font-mono text-11 text-ink-2">{source.number}</span>
              <span dir="auto" className="truncate">{source.title}</span>
            </p>
            {source.paths.length === 0 ? (
              <p className="px-5 pl-12 text-12 text-ink-3">{source.key === "trigger" ? "Nothing has arrived yet; send a request to see its data here." : "It has not run yet; run the zip to see its data here."}</p>
            ) : (
              <ul>
                {source.paths.filter(matches).map((path) => (
                  <li key={path.path}>
                    <button
                      type="button"
                      onMouseDown={(event) => event.preventDefault()}
                      onClick={() => onPick(`{{ ${path.path} }}`)}
                      className="flex min-h-6 w-full items-center gap-2 px-5 text-left hover:bg-accent-surface focus-visible:shadow-(--ring-inset)"
                      style={{ paddingLeft: 48 + (needle ? 0 : (path.depth - 1) * 12) }}
                    >
                      <span className="mono shrink-0 text-ink-2">{needle ? path.path : lastPart(path.path)}</span>
                      <span className="mono min-w-0 flex-1 truncate text-right text-ink-3">
                        {path.branch ? <Braces aria-label="object" size={12} className="inline" /> : JSON.stringify(path.value)}
                      </span>
                    </button>
                  </li>
                ))}
              </ul>
            )}
          </div>
        ))}
      </div>
    </section>
  );
}

const lastPart = (path: string) => /(\.[^.[\]]+|\[[^\]]*\]|^[^.[]+)$/.exec(path)?.[0].replace(/^\./, "") ?? path;
