"use client";

import { useCallback, useEffect, useRef } from "react";

const FIELDS = ":is(input, select, textarea, [contenteditable=true], button)";

/** Goes into a field of the panel once it is drawn: the named one, else the first of the tab. */
export function useFieldFocus(): (field: string | null) => void {
  const wanted = useRef<{ field: string | null } | null>(null);
  useEffect(() => {
    if (!wanted.current) return;
    const { field } = wanted.current;
    const place = field === null ? "[data-panel] [role=tabpanel]" : `[data-panel] [data-field="${CSS.escape(field)}"]`;
    const found = document.querySelector<HTMLElement>(`${place} ${FIELDS}:not([aria-pressed])`);
    if (!found) return;
    wanted.current = null;
    found.focus();
    found.scrollIntoView({ block: "nearest" });
  });
  return useCallback((field) => {
    wanted.current = { field };
  }, []);
}
