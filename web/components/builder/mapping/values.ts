/** What expressions find in the samples, and how it is told. Pure. */

import type { Json } from "../draft";
import { pathText, tokensOf, type Part, type Token } from "./tokens";

/** What `{{ … }}` sees. */
export type Scope = { trigger: { [name: string]: Json }; steps: { [id: string]: Json }; zip: { [name: string]: Json } };
export const EMPTY: Scope = { trigger: {}, steps: {}, zip: {} };

/** The value at a path; undefined where there is none. */
export function valueAt(scope: Scope, path: readonly Part[]): Json | undefined {
  let value: Json | undefined = scope as unknown as Json;
  for (const part of path) {
    if (value === null || typeof value !== "object") return undefined;
    if (Array.isArray(value)) value = typeof part === "number" ? value[part] : undefined;
    else value = typeof part === "string" && Object.hasOwn(value, part) ? value[part] : undefined;
  }
  return value;
}

/** A piece of what a field would hold: written there, a value from a sample, or not known from any. */
export type Piece = { kind: "text" | "value" | "unknown"; text: string };

/**
 * What a field with expressions would hold, by the samples; null for a text without any. Filters are the server's to
 * apply, so of a filtered value its filters are named too.
 */
export function resultOf(text: string, valueOf: (token: Token) => Json | undefined): Piece[] | null {
  const tokens = tokensOf(text);
  if (tokens.length === 0) return null;
  const pieces: Piece[] = [];
  let at = 0;
  for (const token of tokens) {
    if (token.from > at) pieces.push({ kind: "text", text: text.slice(at, token.from) });
    const value = valueOf(token);
    const filtered = token.filters.length ? ` (${token.filters.join(", ")})` : "";
    pieces.push(value === undefined ? { kind: "unknown", text: pathText(token.path) } : { kind: "value", text: inText(value) + filtered });
    at = token.to;
  }
  if (at < text.length) pieces.push({ kind: "text", text: text.slice(at) });
  return pieces;
}

/** A value within text, as the engine writes it. */
const inText = (value: Json) => (value === null ? "" : typeof value === "string" ? value : JSON.stringify(value));

/** A value in a few words: texts as they are, of lists and objects how much they hold. */
export function shortValue(value: Json): string {
  if (value === "") return "empty";
  if (typeof value === "string") return value;
  if (Array.isArray(value)) return value.length === 1 ? "list of 1" : `list of ${value.length}`;
  if (value !== null && typeof value === "object") {
    const fields = Object.keys(value).length;
    return fields === 1 ? "1 field" : `${fields} fields`;
  }
  return String(value);
}
