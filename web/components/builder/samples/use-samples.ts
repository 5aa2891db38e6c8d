"use client";

import { useMemo, useState } from "react";
import { useQuery } from "urql";
import { useHere } from "@/components/session/session-provider";
import { BuilderEventsDocument, BuilderSampleDocument, type BuilderEventsQuery } from "@/gql/graphql";
import type { Json } from "../draft";
import type { Scope } from "../mapping/values";
import { useLast } from "../use-last";

export type SampleEvent = NonNullable<BuilderEventsQuery["events"]>["nodes"][number];

/** What the steps are tried with: an event that arrived, or a body that somebody typed. */
export type Choice = { kind: "event"; id: string } | { kind: "typed"; text: string };

/** What is handed to the server when a step is tried, as in testStep. */
export type Asked = { eventId: string | null; trigger: Json | null };

/** As zipped/services/step_samples.py chooses one. */
const USEFUL = new Set<string>(["ACCEPTED", "DRAFT", "ZIP_OFF"]);

type Given = { zipId: string; name: string; kind: string; example: Json | undefined; outputs: ReadonlyMap<string, Json> };

/** What expressions of this zip see: what was chosen, else the newest event, else the example of the trigger's kind. */
export function useSamples({ zipId, name, kind, example, outputs }: Given) {
  const { workspace } = useHere();
  const [choice, choose] = useState<Choice | null>(null);
  const [{ data }] = useQuery({ query: BuilderEventsDocument, variables: { workspaceId: workspace.id, zipId } });
  const listed = useLast(data?.events);
  const events = useMemo(() => listed?.nodes ?? [], [listed]);
  const eventId = choice?.kind === "event" ? choice.id : choice ? null : (events.find((event) => USEFUL.has(event.outcome))?.id ?? null);
  const [{ data: read }] = useQuery({ query: BuilderSampleDocument, variables: { id: eventId ?? "" }, pause: eventId === null });
  const last = useLast(read?.event);
  const event = last !== null && last.id === eventId ? last : null;
  const typed = choice?.kind === "typed" ? choice.text : null;
  const body = useMemo(() => (typed === null ? undefined : bodyIn(typed)), [typed]);
  const isExample = eventId === null && typed === null;
  const scope = useMemo((): Scope => {
    const trigger = typed !== null ? triggerWith(kind, body ?? null) : isExample ? example : event?.sample;
    const steps: Scope["steps"] = {};
    for (const attempt of event?.run?.steps ?? []) if (attempt.output !== null) steps[attempt.stepId] = attempt.output as Json;
    for (const [id, output] of outputs) steps[id] = output;
    return { trigger: isObject(trigger) ? inOrder(trigger) : {}, steps, zip: { id: zipId, name } };
  }, [typed, kind, body, isExample, example, event, outputs, zipId, name]);
  const asked = useMemo((): Asked => ({ eventId, trigger: typed === null ? null : triggerWith(kind, body ?? null) }), [eventId, typed, kind, body]);
  return { kind, events, choice, choose, eventId, scope, isExample, asked, /** Typed, and no JSON. */ isUnreadable: typed !== null && body === undefined };
}

export type Samples = ReturnType<typeof useSamples>;

/** A body as the trigger of a POST of JSON, or of a run by hand. */
const triggerWith = (kind: string, body: Json): { [name: string]: Json } => ({
  ...(kind === "manual" ? { method: null, headers: {} } : { method: "POST", headers: { "content-type": "application/json" } }),
  query: {},
  body,
  raw: JSON.stringify(body),
});

/** What people look for first comes first. */
function inOrder(trigger: { [name: string]: Json }): { [name: string]: Json } {
  const { body, query, headers, method, raw, ...rest } = trigger;
  return Object.fromEntries(Object.entries({ body, query, headers, method, raw, ...rest }).filter((pair): pair is [string, Json] => pair[1] !== undefined));
}

function bodyIn(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

const isObject = (value: unknown): value is { [name: string]: Json } => value !== null && typeof value === "object" && !Array.isArray(value);
