"use client";

import { useEffect, type RefObject } from "react";
import { useToast } from "@/components/ui/toast";
import { inDialog, inField, useShortcuts } from "@/lib/shortcuts";
import { TRIGGER } from "./builder-flow";
import { find, insert, move, remove, stepFromText, update, type Step } from "./draft";
import { useCardInView } from "./use-card-in-view";
import type { DraftState } from "./use-draft";

type BuilderKeys = {
  state: DraftState;
  selected: string | null;
  select: (id: string | null) => void;
  addAfter: (index: number) => void;
  /** To the note of a step. */
  note: (id: string) => void;
  publish: () => void;
  flow: RefObject<HTMLDivElement | null>;
};

/** Everything the builder does, by keyboard. */
export function useBuilderKeys({ state, selected, select, addAfter, note, publish, flow }: BuilderKeys): void {
  const say = useToast();
  const { steps } = state.draft;
  const ids = [TRIGGER, ...steps.map((step) => step.id)];
  // What keys are about: the card that has the focus, else what is open.
  const current = () => document.activeElement?.closest<HTMLElement>("[data-step]")?.dataset.step ?? selected;
  const focus = (id: string | null) => flow.current?.querySelector<HTMLElement>(`[data-step="${CSS.escape(id ?? TRIGGER)}"]`)?.focus();
  // A card that is made or moved by the key stands in its place only after the next drawing.
  const focusSoon = (id: string) => requestAnimationFrame(() => focus(id));
  useCardInView(flow, steps);
  const open = (id: string) => {
    if (selected !== null) select(id);
  };
  const go = (by: number) => {
    const id = ids[Math.min(ids.length - 1, Math.max(0, ids.indexOf(current() ?? "") + by))];
    if (!id) return;
    select(id);
    focus(id);
  };
  /** Where a new step goes: after the one that is meant, else at the end. */
  const place = () => {
    const at = ids.indexOf(current() ?? "");
    return at < 0 ? steps.length : at;
  };
  const withStep = (act: (step: Step, index: number) => void) => () => {
    const step = find(state.draft, current());
    if (step) act(step, steps.indexOf(step));
  };
  const deleteStep = withStep(({ id }, index) => {
    const before = ids[index] ?? TRIGGER;
    state.change((draft) => remove(draft, id));
    open(before);
    focus(before);
  });
  const moveBy = (by: -1 | 1) =>
    withStep(({ id }) => {
      state.change((draft) => move(draft, id, by));
      focusSoon(id);
    });
  const put = (step: Omit<Step, "id"> & { id?: string }, index: number) => {
    const [next, id] = insert(state.draft, index, step);
    state.change(next);
    select(id);
    focusSoon(id);
  };
  useShortcuts({
    arrowdown: () => go(1),
    arrowup: () => go(-1),
    escape: () => {
      if (selected === null) return;
      focus(selected);
      select(null);
    },
    a: () => addAfter(place()),
    d: withStep((step) => state.change((draft) => update(draft, step.id, { skip: !step.skip }))),
    f2: withStep(({ id }) => {
      select(id);
      requestAnimationFrame(() => document.querySelector<HTMLInputElement>('input[aria-label="Name of the step"]')?.select());
    }),
    delete: deleteStep,
    backspace: deleteStep,
    "alt+arrowup": moveBy(-1),
    "alt+arrowdown": moveBy(1),
    "shift+s": withStep(({ id }) => note(id)),
    "shift+p": publish,
  });
  useEffect(() => {
    // With ⌘ or Ctrl these keys belong to a field that has the focus, and to the builder otherwise.
    const listen = (event: KeyboardEvent) => {
      if (!(event.metaKey || event.ctrlKey) || event.defaultPrevented || !isOurs(event)) return;
      const key = event.key.toLowerCase();
      if (key === "z") {
        event.preventDefault();
        if (event.shiftKey) state.redo();
        else state.undo();
      } else if (key === "d") {
        event.preventDefault();
        withStep((step, index) => put(step, index + 1))();
      }
    };
    const copy = (event: ClipboardEvent) => {
      const step = find(state.draft, current());
      if (!step || !isOurs(event) || !getSelection()?.isCollapsed) return;
      event.preventDefault();
      event.clipboardData?.setData("text/plain", JSON.stringify(step, null, 2));
      if (event.type === "cut") deleteStep();
      say(event.type === "cut" ? "The step is cut." : "The step is copied.");
    };
    const paste = (event: ClipboardEvent) => {
      if (!isOurs(event)) return;
      const pasted = stepFromText(event.clipboardData?.getData("text/plain") ?? "");
      if (!pasted) {
        say("What is in the clipboard is no step.", { bad: true });
        return;
      }
      event.preventDefault();
      put(pasted, place());
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

/** Not meant for a field that has the focus, nor for what lies over the builder. */
const isOurs = ({ target }: Event) => !inDialog() && !inField(target);
