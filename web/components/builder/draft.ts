/**
 * The draft of a zip as it is edited: a tree of steps, its changes as plain functions, and what can be undone.
 * Pure: nothing here knows React, the server or the clock.
 */

export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

export type StepSettings = {
  timeoutSeconds?: number;
  retry?: { attempts: number };
  onError?: "stop" | "continue";
  onUnknown?: "repeat" | "stop";
};

export type Step = {
  id: string;
  app: string;
  action: string;
  name: string;
  input: { [field: string]: Json };
  connection?: string | null;
  skip?: boolean;
  note?: string;
  settings?: StepSettings;
};

export type Draft = { name: string; steps: Step[] };

/** The steps of a definition, which the schema knows as JSON: the server has checked it when it was saved. */
export const stepsOf = (definition: unknown): Step[] => (definition as { steps?: Step[] } | null | undefined)?.steps ?? [];

/** What was, is, and may come again. */
export type History = { past: Draft[]; present: Draft; future: Draft[]; lastField: string | null };

/** How often a step is tried unless it says otherwise, as the engine has it: once, and after each of eight waits. */
export const USUAL_TRIES = 9;
const REMEMBERED = 200; // changes

export const begin = (present: Draft): History => ({ past: [], present, future: [], lastField: null });

/**
 * A change that can be undone. Changes of one `field` in a row are undone together, so that undo takes back what was
 * typed and not one letter of it.
 */
export function change(history: History, next: Draft, field: string | null = null): History {
  if (next === history.present) return history;
  const together = field !== null && field === history.lastField;
  const past = together ? history.past : [...history.past.slice(1 - REMEMBERED), history.present];
  return { past, present: next, future: [], lastField: field };
}

/** What comes next is undone by itself. */
export const apart = (history: History): History => (history.lastField === null ? history : { ...history, lastField: null });

export function undo(history: History): History {
  const before = history.past.at(-1);
  if (!before) return history;
  return { past: history.past.slice(0, -1), present: before, future: [history.present, ...history.future], lastField: null };
}

export function redo(history: History): History {
  const [after, ...future] = history.future;
  if (!after) return history;
  return { past: [...history.past, history.present], present: after, future, lastField: null };
}

export const find = (draft: Draft, id: string | null) => draft.steps.find((step) => step.id === id);

/** A new step with an id of its own at `index`; also the id, which is what gets selected. */
export function insert(draft: Draft, index: number, step: Omit<Step, "id"> & { id?: string }): [Draft, string] {
  const id = freeId(draft, step.id ?? step.action);
  const steps = [...draft.steps];
  steps.splice(index, 0, { ...step, id });
  return [{ ...draft, steps }, id];
}

export function update(draft: Draft, id: string, values: Partial<Step>): Draft {
  return { ...draft, steps: draft.steps.map((step) => (step.id === id ? { ...step, ...values } : step)) };
}

export function setInput(draft: Draft, id: string, field: string, value: Json | undefined): Draft {
  const step = find(draft, id);
  if (!step) return draft;
  const input = { ...step.input };
  if (value === undefined) delete input[field];
  else input[field] = value;
  return update(draft, id, { input });
}

export const remove = (draft: Draft, id: string): Draft => ({ ...draft, steps: draft.steps.filter((step) => step.id !== id) });

/** One place up (-1) or down (1); at the end nothing changes. */
export function move(draft: Draft, id: string, by: -1 | 1): Draft {
  const from = draft.steps.findIndex((step) => step.id === id);
  const to = from + by;
  const moved = draft.steps[from];
  if (!moved || to < 0 || to >= draft.steps.length) return draft;
  const steps = draft.steps.filter((step) => step !== moved);
  steps.splice(to, 0, moved);
  return { ...draft, steps };
}

/** To before what now stands at `index`; where it stands already, nothing changes. */
export function moveTo(draft: Draft, id: string, index: number): Draft {
  const from = draft.steps.findIndex((step) => step.id === id);
  const moved = draft.steps[from];
  if (!moved || index === from || index === from + 1) return draft;
  const steps = draft.steps.filter((step) => step !== moved);
  steps.splice(index > from ? index - 1 : index, 0, moved);
  return { ...draft, steps };
}

/** A step from the clipboard; null when the text is none. */
export function stepFromText(text: string): Omit<Step, "id"> | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (value === null || typeof value !== "object" || Array.isArray(value)) return null;
  const { app, action, name, input = {}, ...rest } = value as Partial<Step>;
  if (typeof app !== "string" || typeof action !== "string" || typeof input !== "object" || input === null) return null;
  return { ...rest, app, action, name: typeof name === "string" ? name : action, input };
}

/** An id like “request”, “request_2”: what expressions refer to, so it says what it is. */
function freeId(draft: Draft, wish: string): string {
  const base = wish.toLowerCase().replaceAll(/[^a-z0-9_]/g, "_").replace(/^[^a-z]+/, "").slice(0, 60) || "step";
  const taken = new Set(draft.steps.map((step) => step.id));
  if (!taken.has(base)) return base;
  for (let number = 2; ; number++) if (!taken.has(`${base}_${number}`)) return `${base}_${number}`;
}
