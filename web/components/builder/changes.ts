/** What differs between two drafts, or a draft and a version. Pure. */

import { USUAL_TRIES, type Draft, type Json, type Step, type StepSettings } from "./draft";

/** A version is stored with every default written out, a draft as it was typed: what is usual is left out of both. */
export function plain(step: Step): Step {
  const { connection, skip, note, settings, ...rest } = step;
  const { timeoutSeconds, retry, onError, onUnknown } = settings ?? {};
  const kept: StepSettings = {
    ...(timeoutSeconds ? { timeoutSeconds } : {}),
    ...(retry && retry.attempts !== USUAL_TRIES ? { retry } : {}),
    ...(onError && onError !== "stop" ? { onError } : {}),
    ...(onUnknown && onUnknown !== "repeat" ? { onUnknown } : {}),
  };
  return {
    ...rest,
    ...(connection ? { connection } : {}),
    ...(skip ? { skip } : {}),
    ...(note ? { note } : {}),
    ...(Object.keys(kept).length ? { settings: kept } : {}),
  };
}

export type Change = {
  kind: "added" | "removed" | "changed" | "moved";
  step: Step;
  was?: Step;
  /** Its number in the drawing it is in; of a removed one in the drawing it was in. */
  number: number;
};

/** What becomes of the steps, in the order they are drawn in; what is gone comes last. */
export function changes(from: Step[], to: Step[]): Change[] {
  const before = new Map(from.map((step) => [step.id, step]));
  const after = new Map(to.map((step, index) => [step.id, index]));
  const stayed = inPlace(from.flatMap(({ id }) => after.get(id) ?? []));
  const found: Change[] = [];
  to.forEach((step, index) => {
    const was = before.get(step.id);
    const number = index + 2;
    if (!was) found.push({ kind: "added", step, number });
    else if (text(plain(was)) !== text(plain(step))) found.push({ kind: "changed", step, was, number });
    else if (!stayed.has(index)) found.push({ kind: "moved", step, number });
  });
  from.forEach((step, index) => {
    if (!after.has(step.id)) found.push({ kind: "removed", step, number: index + 2 });
  });
  return found;
}

/** The most places that keep their order: whoever was pulled out of two hundred has moved, not the two hundred. */
function inPlace(places: number[]): Set<number> {
  const ends: number[] = []; // for each length, where the run that ends lowest ends
  const before = new Map<number, number | undefined>();
  for (const place of places) {
    let low = 0;
    for (let high = ends.length; low < high; ) {
      const middle = (low + high) >> 1;
      if (ends[middle]! < place) low = middle + 1;
      else high = middle;
    }
    before.set(place, ends[low - 1]);
    ends[low] = place;
  }
  const kept = new Set<number>();
  for (let place = ends.at(-1); place !== undefined; place = before.get(place)) kept.add(place);
  return kept;
}

export type Difference = { path: string[]; before: Json | undefined; after: Json | undefined };

/** Each single value of a step that differs, by its place: input › fields › text. */
export function differences(was: Step, is: Step): Difference[] {
  const found: Difference[] = [];
  const walk = (path: string[], before: Json | undefined, after: Json | undefined): void => {
    if (text(before) === text(after)) return;
    const [one, other] = [childrenOf(before), childrenOf(after)];
    const names = new Set([...Object.keys(one ?? {}), ...Object.keys(other ?? {})]);
    // A list, or an object beside something else, is told as a whole.
    if (!one || !other || names.size === 0) found.push({ path, before, after });
    else for (const name of names) walk([...path, name], one[name], other[name]);
  };
  walk([], plain(was) as unknown as Json, plain(is) as unknown as Json);
  return found;
}

const childrenOf = (value: Json | undefined) => (value === undefined ? {} : value !== null && typeof value === "object" && !Array.isArray(value) ? value : null);

/** Whether two drafts say the same, whatever the order of their fields. */
export const same = (one: Draft, other: Draft) => text(one) === text(other);

const text = (value: unknown) => JSON.stringify(sorted(value));

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined).sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, one]) => [name, sorted(one)]));
}
