"use client";

import { useCallback, useEffect, useRef } from "react";

/** What can be filled in. */
export const FIELDS = ":is(input, select, textarea, [contenteditable=true], button)";

/** A field of the panel, and the part of it that is meant: the row of a list, the side of a condition. */
export type Place = { field: string; within: string } | null;

/** Where a path within a step's input is drawn. */
export const placeOf = ([field, ...within]: readonly string[]): Place => (field === undefined ? null : { field, within: within.join(".") });

/**
 * Goes into a field of the panel once it is drawn: the named one, else the first of the tab. Whoever does something else
 * before that stays where they are.
 */
export function useFieldFocus(): (place: Place) => void {
  const wanted = useRef<{ place: Place } | null>(null);
  useEffect(() => {
    const forget = () => {
      wanted.current = null;
    };
    addEventListener("pointerdown", forget, true);
    addEventListener("keydown", forget, true);
    return () => {
      removeEventListener("pointerdown", forget, true);
      removeEventListener("keydown", forget, true);
    };
  }, []);
  useEffect(() => {
    const go = () => {
      const found = wanted.current && fieldAt(wanted.current.place);
      if (!found) return;
      wanted.current = null;
      found.focus();
      found.scrollIntoView({ block: "nearest" });
    };
    go();
    if (!wanted.current) return;
    // What a tab holds is drawn a moment after it was chosen.
    const frame = requestAnimationFrame(go);
    return () => cancelAnimationFrame(frame);
  });
  return useCallback((place) => {
    wanted.current = { place };
  }, []);
}

function fieldAt(place: Place): HTMLElement | null {
  const box = document.querySelector(place ? `[data-panel] [data-field="${CSS.escape(place.field)}"]` : "[data-panel] [role=tabpanel]");
  const part = place?.within && box?.querySelector(`[data-within="${CSS.escape(place.within)}"]`);
  return (part || box)?.querySelector<HTMLElement>(FIELDS) ?? null;
}
