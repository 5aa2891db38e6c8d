"use client";

import { clsx } from "clsx";
import { useIsLive } from "./use-is-live";

/** Beside the title of a list that fills by itself. */
export function LiveMark() {
  const isLive = useIsLive();
  return (
    <span className={clsx("ml-1.5 inline-flex items-center gap-2 text-12 font-strong", isLive ? "text-accent" : "text-ink-3")}>
      <span aria-hidden className={clsx("size-2 rounded-full", isLive ? "bg-accent shadow-[0_0_0_3px_var(--accent-press)]" : "bg-idle-solid")} />
      {isLive ? "Live" : "Connecting"}
    </span>
  );
}
