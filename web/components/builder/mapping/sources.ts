/** Where the values of a field can come from: the steps before its own, and the trigger. Pure. */

import type { Json, Step } from "../draft";
import type { Schema } from "../schema";
import { valueAt, type Scope } from "./values";
import { pathText, tokensOf, type Part, type Token } from "./tokens";

export type Source = {
  /** A step's id, or “trigger”. */
  key: string;
  number: number;
  title: string;
  app: string;
  action?: string;
  /** What its values begin with. */
  root: Part[];
  /** What it last gave; undefined when it has not run yet. */
  sample: Json | undefined;
  /** It never gave anything: the sample is an example of what may come. */
  isExample?: boolean;
  /** What its action says it will give. */
  declared: Schema | undefined;
};

/** Nearest first, the trigger last, as they are offered. */
export type Mapping = { sources: Source[]; scope: Scope };

const TRIGGER_NAMES: Record<string, string> = { webhook: "Webhook", manual: "Run by hand" };

type Declares = (step: Step) => Schema | undefined;

/** What a step can use that comes after `before`. */
export function mappingOf(before: readonly Step[], triggerKind: string, { scope, isExample = false }: { scope: Scope; isExample?: boolean }, declaredBy: Declares): Mapping {
  const steps = before.map(
    (step, at): Source => ({
      key: step.id,
      number: at + 2,
      title: step.name || step.id,
      app: step.app,
      action: step.action,
      root: ["steps", step.id],
      sample: scope.steps[step.id],
      declared: declaredBy(step),
    }),
  );
  const trigger: Source = {
    key: "trigger",
    number: 1,
    title: TRIGGER_NAMES[triggerKind] ?? "Trigger",
    app: triggerKind,
    root: ["trigger"],
    sample: Object.keys(scope.trigger).length ? scope.trigger : undefined,
    isExample,
    declared: undefined,
  };
  return { sources: [...steps.reverse(), trigger], scope };
}

export type TokenState = "known" | "untested" | "missing";

/** What a token is, for its chip and for what is said about it. */
export type TokenWords = {
  state: TokenState;
  /** Of its source, as on its card; null for what belongs to the run itself. */
  number: number | null;
  source: string;
  /** Within its source. */
  label: string;
  value: Json | undefined;
  /** Why it will not work, and what to do; null when nothing is wrong as far as the samples say. */
  problem: string | null;
};

export function wordsOf(token: Token, { sources, scope }: Mapping): TokenWords {
  const [first, second] = token.path;
  if (first === "run" || first === "zip") {
    return { state: "known", number: null, source: first === "run" ? "This run" : "This zip", label: pathText(token.path), value: valueAt(scope, token.path), problem: null };
  }
  const source = sources.find((one) => one.root.every((part, index) => part === token.path[index]));
  if (!source) {
    const name = first === "steps" ? `No step before this one is called “${String(second ?? "")}”.` : `“${String(first)}” is nothing that comes before this step.`;
    return { state: "missing", number: null, source: "Nowhere", label: pathText(token.path), value: undefined, problem: `${name} Pick another value.` };
  }
  const rest = pathText(token.path.slice(source.root.length));
  const about = { number: source.number, source: source.title, label: rest || source.title };
  if (source.sample === undefined) return { ...about, state: "untested", value: undefined, problem: null };
  const value = valueAt(scope, token.path);
  if (source.isExample) return { ...about, state: "untested", value, problem: null };
  if (value !== undefined || token.filters.some((filter) => filter.startsWith("default"))) return { ...about, state: "known", value, problem: null };
  return { ...about, state: "missing", value, problem: `Step ${source.number} had no “${rest}” the last time. Pick another value, or add | default("…").` };
}

/** What stands for a value that is not there to be shown. */
export function unknownWords(words: TokenWords): string {
  if (words.state === "untested") return words.number === 1 ? "nothing has arrived yet" : `step ${words.number} has not run yet`;
  if (words.state === "missing") return "not there";
  return "known when it runs";
}

/** The steps that a step uses and that have given nothing yet, in the order they run. */
export function untestedOf(step: Step, mapping: Mapping): Source[] {
  const used = new Set(tokensWithin(step.input).map(({ path }) => (path[0] === "steps" ? path[1] : null)));
  return mapping.sources.filter((source) => source.sample === undefined && used.has(source.key)).reverse();
}

function tokensWithin(value: Json): Token[] {
  if (typeof value === "string") return value.includes("{{") ? tokensOf(value) : [];
  return value !== null && typeof value === "object" ? Object.values(value).flatMap(tokensWithin) : [];
}
