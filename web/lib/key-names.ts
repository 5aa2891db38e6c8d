"use client";

import { useSyncExternalStore } from "react";

const never = () => () => {};
const isMac = () => /mac|iphone|ipad/i.test(navigator.platform);

/** What stands on this keyboard for “⌘ ⇧ Z”: on all but a Mac's “Ctrl Shift Z”. Where nobody looks yet, in the export, the latter. */
export function useKeyNames(): (keys: string) => string {
  const mac = useSyncExternalStore(never, isMac, () => false);
  return (keys) => (mac ? keys : plainNames(keys));
}

export const plainNames = (keys: string) => keys.replace("⌘", "Ctrl").replace("⇧", "Shift");
