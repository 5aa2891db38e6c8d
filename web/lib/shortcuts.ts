"use client";

import { useEffect, useRef } from "react";

const OFF_KEY = "zipped.singleKeys";

/** Shortcuts by name: a key (“n”, “?”, “arrowdown”), with “mod+” for ⌘ or Ctrl, “shift+” and “alt+”. */
export type Shortcuts = Record<string, (event: KeyboardEvent) => void>;

/** Whether keys without ⌘ or Ctrl do something; people who dictate or slip may switch them off. */
export const singleKeys = {
  on: () => typeof localStorage === "undefined" || localStorage.getItem(OFF_KEY) !== "off",
  set: (on: boolean) => localStorage.setItem(OFF_KEY, on ? "on" : "off"),
};

/** Listens while the component is there. Keys without ⌘ or Ctrl are left to a field that has the focus. */
export function useShortcuts(shortcuts: Shortcuts): void {
  const latest = useRef(shortcuts);
  useEffect(() => {
    latest.current = shortcuts;
  });
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing) return;
      const mod = event.metaKey || event.ctrlKey;
      if (!mod && (inField(event.target) || inDialog() || !singleKeys.on())) return;
      const act = latest.current[nameOf(event)];
      if (!act) return;
      event.preventDefault();
      act(event);
    };
    document.addEventListener("keydown", listen);
    return () => document.removeEventListener("keydown", listen);
  }, []);
}

function nameOf(event: KeyboardEvent): string {
  const key = event.key.toLowerCase();
  const shifted = event.shiftKey && key.length > 1 ? true : event.shiftKey && /[a-z]/.test(key);
  return [event.metaKey || event.ctrlKey ? "mod+" : "", event.altKey ? "alt+" : "", shifted ? "shift+" : "", key].join("");
}

/** Whether keys are for a field, to which they belong. */
export function inField(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}

/** Whether something lies over the page that has its own keys: a dialog, an open menu. */
export function inDialog(): boolean {
  return document.querySelector(":is([role=dialog], [role=menu])[data-state=open]") !== null;
}
