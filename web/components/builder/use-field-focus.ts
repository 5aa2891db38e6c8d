"use client";

import { useCallback, useEffect, useRef } from "react";

/** What can be filled in; switches beside a field are none. */
export const FIELDS = ":is(input, select, textarea, [contenteditable=true], button):not([aria-pressed])";

/**
 * Goes into a field of the panel once it is drawn: the named one, else the first of the tab. Whoever does something else
 * before that stays where they are.
 */
export function useFieldFocus(): (field: string | null) => void {
  const wanted = useRef<{ field: string | null } | null>(null);
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
    if (!wanted.current) return;
    const { field } = wanted.current;
    const place = field === null ? "[data-panel] [role=tabpanel]" : `[data-panel] [data-field="${CSS.escape(field)}"]`;
    const found = document.querySelector<HTMLElement>(`${place} ${FIELDS}`);
    if (!found) return;
    wanted.current = null;
    found.focus();
    found.scrollIntoView({ block: "nearest" });
  });
  return useCallback((field) => {
    wanted.current = { field };
  }, []);
}
