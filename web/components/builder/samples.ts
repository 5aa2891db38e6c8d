/** Real values of earlier events and runs, for the data picker and for what stands under a field. */

import type { BuilderSamplesQuery } from "@/gql/graphql";
import type { Json } from "./draft";

export type Scope = { trigger: { [name: string]: Json }; steps: { [id: string]: Json } };
export type Path = { path: string; value: Json; depth: number; branch: boolean };

const TAKEN = new Set<string>(["ACCEPTED", "DRAFT", "ZIP_OFF", "DUPLICATE"]);
const MOST = 400; // entries of a picker
const DEEPEST = 6;

/** What `{{ … }}` would see if the latest event came again and its run went as the latest one did. */
export function scopeOf(data: BuilderSamplesQuery | undefined, eventId: string | null): Scope {
  const events = data?.events?.nodes ?? [];
  // What was refused says little about what the next one will look like.
  const event = events.find((one) => one.id === eventId) ?? events.find((one) => one.body !== null && TAKEN.has(one.outcome)) ?? events[0];
  const steps: Scope["steps"] = {};
  for (const attempt of data?.runs?.nodes[0]?.steps ?? []) {
    if (attempt.output !== null) steps[attempt.stepId] = attempt.output as Json;
  }
  if (!event) return { trigger: {}, steps };
  const headers = Object.fromEntries(event.headers.map((header) => [header.name, header.value]));
  return { trigger: { body: parsed(event.body?.text), headers, query: queryOf(event.query), method: event.method }, steps };
}

function parsed(text: string | null | undefined): Json {
  if (!text) return null;
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}

function queryOf(query: string): { [name: string]: Json } {
  return Object.fromEntries(new URLSearchParams(query));
}

/** Every path below `value`, in the order it is shown, as an expression writes it. */
export function pathsOf(root: string, value: Json, depth = 0, into: Path[] = []): Path[] {
  if (into.length >= MOST) return into;
  const branch = value !== null && typeof value === "object";
  into.push({ path: root, value, depth, branch });
  if (branch && depth < DEEPEST) {
    for (const [key, child] of Object.entries(value)) {
      const path = Array.isArray(value) ? `${root}[${key}]` : /^[A-Za-z_][A-Za-z0-9_]*$/.test(key) ? `${root}.${key}` : `${root}[${JSON.stringify(key)}]`;
      pathsOf(path, child, depth + 1, into);
    }
  }
  return into;
}

/** The value at a path such as trigger.body.items[0].name; undefined where there is none. */
export function valueAt(scope: Scope, path: string): Json | undefined {
  const parts = [...path.matchAll(/(?:^|\.)([A-Za-z_][A-Za-z0-9_-]*)|\[(\d+)\]|\["((?:[^"\\]|\\.)*)"\]/g)];
  let value: Json | undefined = scope as unknown as Json;
  for (const [, name, index, quoted] of parts) {
    if (value === null || typeof value !== "object") return undefined;
    const key: string = name ?? index ?? (JSON.parse(`"${quoted ?? ""}"`) as string);
    value = Array.isArray(value) ? value[Number(key)] : Object.hasOwn(value, key) ? value[key] : undefined;
  }
  return value;
}

const EXPRESSION = /\{\{\s*([^}|]+?)\s*(\|[^}]*)?\}\}/g;

/**
 * What a field with expressions would hold, by the samples; null when they don't say. Filters are the server's to
 * apply, so a filtered value is shown as it goes in, followed by the filters' names.
 */
export function preview(text: string, scope: Scope): string | null {
  let known = false;
  const shown = text.replaceAll(EXPRESSION, (_, path: string, filters: string | undefined) => {
    const value = valueAt(scope, path);
    if (value === undefined) return "…";
    known = true;
    const words = typeof value === "string" ? value : JSON.stringify(value);
    return filters ? `${words} ${filters.trim()}` : words;
  });
  return known ? shown : null;
}
