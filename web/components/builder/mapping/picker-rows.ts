/** What the data picker lists: for each source its values, unfolded as far as asked, or those that match a search. Pure. */

import type { Json } from "../draft";
import type { Schema } from "../schema";
import { shortValue } from "./values";
import type { Mapping, Source } from "./sources";
import { pathText, type Part } from "./tokens";

export type ValueRow = {
  /** The path as an expression writes it, which is also its name in this list. */
  path: string;
  label: string;
  depth: number;
  /** What stands at its right: the value, or what is declared of it. */
  words: string;
  /** Declared only: the step has not run yet. */
  declared: boolean;
  /** Whether there is more below it, and whether that is shown. */
  fold: "none" | "open" | "closed";
};
export type SourceRows = { source: Source; rows: ValueRow[] };

const MOST_ROWS = 400; // in all, so that a large event costs no more than a small one
const MOST_CHILDREN = 100; // of one list or object
const MOST_LOOKED_AT = 20_000; // values of a search
const DEEPEST = 8;
const UNFOLDED_UP_TO = 8; // entries

/** `turned` are the paths that are folded or unfolded other than they would be. */
export function pickerRows({ sources }: Mapping, search: string, turned: ReadonlySet<string>): SourceRows[] {
  const needle = search.trim().toLowerCase();
  const budget = { rows: MOST_ROWS, looks: MOST_LOOKED_AT };
  return sources
    .map((source): SourceRows => {
      const rows: ValueRow[] = [];
      if (needle) found(source, needle, budget, rows);
      else if (source.sample !== undefined) unfolded(source.root, source.sample, 0, turned, budget, rows);
      else rows.push(...declared(source));
      return { source, rows };
    })
    .filter(({ rows, source }) => !needle || rows.length > 0 || (source.sample === undefined && source.title.toLowerCase().includes(needle)));
}

type Budget = { rows: number; looks: number };

function unfolded(path: Part[], value: Json, depth: number, turned: ReadonlySet<string>, budget: Budget, into: ValueRow[]): void {
  if (value === null || typeof value !== "object") {
    // A step whose whole output is one value.
    if (depth === 0) into.push({ path: pathText(path), label: "value", depth, words: shortValue(value), declared: false, fold: "none" });
    return;
  }
  for (const [part, child] of childrenOf(value)) {
    if (budget.rows <= 0) return;
    budget.rows -= 1;
    const childPath = [...path, part];
    const text = pathText(childPath);
    const branch = child !== null && typeof child === "object" && Object.keys(child).length > 0 && depth < DEEPEST;
    const open = branch && turned.has(text) !== opensByItself(part, child, depth);
    into.push({ path: text, label: labelOf(part), depth, words: shortValue(child), declared: false, fold: branch ? (open ? "open" : "closed") : "none" });
    if (open) unfolded(childPath, child, depth + 1, turned, budget, into);
  }
}

const childrenOf = (value: Json[] | { [name: string]: Json }): [Part, Json][] =>
  Array.isArray(value) ? value.slice(0, MOST_CHILDREN).map((child, index) => [index, child]) : Object.entries(value).slice(0, MOST_CHILDREN);

/** What people send unfolds; what goes with every request does not. */
function opensByItself(part: Part, value: Json, depth: number): boolean {
  if (Array.isArray(value) || value === null || typeof value !== "object" || part === "headers") return false;
  return (depth === 0 && part === "body") || (depth < 2 && Object.keys(value).length <= UNFOLDED_UP_TO);
}

const labelOf = (part: Part) => (typeof part === "number" ? `[${part}]` : part);

function found(source: Source, needle: string, budget: Budget, into: ValueRow[]): void {
  if (source.sample === undefined) {
    into.push(...declared(source).filter((row) => row.path.toLowerCase().includes(needle)));
    return;
  }
  const named = source.title.toLowerCase().includes(needle);
  // Who types a name means the name: values that only hold it come after.
  const byValue: ValueRow[] = [];
  const left: [Part[], Json][] = [[source.root, source.sample]];
  for (let next = left.shift(); next && budget.looks > 0 && budget.rows > 0; next = left.shift()) {
    budget.looks -= 1;
    const [path, value] = next;
    const text = pathText(path);
    const words = shortValue(value);
    const byName = named || text.toLowerCase().includes(needle);
    if (path.length > source.root.length && (byName || words.toLowerCase().includes(needle))) {
      budget.rows -= 1;
      (byName ? into : byValue).push({ path: text, label: pathText(path.slice(source.root.length)), depth: 0, words, declared: false, fold: "none" });
    }
    if (value !== null && typeof value === "object" && path.length < DEEPEST) left.push(...childrenOf(value).map(([part, child]): [Part[], Json] => [[...path, part], child]));
  }
  into.push(...byValue);
}

/** What a step that has not run yet says it will give. */
function declared({ root, declared: schema }: Source): ValueRow[] {
  return Object.entries(schema?.properties ?? {}).map(([name, one]) => ({ path: pathText([...root, name]), label: name, depth: 0, words: kindOf(one), declared: true, fold: "none" }));
}

const KINDS: Record<string, string> = { string: "text", number: "number", integer: "number", boolean: "true or false", array: "list", object: "object", null: "nothing" };

function kindOf(schema: Schema): string {
  if (schema.enum && schema.enum.length <= 4) return schema.enum.map(String).join(" or ");
  const type = Array.isArray(schema.type) ? schema.type.find((one) => one !== "null") : schema.type;
  return KINDS[type ?? ""] ?? "any value";
}
