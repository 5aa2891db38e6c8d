"use client";

import { useLayoutEffect } from "react";

// Pixels.
const WIDTH = 336;
const GAP = 8;
const HIGHEST = 560;
const LOWER = 320; // where it lies over the panel
const HEADER = 60;
const GUTTER = 20;

/** Left of the panel where there is room, else under the field or above it, and never outside of the window. */
export function usePlace(box: { current: HTMLDivElement | null }, field: HTMLElement): void {
  useLayoutEffect(() => {
    const place = () => {
      const own = box.current;
      if (!own) return;
      const at = field.getBoundingClientRect();
      const panel = field.closest("[data-panel]")?.getBoundingClientRect() ?? at;
      const put = (values: Record<string, number | null>) => {
        for (const [name, value] of Object.entries(values)) own.style.setProperty(name, value === null ? "auto" : `${value}px`);
      };
      if (panel.left - WIDTH - GAP >= GAP) {
        const top = Math.max(HEADER, Math.min(at.top - HEADER, innerHeight - HIGHEST - GAP));
        put({ width: WIDTH, left: panel.left - WIDTH - GAP, top, bottom: null, "max-height": Math.min(HIGHEST, innerHeight - top - GAP) });
        return;
      }
      const [above, below] = [at.top - HEADER - GAP, panel.bottom - at.bottom - GAP];
      const room = Math.min(LOWER, Math.max(above, below));
      put({ width: panel.width - 2 * GUTTER, left: panel.left + GUTTER, top: below >= above ? at.bottom + 4 : null, bottom: below >= above ? null : innerHeight - at.top + 4, "max-height": room });
    };
    place();
    const resized = new ResizeObserver(place);
    resized.observe(field);
    addEventListener("resize", place);
    addEventListener("scroll", place, true);
    return () => {
      resized.disconnect();
      removeEventListener("resize", place);
      removeEventListener("scroll", place, true);
    };
  }, [box, field]);
}
