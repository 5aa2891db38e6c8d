"use client";

import { useState } from "react";
import { Field, Select, Textarea } from "@/components/ui/field";
import { JsonView } from "@/components/ui/json-view";
import { STATES, stateOf } from "@/components/ui/state";
import { ago, bytes } from "@/lib/format";
import { useNow } from "@/lib/now";
import type { Choice, Samples } from "../samples/use-samples";

/** Which event the steps are tried with: one that arrived, or JSON that is typed here. */
export function SampleChoice({ samples }: { samples: Samples }) {
  const now = useNow();
  const { kind, events, choice, choose, eventId, scope, isExample } = samples;
  const [shown, setShown] = useState(false);
  const nothingYet = kind === "manual" ? "It has not run yet, so an example stands in. Type the JSON it will be given to test with that." : "Nothing has arrived yet, so an example stands in. Send a request to the webhook, or type its JSON.";
  return (
    <div className="grid gap-2">
      <Field
        label="Test with"
        mark={
          <button type="button" aria-expanded={shown} onClick={() => setShown(!shown)} className="rounded-2 text-accent hover:underline">
            {shown ? "Hide its data" : "Show its data"}
          </button>
        }
        hint={isExample ? nothingYet : undefined}
      >
        {(ids) => (
          <Select
            {...ids}
            value={choice?.kind === "typed" ? "typed" : (eventId ?? "")}
            onChange={(event) => {
              const { value } = event.target;
              if (value === "typed") choose(typedLike(samples));
              else choose(value ? { kind: "event", id: value } : null);
            }}
          >
            {isExample || events.length === 0 ? <option value="">An example</option> : null}
            {events.map((event) => (
              <option key={event.id} value={event.id}>
                {event.method === "MANUAL" ? "Run by hand" : event.method}, {ago(event.receivedAt, now)}, {bytes(event.bodySize)} · {STATES[stateOf(event.outcome)].word}
              </option>
            ))}
            <option value="typed">JSON that I type</option>
          </Select>
        )}
      </Field>
      <TypedBody samples={samples} />
      {shown ? <div className="max-h-72 overflow-auto rounded-2 border border-line"><JsonView value={scope.trigger} root="trigger" /></div> : null}
    </div>
  );
}

/** To begin with, what was there before. */
export const typedLike = ({ scope }: Samples): Choice => ({ kind: "typed", text: JSON.stringify(scope.trigger.body ?? { name: "Ada" }, null, 2) });

/** Where the JSON is typed, once that was chosen. */
export function TypedBody({ samples: { choice, choose, isUnreadable } }: { samples: Samples }) {
  if (choice?.kind !== "typed") return null;
  return (
    <Field label="Body as JSON" error={isUnreadable ? "This is no JSON. Texts stand in double quotes, and nothing follows the last comma." : null}>
      {(ids) => <Textarea {...ids} rows={6} spellCheck={false} className="mono" value={choice.text} onChange={(event) => choose({ kind: "typed", text: event.target.value })} />}
    </Field>
  );
}
