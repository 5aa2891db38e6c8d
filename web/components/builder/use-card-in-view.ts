"use client";

import { useLayoutEffect, useRef, type RefObject } from "react";
import type { Step } from "./draft";

/**
 * A card that has the focus and gets another place stays in view, with its neighbours: React keeps what was scrolled to
 * when it draws a focused card elsewhere, so moved again and again it would walk out of sight.
 */
export function useCardInView(flow: RefObject<HTMLDivElement | null>, steps: readonly Step[]): void {
  const before = useRef(steps);
  useLayoutEffect(() => {
    const placeIn = (list: readonly Step[], id: string) => list.findIndex((step) => step.id === id);
    const card = flow.current?.querySelector<HTMLElement>("[data-step]:focus");
    const id = card?.dataset.step;
    const moved = id !== undefined && placeIn(before.current, id) !== placeIn(steps, id);
    before.current = steps;
    const place = card?.closest("li");
    if (!moved || !place) return;
    for (const shown of [place.previousElementSibling, place.nextElementSibling, place]) shown?.scrollIntoView({ block: "nearest" });
  }, [flow, steps]);
}
