"use client";

import { useCallback, useEffect, useRef, useState, type PointerEvent } from "react";
import type { PlacedPlus } from "./layout";

export type Drag = { id: string; x: number; y: number; plus: PlacedPlus | null };

const BEGINS_AFTER = 6; // pixels: less is a click
const REACHES = 90; // pixels around a +
const EDGE = 56; // pixels from the edge of what scrolls, where it begins to
const SCROLLED = 14; // pixels a move

/** A card that is moved by the mouse to another place of the flow; by keyboard Alt and the arrows do it. */
export function useCardDrag(pluses: readonly PlacedPlus[], onMove: ((id: string, plus: PlacedPlus) => void) | undefined) {
  const [drag, setDrag] = useState<Drag | null>(null);
  const latest = useRef({ pluses, onMove });
  const stop = useRef<AbortController>(null);
  useEffect(() => {
    latest.current = { pluses, onMove };
  });
  useEffect(() => () => stop.current?.abort(), []);

  const begin = useCallback((id: string, event: PointerEvent<HTMLElement>) => {
    if (!latest.current.onMove || event.button !== 0 || event.pointerType !== "mouse") return;
    const root = event.currentTarget.closest("ol")?.parentElement;
    if (!root) return;
    const from = { x: event.clientX, y: event.clientY, scrolled: scrollerOf(root)?.scrollTop ?? 0 };
    // A drawing that is shown smaller moves as far under the pointer, which is further in its own measures.
    const zoom = root.getBoundingClientRect().width / root.offsetWidth || 1;
    const ended = new AbortController();
    stop.current = ended;
    let now: Drag | null = null;
    const end = (moved: boolean) => {
      ended.abort();
      setDrag(null);
      if (!now) return;
      // The click that ends a move selects nothing.
      const swallow = (click: Event) => click.stopPropagation();
      addEventListener("click", swallow, { capture: true, once: true });
      setTimeout(() => removeEventListener("click", swallow, { capture: true }));
      if (moved && now.plus) latest.current.onMove?.(id, now.plus);
    };
    const options = { signal: ended.signal };
    addEventListener(
      "pointermove",
      (move) => {
        if (!now && Math.hypot(move.clientX - from.x, move.clientY - from.y) < BEGINS_AFTER) return;
        const scroller = scrollerOf(root);
        if (scroller) scrollNearEdge(scroller, move.clientY);
        const y = (move.clientY - root.getBoundingClientRect().top) / zoom;
        const plus = latest.current.pluses.reduce<PlacedPlus | null>((best, one) => (Math.abs(one.y - y) < Math.abs((best?.y ?? Infinity) - y) ? one : best), null);
        now = { id, x: (move.clientX - from.x) / zoom, y: (move.clientY - from.y + (scroller?.scrollTop ?? 0) - from.scrolled) / zoom, plus: plus && Math.abs(plus.y - y) <= REACHES ? plus : null };
        setDrag(now);
      },
      options,
    );
    addEventListener("pointerup", () => end(true), options);
    addEventListener("pointercancel", () => end(false), options);
    addEventListener(
      "keydown",
      (key) => {
        if (key.key !== "Escape") return;
        key.stopPropagation();
        end(false);
      },
      { ...options, capture: true },
    );
  }, []);
  return { drag, begin };
}

function scrollerOf(element: HTMLElement): HTMLElement | null {
  for (let one = element.parentElement; one; one = one.parentElement) if (one.scrollHeight > one.clientHeight && /auto|scroll/.test(getComputedStyle(one).overflowY)) return one;
  return null;
}

function scrollNearEdge(scroller: HTMLElement, y: number): void {
  const { top, bottom } = scroller.getBoundingClientRect();
  if (y < top + EDGE) scroller.scrollTop -= SCROLLED;
  else if (y > bottom - EDGE) scroller.scrollTop += SCROLLED;
}
