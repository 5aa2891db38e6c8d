"use client";

import { useEffect, useLayoutEffect, useRef, useState } from "react";
import { createPortal } from "react-dom";
import { unknownWords, type TokenWords } from "./sources";

export type Tip = { chip: HTMLElement; words: TokenWords; filters: readonly string[] };

const SHOWN = 600; // characters of a value
const GAP = 6; // pixels between chip and tip
const EDGE = 8; // pixels kept free to the window's edge

/** What a chip stands for: where it comes from, its value now, and how to change it. */
export function ChipTip({ tip, onHover, onClose }: { tip: Tip; onHover: () => void; onClose: () => void }) {
  const box = useRef<HTMLDivElement>(null);
  const [place, setPlace] = useState({ left: 0, top: 0 });
  useLayoutEffect(() => {
    const chip = tip.chip.getBoundingClientRect();
    const own = box.current?.getBoundingClientRect();
    if (!own) return;
    const left = Math.max(EDGE, Math.min(chip.left, innerWidth - own.width - EDGE));
    const above = chip.top - own.height - GAP;
    setPlace({ left, top: above < EDGE ? chip.bottom + GAP : above });
  }, [tip]);
  useEffect(() => {
    const away = (event: Event) => {
      if (event.type === "scroll" || (event as KeyboardEvent).key === "Escape") onClose();
    };
    addEventListener("keydown", away);
    addEventListener("scroll", away, true);
    return () => {
      removeEventListener("keydown", away);
      removeEventListener("scroll", away, true);
    };
  });
  const { words, filters } = tip;
  return createPortal(
    <div
      ref={box}
      role="tooltip"
      onMouseEnter={onHover}
      onMouseLeave={onClose}
      className="fixed z-(--z-dialog) grid max-w-80 gap-1 rounded-3 border border-line bg-raised px-3 py-2 text-12 shadow-2"
      style={place}
    >
      <p className="flex min-w-0 items-center gap-1.5">
        {words.number === null ? null : <span className="inline-flex h-4 min-w-4 shrink-0 items-center justify-center rounded-1 bg-hover px-[3px] font-mono text-11 text-ink-2">{words.number}</span>}
        <strong dir="auto" className="min-w-0 truncate">{words.source}</strong>
        <span aria-hidden className="text-ink-3">›</span>
        <span className="mono min-w-0 truncate">{words.label}</span>
      </p>
      {words.value === undefined ? (
        <p className="text-ink-3 italic">{unknownWords(words)}</p>
      ) : (
        <pre dir="auto" className="mono line-clamp-6 [overflow-wrap:anywhere] whitespace-pre-wrap text-ink">{valueText(words.value)}</pre>
      )}
      {filters.length ? <p className="text-ink-3">then {filters.join(", ")}</p> : null}
    </div>,
    document.body,
  );
}

function valueText(value: TokenWords["value"]): string {
  if (value === "") return "an empty text";
  const text = typeof value === "string" ? value : JSON.stringify(value, null, 2);
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
}
