"use client";

import { useCallback, useEffect, useRef } from "react";

const SOON = 1_000; // milliseconds in which a field has to appear: later it would come as a surprise
const FIELDS = ":is(input, select, textarea, [contenteditable=true], button)";

/** Goes into a field of the panel once it is drawn: the named one, else the first of the tab. */
export function useFieldFocus(): (field: string | null) => void {
  const wanted = useRef<{ field: string | null; since: number } | null>(null);
  useEffect(() => {
    if (!wanted.current) return;
    const { field, since } = wanted.current;
    if (performance.now() - since > SOON) wanted.current = null;
    const place = field === null ? "[data-panel] [role=tabpanel]" : `[data-panel] [data-field="${CSS.escape(field)}"]`;
    const found = document.querySelector<HTMLElement>(`${place} ${FIELDS}:not([aria-pressed])`);
    if (!found) return;
    wanted.current = null;
    found.focus();
    found.scrollIntoView({ block: "nearest" });
  });
  return useCallback((field) => {
    wanted.current = { field, since: performance.now() };
  }, []);
}
