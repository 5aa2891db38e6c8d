"use client";

import type { RefObject } from "react";
import { useShortcuts } from "./shortcuts";

const rowsOf = (list: HTMLElement | null) => [...(list?.querySelectorAll<HTMLElement>("[data-row]") ?? [])];

/** What opens the row at `index` of a list: the element marked `data-row` in it. */
export const rowOf = (list: HTMLElement | null, index: number): HTMLElement | undefined => rowsOf(list)[index];

/** J and K move the focus from row to row; Enter then opens it, as for anything that has the focus. */
export function useRowKeys(list: RefObject<HTMLElement | null>): void {
  const step = (by: number) => {
    const rows = rowsOf(list.current);
    const at = rows.indexOf(document.activeElement as HTMLElement);
    rows[Math.min(rows.length - 1, Math.max(0, at + by))]?.focus();
  };
  useShortcuts({ j: () => step(1), k: () => step(-1) });
}
