import type { Json, Step } from "./draft";
import { TextWithChips } from "./mapping/text-with-chips";
import type { Schema } from "./schema";

/** What changes are told with: the names of fields and connections, and the numbers of steps. */
export type ChangeWords = {
  actionOf: (app: string, action: string) => { title: string; input: unknown } | undefined;
  connectionName: (id: string) => string | undefined;
  numberOf: (stepId: string) => number | null;
};

const SHOWN = 500; // characters of a value

/** A value in short; chips where it holds expressions. */
export function Value({ text, words }: { text: string | undefined; words: ChangeWords }) {
  if (text === undefined) return <i>nothing</i>;
  if (text === "") return <i>an empty text</i>;
  return <span dir="auto" className="whitespace-pre-wrap"><TextWithChips text={text.slice(0, SHOWN)} numberOf={words.numberOf} />{text.length > SHOWN ? "…" : ""}</span>;
}

/** A value of a step as a text; undefined where there is none. */
export function shown(path: readonly string[], value: Json | undefined, words: ChangeWords): string | undefined {
  if (value === undefined) return undefined;
  if (path[0] === "connection" && typeof value === "string") return words.connectionName(value) ?? value;
  if (typeof value === "boolean") return value ? "yes" : "no";
  return typeof value === "string" ? value : JSON.stringify(value);
}

const LABELS: Record<string, string> = {
  name: "Name",
  note: "Note",
  skip: "Skipped",
  connection: "Connection",
  timeoutSeconds: "Time limit",
  retry: "Tries",
  onError: "When it fails",
  onUnknown: "When unknown",
};

/** Where a value stands, in the words of the step’s form. */
export function labelOf(step: Step, [part = "", field = "", ...within]: readonly string[], words: ChangeWords): string {
  if (part !== "input") return LABELS[part === "settings" ? field : part] ?? field;
  const schema = words.actionOf(step.app, step.action)?.input as Schema | undefined;
  return [schema?.properties?.[field]?.title ?? field, ...within].join(" › ");
}
