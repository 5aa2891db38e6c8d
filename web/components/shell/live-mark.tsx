"use client";

import { clsx } from "clsx";
import { useEffect, useState } from "react";
import { onLiveState, type LiveState } from "@/lib/graphql/client";

/** Beside the title of a list that fills by itself. */
export function LiveMark() {
  const [state, setState] = useState<LiveState>("live");
  useEffect(() => onLiveState(setState), []);
  const live = state === "live";
  return (
    <span className={clsx("ml-1.5 inline-flex items-center gap-2 text-12 font-strong", live ? "text-accent" : "text-ink-3")}>
      <span aria-hidden className={clsx("size-2 rounded-full", live ? "bg-accent shadow-[0_0_0_3px_var(--accent-press)]" : "bg-idle-solid")} />
      {live ? "Live" : "Connecting"}
    </span>
  );
}
