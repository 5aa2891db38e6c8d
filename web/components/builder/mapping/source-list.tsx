"use client";

import { clsx } from "clsx";
import { ChevronDown, ChevronRight } from "lucide-react";
import { memo } from "react";
import { Button } from "@/components/ui/button";
import { AppTile } from "@/components/ui/tile";
import type { SourceRows, ValueRow } from "./picker-rows";

type SourceListProps = SourceRows & {
  /** Of the picker; options are named by it and by their place, which begins here with `first`. */
  id: string;
  first: number;
  active: ValueRow | undefined;
  onTake: (row: ValueRow) => void;
  onTurn: (path: string) => void;
  onGo: (source: string) => void;
};

/** One source of data with its values; options of a list box, which the field drives. */
export const SourceList = memo(function SourceList({ source, rows, id, first, active, onTake, onTurn, onGo }: SourceListProps) {
  const listId = `${id}-of-${source.key}`;
  const tested = source.sample !== undefined;
  return (
    <section className="border-line py-1.5 not-last:border-b">
      <h3 id={listId} className="flex items-center gap-2 px-3 py-1 font-strong">
        <AppTile size="small" app={source.app} action={source.action} />
        <span className="inline-flex h-4 min-w-4 items-center justify-center rounded-1 bg-hover px-[3px] font-mono text-11 text-ink-2">{source.number}</span>
        <span dir="auto" className="min-w-0 flex-1 truncate text-left">{source.title}</span>
        {tested && !source.isExample ? null : <span className="shrink-0 text-12 font-text text-ink-3">{source.isExample ? "an example" : "no data yet"}</span>}
      </h3>
      {rows.length ? (
        <div role="listbox" aria-labelledby={listId}>
          {rows.map((row, index) => (
            <Option key={row.path} id={`${id}-${first + index}`} row={row} active={row === active} onTake={onTake} onTurn={onTurn} />
          ))}
        </div>
      ) : null}
      {tested && !source.isExample ? null : (
        <p className="flex items-center justify-between gap-2 px-3 py-1 text-12 text-ink-3">
          {source.key === "trigger" ? "Nothing has arrived yet." : "Test this step to see its data."}
          <Button size="small" onClick={() => onGo(source.key)}>{source.key === "trigger" ? "Show how" : "Test"}</Button>
        </p>
      )}
    </section>
  );
});

type OptionProps = { id: string; row: ValueRow; active: boolean; onTake: (row: ValueRow) => void; onTurn: (path: string) => void };

function Option({ id, row, active, onTake, onTurn }: OptionProps) {
  const Chevron = row.fold === "open" ? ChevronDown : ChevronRight;
  return (
    <div
      id={id}
      role="option"
      aria-selected={active}
      aria-label={`${row.label}: ${row.words}${row.fold === "closed" ? ", folded" : ""}`}
      onClick={() => onTake(row)}
      className={clsx("flex min-h-6.5 cursor-pointer items-center gap-1 pr-3 pl-3 hover:bg-accent-surface", active && "bg-accent-surface")}
      style={{ paddingLeft: 12 + row.depth * 14 }}
    >
      {row.fold === "none" ? (
        <span className="w-5 shrink-0" />
      ) : (
        <span
          aria-hidden
          data-fold
          className="flex size-5 shrink-0 items-center justify-center text-ink-3 hover:text-ink"
          onClick={(event) => {
            event.stopPropagation();
            onTurn(row.path);
          }}
        >
          <Chevron size={12} />
        </span>
      )}
      <span className={clsx("mono max-w-[60%] shrink-0 truncate", active ? "text-accent" : "text-ink-2")}>{row.label}</span>
      <span dir="auto" className={clsx("min-w-0 flex-1 truncate text-right", row.declared || row.fold !== "none" ? "text-12 text-ink-3" : "text-ink", row.declared && "italic")}>{row.words}</span>
    </div>
  );
}
