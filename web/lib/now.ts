"use client";

import { useSyncExternalStore } from "react";
import { serverNow } from "./server-time";

const STEP = 5_000; // milliseconds: “12 s ago” need not be exact to the second
let now = serverNow();
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

function subscribe(listener: () => void): () => void {
  // The clock may have stood while nobody looked, or been put right since.
  if (listeners.size === 0) now = serverNow();
  listeners.add(listener);
  timer ??= setInterval(() => {
    now = serverNow();
    listeners.forEach((each) => each());
  }, STEP);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

/** The time, moving on every few seconds, one clock for the whole page. */
export const useNow = () => useSyncExternalStore(subscribe, () => now, () => now);
