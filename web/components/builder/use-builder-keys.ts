"use client";

import { useEffect, type RefObject } from "react";
import { useToast } from "@/components/ui/toast";
import { useShortcuts } from "@/lib/shortcuts";
import { TRIGGER } from "./builder-flow";
import { find, insert, move, remove, stepFromText, update } from "./draft";
import type { DraftState } from "./use-draft";

type BuilderKeys = {
  state: DraftState;
  selected: string | null;
  select: (id: string | null) => void;
  addAfter: (index: number) => void;
  publish: () => void;
  flow: RefObject<HTMLDivElement | null>;
};

/** Everything the builder does, by keyboard. */
export function useBuilderKeys({ state, selected, select, addAfter, publish, flow }: BuilderKeys): void {
  const say = useToast();
  const { steps } = state.draft;
  const ids = [TRIGGER, ...steps.map((step) => step.id)];
  const at = selected === null ? -1 : ids.indexOf(selected);
  const step = find(state.draft, selected);
  const focus = (id: string | null) => flow.current?.querySelector<HTMLElement>(`[data-step="${CSS.escape(id ?? TRIGGER)}"]`)?.focus();
  const go = (by: number) => {
    const id = ids[Math.min(ids.length - 1, Math.max(0, at + by))];
    if (!id) return;
    select(id);
    focus(id);
  };
  const withStep = (act: (id: string, index: number) => void) => () => {
    if (step) act(step.id, steps.indexOf(step));
  };
  const deleteStep = withStep((id, index) => {
    state.change((draft) => remove(draft, id));
    select(ids[index] ?? TRIGGER);
  });
  useShortcuts({
    arrowdown: () => go(1),
    arrowup: () => go(-1),
    escape: () => {
      focus(selected);
      select(null);
    },
    a: () => addAfter(Math.max(0, at)),
    d: withStep((id) => state.change((draft) => update(draft, id, { skip: !step?.skip }))),
    f2: () => document.querySelector<HTMLInputElement>('input[aria-label="Name of the step"]')?.select(),
    delete: deleteStep,
    backspace: deleteStep,
    "alt+arrowup": withStep((id) => state.change((draft) => move(draft, id, -1))),
    "alt+arrowdown": withStep((id) => state.change((draft) => move(draft, id, 1))),
    "shift+p": publish,
  });
  useEffect(() => {
    // With ⌘ or Ctrl these keys belong to a field that has the focus, and to the builder otherwise.
    const listen = (event: KeyboardEvent) => {
      if (!(event.metaKey || event.ctrlKey) || event.defaultPrevented || !isOutside(event.target)) return;
      const key = event.key.toLowerCase();
      if (key === "z") {
        event.preventDefault();
        if (event.shiftKey) state.redo();
        else state.undo();
      } else if (key === "d" && step) {
        event.preventDefault();
        const [next, id] = insert(state.draft, steps.indexOf(step) + 1, step);
        state.change(next);
        select(id);
      }
    };
    const copy = (event: ClipboardEvent) => {
      if (!step || !isOutside(event.target) || !getSelection()?.isCollapsed) return;
      event.preventDefault();
      event.clipboardData?.setData("text/plain", JSON.stringify(step, null, 2));
      if (event.type === "cut") state.change((draft) => remove(draft, step.id));
      say(event.type === "cut" ? "The step is cut." : "The step is copied.");
    };
    const paste = (event: ClipboardEvent) => {
      if (!isOutside(event.target)) return;
      const pasted = stepFromText(event.clipboardData?.getData("text/plain") ?? "");
      if (!pasted) {
        say("What is in the clipboard is no step.", { bad: true });
        return;
      }
      event.preventDefault();
      const [next, id] = insert(state.draft, Math.max(0, at), pasted);
      state.change(next);
      select(id);
    };
    document.addEventListener("keydown", listen);
    document.addEventListener("copy", copy);
    document.addEventListener("cut", copy);
    document.addEventListener("paste", paste);
    return () => {
      document.removeEventListener("keydown", listen);
      document.removeEventListener("copy", copy);
      document.removeEventListener("cut", copy);
      document.removeEventListener("paste", paste);
    };
  });
}

const isOutside = (target: EventTarget | null) => !(target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)));
