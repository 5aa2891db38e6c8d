/** What an action's JSON Schema says about its form. */

import type { Json } from "./draft";

export type Hint = {
  order?: number;
  widget?: string;
  advanced?: boolean;
  placeholder?: string;
  help?: string;
  secret?: boolean;
  showWhen?: Record<string, Json>;
};

export type Schema = {
  type?: string | string[];
  title?: string;
  description?: string;
  enum?: Json[];
  default?: Json;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  additionalProperties?: boolean | Schema;
  minimum?: number;
  maximum?: number;
  "x-zipped"?: Hint;
};

export type FormField = { name: string; schema: Schema; hint: Hint; required: boolean; label: string };

/** The fields of a form in their order. */
export function fieldsOf(schema: Schema): FormField[] {
  return Object.entries(schema.properties ?? {})
    .map(([name, one]) => ({
      name,
      schema: one,
      hint: one["x-zipped"] ?? {},
      required: schema.required?.includes(name) ?? false,
      label: one.title ?? name,
    }))
    .sort((a, b) => (a.hint.order ?? 99) - (b.hint.order ?? 99));
}

/** Whether a field belongs to what is chosen in others. */
export function isShown(field: FormField, input: Record<string, Json>, schema: Schema): boolean {
  if (input[field.name] !== undefined) return true;
  return Object.entries(field.hint.showWhen ?? {}).every(([name, wanted]) => {
    const value = input[name] ?? schema.properties?.[name]?.default;
    return Array.isArray(wanted) ? wanted.some((one) => one === value) : wanted === value;
  });
}

/** The control a field is drawn with. */
export function widgetOf({ schema, hint }: Pick<FormField, "schema" | "hint">): "select" | "checkbox" | "number" | "keyvalue" | "list" | "json" | "textarea" | "conditions" | "moment" | "text" {
  if (schema.enum) return "select";
  const type = Array.isArray(schema.type) ? schema.type.find((one) => one !== "null") : schema.type;
  if (hint.widget === "conditions" || (type === "array" && schema.items?.properties?.op)) return "conditions";
  if (hint.widget === "keyvalue" || hint.widget === "json" || hint.widget === "textarea") return hint.widget;
  if (hint.widget === "code") return "textarea";
  if (hint.widget === "datetime") return "moment";
  if (type === "boolean") return "checkbox";
  if (type === "number" || type === "integer") return "number";
  if (type === "array") return schema.items?.type === "string" || hint.widget === "list" ? "list" : "json";
  if (type === "object") return "keyvalue";
  if (type === undefined || type === "string") return "text";
  return "text";
}

const SHORT_FOR = /^(json|html|xml|tls|starttls|sha\d+)$/;

/** An option as it is read: “all” is “All”, “set_fields” is “Set fields”, GET stays GET, “json” is an abbreviation. */
export const inWords = (option: string) => (SHORT_FOR.test(option) ? option.toUpperCase() : option.slice(0, 1).toUpperCase() + option.slice(1).replaceAll("_", " "));

/** The number a text is the usual form of; null for “1.0”, “1e3” and “007”, which become others when read back. */
export function numberOf(text: string): number | null {
  const number = Number(text);
  return text !== "" && Number.isFinite(number) && String(number) === text ? number : null;
}

export const isExpression = (value: unknown): value is string => typeof value === "string" && value.includes("{{");
