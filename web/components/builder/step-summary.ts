/** What a step does, in one line. Pure. */

import type { Step } from "./draft";
import { pathText, tokensOf } from "./mapping/tokens";

/** One line for what a step does, from its own input. */
export function summaryOf(step: Step, title: string | undefined): string {
  const { method, url, subject, amount, unit, fields, conditions } = step.input;
  if (typeof url === "string") return `${typeof method === "string" ? method : "GET"} ${readable(url.replace(/^https?:\/\//, ""))}`;
  if (typeof subject === "string") return readable(subject);
  if (amount !== undefined && amount !== null) return `Wait ${readable(String(amount))} ${typeof unit === "string" ? unit : "seconds"}`;
  if (fields !== null && typeof fields === "object") return Object.keys(fields).join(", ");
  if (Array.isArray(conditions) && conditions.length) {
    const [{ left, op, right = "" }] = conditions as [{ left?: unknown; op?: unknown; right?: unknown }];
    const more = conditions.length > 1 ? `, and ${conditions.length - 1} more` : "";
    return `${readable(String(left ?? ""))} ${String(op ?? "").replaceAll("_", " ")} ${readable(String(right))}${more}`.trim();
  }
  return title ?? step.action;
}

/** A text with the names of its values instead of its expressions. */
function readable(text: string): string {
  return tokensOf(text).reduceRight((told, { from, to, path }) => told.slice(0, from) + pathText(path.slice(path[0] === "steps" ? 2 : 1)) + told.slice(to), text);
}
