"use client";

import { Search } from "lucide-react";
import { useEffect, useImperativeHandle, useMemo, useRef, useState, type Ref } from "react";
import { Keys } from "@/components/ui/keys";
import type { PickerKey } from "./editor-keys";
import { pickerRows, type ValueRow } from "./picker-rows";
import { SourceList } from "./source-list";
import type { Mapping } from "./sources";
import { usePlace } from "./use-place";

export type PickerHandle = { pick: (key: PickerKey) => boolean; contains: (target: EventTarget | null) => boolean };

type DataPickerProps = {
  ref?: Ref<PickerHandle>;
  mapping: Mapping;
  /** The field it stands beside. */
  field: HTMLElement;
  id: string;
  /** What is typed of an expression in the field: it searches. */
  typed: string | null;
  onPick: (expression: string) => void;
  onActive: (optionId: string | null) => void;
  /** Goes to where a source gets its data: a step's test, the trigger's requests. */
  onGo: (source: string) => void;
  /** Back to the field. */
  onReturn: () => void;
  onClose: () => void;
};

/** What came before, with real values: the nearest step first, the trigger last. The field keeps the focus. */
export function DataPicker({ ref, mapping, field, id, typed, onPick, onActive, onGo, onReturn, onClose }: DataPickerProps) {
  const box = useRef<HTMLDivElement>(null);
  const input = useRef<HTMLInputElement>(null);
  const [search, setSearch] = useState("");
  const [turned, setTurned] = useState<ReadonlySet<string>>(new Set());
  const [chosen, setChosen] = useState<string | null>(null);
  const wanted = search || typed || "";
  const shown = useMemo(() => pickerRows(mapping, wanted, turned), [mapping, wanted, turned]);
  const options = shown.flatMap(({ rows }) => rows);
  // Who types a path or a search wants its first match; who writes text wants the keys for the text.
  const active = options.find((row) => row.path === chosen) ?? (wanted ? options[0] : undefined);
  const activeId = active ? `${id}-${options.indexOf(active)}` : null;
  useEffect(() => {
    onActive(activeId);
    if (activeId) document.getElementById(activeId)?.scrollIntoView({ block: "nearest" });
  }, [activeId, onActive]);
  useEffect(() => {
    // The field may have gone with its row or its tab.
    if (!field.isConnected) onClose();
  });

  const turn = (path: string) =>
    setTurned((before) => {
      const after = new Set(before);
      if (!after.delete(path)) after.add(path);
      return after;
    });
  const take = (row: ValueRow) => {
    setSearch("");
    setChosen(null);
    onPick(`{{ ${row.path} }}`);
  };
  const step = (by: number) => {
    const next = options[active ? options.indexOf(active) + by : by > 0 ? 0 : -1];
    setChosen(next?.path ?? null);
    if (!next && by < 0) input.current?.focus();
    return true;
  };
  const pick = (key: PickerKey): boolean => {
    if (key === "Escape") {
      onClose();
      return true;
    }
    if (key === "into") return step(1);
    if (!active) return false;
    if (key === "ArrowDown") return step(1);
    if (key === "ArrowUp") return step(-1);
    if (key === "Enter") {
      take(active);
      return true;
    }
    if (!chosen || active.fold === "none" || (key === "ArrowRight") === (active.fold === "open")) return false;
    turn(active.path);
    return true;
  };
  useImperativeHandle(ref, () => ({ pick, contains: (target) => target instanceof Node && (box.current?.contains(target) ?? false) }));
  usePlace(box, field);
  // The lists are drawn anew for other data, not for each letter that is typed beside them.
  const latest = useRef({ take, turn, onGo });
  useEffect(() => {
    latest.current = { take, turn, onGo };
  });
  const [steady] = useState(() => ({
    take: (row: ValueRow) => latest.current.take(row),
    turn: (path: string) => latest.current.turn(path),
    go: (source: string) => latest.current.onGo(source),
  }));
  return (
    <div
      ref={box}
      id={id}
      role="region"
      aria-label="Data of earlier steps"
      className="fixed z-(--z-picker) flex flex-col overflow-hidden rounded-3 border border-line-strong bg-raised shadow-3"
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.preventDefault();
        event.stopPropagation();
        onReturn();
      }}
      onMouseDown={(event) => {
        if (event.target !== input.current) event.preventDefault();
      }}
      onBlur={(event) => {
        if (!box.current?.contains(event.relatedTarget) && !field.contains(event.relatedTarget)) onClose();
      }}
    >
      <label className="flex h-9 shrink-0 items-center gap-2 border-b border-line px-3">
        <Search aria-hidden size={14} className="shrink-0 text-ink-3" />
        <span className="sr-only">Search the data</span>
        <input
          ref={input}
          value={search}
          onChange={(event) => setSearch(event.target.value)}
          onKeyDown={(event) => {
            const key = event.key === "ArrowDown" && !active ? "into" : (event.key as PickerKey);
            if (!["into", "ArrowDown", "ArrowUp", "Enter"].includes(key)) return;
            event.preventDefault();
            event.stopPropagation();
            pick(key);
          }}
          aria-controls={id}
          aria-activedescendant={activeId ?? undefined}
          placeholder="Search values"
          className="min-w-0 flex-1 bg-transparent outline-none focus-visible:shadow-none"
        />
        <Keys of="Esc" />
      </label>
      <div role="group" aria-label="Values" tabIndex={0} className="min-h-0 flex-1 overflow-y-auto">
        {shown.map((one, index) => (
          <SourceList
            key={one.source.key}
            {...one}
            id={id}
            first={shown.slice(0, index).reduce((sum, { rows }) => sum + rows.length, 0)}
            active={active && one.rows.includes(active) ? active : undefined}
            onTake={steady.take}
            onTurn={steady.turn}
            onGo={steady.go}
          />
        ))}
        {shown.length === 0 ? <p className="px-3 py-4 text-ink-3">Nothing matches “{wanted}”.</p> : null}
      </div>
      <footer className="flex shrink-0 max-sm:hidden items-center gap-3 border-t border-line bg-well px-3 py-1.5 text-12 text-ink-3">
        <span><Keys of="↓" /> into the list</span>
        <span><Keys of="Enter" /> insert</span>
        <span><Keys of="=" /> expression</span>
      </footer>
    </div>
  );
}
