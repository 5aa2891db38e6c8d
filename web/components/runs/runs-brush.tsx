"use client";

import { clsx } from "clsx";
import { useEffect, useRef, useState, type KeyboardEvent, type PointerEvent, type ReactNode } from "react";
import type { Selection } from "./chart-span";

const SETTLED = 300; // milliseconds after the last key until what it chose counts
const LEAP = 8; // parts by Page up and Page down

type BrushProps = {
  /** How many parts there are. */
  parts: number;
  chosen: Selection | null;
  onChoose: (chosen: Selection | null) => void;
  /** The part under the pointer; null when it has left. */
  onPoint: (part: number | null) => void;
  /** The moment at a boundary, 0 to `parts`, in words. */
  wordsAt: (boundary: number) => string;
  children: ReactNode;
};

/** Chooses a stretch of what it lies over: by dragging with mouse or finger, or by its two ends with the keyboard. */
export function RunsBrush({ parts, chosen, onChoose, onPoint, wordsAt, children }: BrushProps) {
  const plot = useRef<HTMLDivElement>(null);
  const [drag, setDrag] = useState<{ anchor: number; head: number } | null>(null);
  // What a key or a drag chose counts at once, until the address has followed.
  const key = chosen ? `${chosen.from} ${chosen.to}` : "";
  const [moved, setMoved] = useState<{ to: Selection; over: string } | null>(null);
  const typed = useRef<Selection | null>(null);
  const dragged = drag && { from: Math.min(drag.anchor, drag.head), to: Math.max(drag.anchor, drag.head) + 1 };
  const shown = dragged ?? (moved?.over === key ? moved.to : null) ?? chosen;
  const ends = shown ?? { from: 0, to: parts };
  const whole = ends.from === 0 && ends.to === parts;

  const settle = (to: Selection) => {
    setMoved({ to, over: key });
    onChoose(to.from === 0 && to.to === parts ? null : to);
  };
  const latest = useRef(settle);
  useEffect(() => {
    latest.current = settle;
  });
  useEffect(() => {
    if (!typed.current) return;
    const timer = setTimeout(() => {
      if (typed.current) latest.current(typed.current);
      typed.current = null;
    }, SETTLED);
    return () => clearTimeout(timer);
  }, [moved]);

  const partAt = (event: PointerEvent) => {
    const box = plot.current?.getBoundingClientRect();
    const share = box?.width ? (event.clientX - box.left) / box.width : 0;
    return Math.min(parts - 1, Math.max(0, Math.floor(share * parts)));
  };
  const begin = (event: PointerEvent, anchor: number) => {
    if (event.button !== 0) return;
    event.stopPropagation();
    plot.current?.setPointerCapture(event.pointerId);
    setDrag({ anchor, head: partAt(event) });
  };
  const move = (event: PointerEvent) => {
    onPoint(partAt(event));
    if (drag) setDrag({ ...drag, head: partAt(event) });
  };
  const end = () => {
    if (dragged) settle(dragged);
    setDrag(null);
  };
  const press = (event: KeyboardEvent, end: keyof Selection) => {
    const by = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -LEAP, PageUp: LEAP, Home: -parts, End: parts }[event.key];
    if (event.key === "Escape" && !whole) {
      event.preventDefault();
      typed.current = null;
      settle({ from: 0, to: parts });
    }
    if (!by) return;
    event.preventDefault();
    const next = { ...ends };
    if (end === "from") next.from = Math.min(ends.to - 1, Math.max(0, ends.from + by));
    else next.to = Math.max(ends.from + 1, Math.min(parts, ends.to + by));
    typed.current = next;
    setMoved({ to: next, over: key });
  };
  const share = (boundary: number) => `${(boundary / parts) * 100}%`;

  return (
    <div
      ref={plot}
      data-brush
      onPointerDown={(event) => begin(event, partAt(event))}
      onPointerMove={move}
      onPointerUp={end}
      onPointerCancel={() => setDrag(null)}
      onPointerLeave={() => onPoint(null)}
      className="relative cursor-crosshair touch-pan-y select-none"
    >
      {children}
      <div
        aria-hidden
        hidden={whole}
        className="pointer-events-none absolute -top-1 bottom-0 rounded-t-1 border border-b-0 border-accent bg-accent/8"
        style={{ left: share(ends.from), right: share(parts - ends.to) }}
      />
      {(["from", "to"] as const).map((end) => (
        <div
          key={end}
          role="slider"
          tabIndex={0}
          aria-label={end === "from" ? "Beginning of the time" : "End of the time"}
          aria-valuemin={end === "from" ? 0 : ends.from + 1}
          aria-valuemax={end === "from" ? ends.to - 1 : parts}
          aria-valuenow={ends[end]}
          aria-valuetext={wordsAt(ends[end])}
          onKeyDown={(event) => press(event, end)}
          onPointerDown={(event) => begin(event, end === "from" ? ends.to - 1 : ends.from)}
          className={clsx(
            "group absolute -top-1 bottom-0 flex w-6 -translate-x-1/2 cursor-ew-resize items-center justify-center outline-none focus-visible:shadow-none",
            whole && "pointer-events-none",
          )}
          style={{ left: share(ends[end]) }}
        >
          <span className={clsx("h-4 w-1.5 rounded-2 border border-accent bg-surface group-focus-visible:shadow-(--ring)", whole && "opacity-0 group-focus-visible:opacity-100")} />
        </div>
      ))}
    </div>
  );
}
