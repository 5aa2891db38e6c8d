"use client";

import { useQuery } from "urql";
import { BuilderPreviewDocument } from "@/gql/graphql";
import { asIs } from "@/lib/graphql/as-is";
import type { Json, Step } from "../draft";
import type { Asked } from "../samples/use-samples";
import { fieldsOf, type Schema } from "../schema";
import { Framed } from "./call-box";

type GivenBoxProps = { zipId: string; step: Step; schema: Schema; asked: Asked };

/** What a step that sends no request would hand over, such as an e-mail: its fields, filled in. */
export function GivenBox({ zipId, step, schema, asked }: GivenBoxProps) {
  const [{ data }] = useQuery({ query: BuilderPreviewDocument, variables: { zipId, stepId: step.id, input: asIs(step.input), ...asked, trigger: asIs(asked.trigger) }, requestPolicy: "network-only" });
  const told = data?.previewInput ?? [];
  const filled = told.reduce<Json>((input, { path, value, message }) => put(input, path, message ?? (value as Json)), step.input);
  const given = fieldsOf(schema).filter(({ name }) => step.input[name] !== undefined);
  return (
    <Framed title="Would hand over">
      <dl className="grid grid-cols-[96px_minmax(0,1fr)] gap-x-3 gap-y-1.5 px-3 py-2">
        {given.map(({ name, label }) => (
          <div key={name} className="contents">
            <dt className="text-ink-3">{label}</dt>
            <dd dir="auto" className={`[overflow-wrap:anywhere] whitespace-pre-wrap ${told.some(({ path, message }) => path[0] === name && message !== null) ? "text-bad-ink" : ""}`}>{words((filled as Record<string, Json>)[name])}</dd>
          </div>
        ))}
      </dl>
    </Framed>
  );
}

/** The same value with another one at `path`, which is there. */
function put(value: Json, [part, ...rest]: readonly string[], next: Json): Json {
  if (part === undefined) return next;
  if (Array.isArray(value)) return value.map((one, index) => (String(index) === part ? put(one, rest, next) : one));
  if (value === null || typeof value !== "object") return value;
  return { ...value, [part]: put(value[part] ?? null, rest, next) };
}

const words = (value: Json | undefined) => (typeof value === "string" ? value : Array.isArray(value) && value.every((one) => typeof one === "string") ? value.join(", ") : JSON.stringify(value));
