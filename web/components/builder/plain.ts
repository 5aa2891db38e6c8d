/**
 * A form without expressions, as texts: what stands in its controls, and what of it is stored.
 * Pure, so that a form that is opened and saved changes nothing.
 */

import type { Json } from "./draft";
import type { FormField, Schema } from "./schema";

/** What stands in each control, by field; a list is its items with spaces between them. */
export type Texts = Record<string, string>;

const typesOf = ({ type }: Schema) => (Array.isArray(type) ? type : [type]);

export const isList = ({ schema }: FormField) => typesOf(schema).includes("array");

const textOf = (value: unknown) => (Array.isArray(value) ? value.join(" ") : value === undefined || value === null ? "" : String(value));

export const textsOf = (fields: readonly FormField[], stored: Record<string, unknown>): Texts => Object.fromEntries(fields.map(({ name }) => [name, textOf(stored[name])]));

/** What the texts stand for; an empty one is left out, for which the server knows what is usual. */
export function valuesOf(fields: readonly FormField[], texts: Texts): Record<string, Json> {
  return Object.fromEntries(
    fields.flatMap((field): [string, Json][] => {
      const text = texts[field.name] ?? "";
      if (isList(field)) return [[field.name, text.split(" ").filter(Boolean)]];
      if (text === "") return [];
      const types = typesOf(field.schema);
      const number = types.includes("integer") || types.includes("number") ? Number(text) : NaN;
      // What is no number goes as it is: the server says what is wrong with it.
      return [[field.name, Number.isFinite(number) ? number : text]];
    }),
  );
}

/** Whether a text stands for something else than what is usual. */
export const isOwn = ({ name, schema }: FormField, texts: Texts) => Boolean(texts[name]) && texts[name] !== textOf(schema.default);
