"use client";

import { RotateCw } from "lucide-react";
import { useEffect, useState } from "react";
import { useMutation, useQuery } from "urql";
import { useHere } from "@/components/session/session-provider";
import { Button } from "@/components/ui/button";
import { CopyButton } from "@/components/ui/copy-button";
import { Box, Panel } from "@/components/ui/panel";
import { stateOf, StateText } from "@/components/ui/state";
import { AppTile } from "@/components/ui/tile";
import { useToast } from "@/components/ui/toast";
import { BuilderEventsDocument, BuilderEventTextDocument, RotateHookTokenDocument, type BuilderQuery } from "@/gql/graphql";
import { ago, bytes, exact } from "@/lib/format";
import { failure } from "@/lib/graphql/result";
import { useNow } from "@/lib/now";
import type { SampleEvent, Samples } from "./samples/use-samples";
import type { Schema } from "./schema";
import { SampleChoice, TypedBody, typedLike } from "./test/sample-choice";
import { TriggerSettings } from "./trigger-settings";

type Trigger = NonNullable<NonNullable<BuilderQuery["zip"]>["trigger"]>;

const LOOK_EVERY = 2_000; // milliseconds between looks for a new request
const READ_UP_TO = 20_000; // bytes of a body whose first words are shown

type TriggerPanelProps = {
  zipId: string;
  trigger: Trigger;
  /** Of its settings, once it is known. */
  schema: Schema | undefined;
  samples: Samples;
  onClose: () => void;
};

/** What starts the zip: its address, what came there, and who may use it. */
export function TriggerPanel({ zipId, trigger, schema, samples, onClose }: TriggerPanelProps) {
  if (trigger.kind === "manual") {
    return (
      <Panel label="Trigger" tile={<AppTile app="manual" />} title="Run by hand" subtitle="Trigger" onClose={onClose}>
        <div className="grid gap-5 px-5 py-4">
          <p className="text-ink-2">Once it is published this zip runs when somebody presses “Run now”, or by the API’s runZip. The steps find what they give it under <code className="mono whitespace-nowrap">{"{{ trigger.body }}"}</code>.</p>
          <SampleChoice samples={samples} />
        </div>
      </Panel>
    );
  }
  return (
    <Panel label="Trigger" tile={<AppTile app="webhook" />} title="Webhook" subtitle="Trigger" onClose={onClose}>
      <div className="grid gap-5 px-5 py-4">
        {trigger.url ? <Address trigger={trigger} url={trigger.url} /> : <p className="text-ink-3">Only editors see its address: whoever knows it can start the zip.</p>}
        <Requests zipId={zipId} samples={samples} />
        {schema ? <TriggerSettings trigger={trigger} schema={schema} /> : null}
      </div>
    </Panel>
  );
}

function Address({ trigger, url }: { trigger: Trigger; url: string }) {
  const say = useToast();
  const [sure, setSure] = useState(false);
  const [{ fetching }, rotate] = useMutation(RotateHookTokenDocument);
  const curl = `curl -X POST ${url} \\\n  -H 'Content-Type: application/json' \\\n  -d '{"name": "Ada"}'`;
  async function renew() {
    const { data, error } = await rotate({ triggerId: trigger.id });
    const wrong = failure(data?.rotateHookToken, error);
    say(wrong ?? "The address is a new one; the old one answers no more.", { bad: Boolean(wrong) });
    setSure(false);
  }
  return (
    <>
      <Box title="Address" aside={<CopyButton text={url}>Copy</CopyButton>}>
        <p className="mono p-3 break-all">{url}</p>
      </Box>
      <Box title="Try it" aside={<CopyButton text={curl}>Copy</CopyButton>}>
        <pre className="mono p-3 break-words whitespace-pre-wrap">{curl}</pre>
      </Box>
      {sure ? (
        <div className="flex items-center gap-2 rounded-2 border border-wait-line bg-wait-surface px-3 py-2 text-wait-ink">
          <span className="flex-1">The old address stops at once. Whoever uses it must be told the new one.</span>
          <Button size="small" onClick={() => setSure(false)}>Keep it</Button>
          <Button size="small" look="danger" busy={fetching} onClick={renew}>New address</Button>
        </div>
      ) : (
        <Button look="ghost" size="small" className="-mt-2 -ml-2 justify-self-start" onClick={() => setSure(true)}><RotateCw aria-hidden size={14} /> Give it a new address</Button>
      )}
    </>
  );
}

function Requests({ zipId, samples }: { zipId: string; samples: Samples }) {
  const { workspace } = useHere();
  const now = useNow();
  const [, look] = useQuery({ query: BuilderEventsDocument, variables: { workspaceId: workspace.id, zipId } });
  useEffect(() => {
    const timer = setInterval(() => {
      if (document.visibilityState === "visible") look({ requestPolicy: "network-only" });
    }, LOOK_EVERY);
    return () => clearInterval(timer);
  }, [look]);
  const { events, eventId: chosen, choice } = samples;
  return (
    <Box title="Requests" aside={<span role="status" className="flex items-center gap-1.5 text-12 text-ink-3"><span aria-hidden className="breathe size-2 rounded-full bg-accent" />{events.length ? "Listening" : "Waiting for a request…"}</span>}>
      {events.length === 0 ? (
        <p className="p-3 text-ink-3">Send one: it is kept even before the zip is published, and its data can be used in the steps.</p>
      ) : (
        <ul aria-label="The last requests">
          {events.map((event) => (
            <li key={event.id} className="border-line not-last:border-b">
              <button type="button" aria-pressed={event.id === chosen} onClick={() => samples.choose({ kind: "event", id: event.id })} className="flex h-10 w-full items-center gap-3 px-3 text-left hover:bg-hover aria-pressed:bg-accent-surface focus-visible:shadow-(--ring-inset)">
                <StateText state={stateOf(event.outcome)} />
                <FirstWords event={event} />
                <span className="shrink-0 text-12 text-ink-3" title={exact(event.receivedAt)}>{event.id === chosen ? "sample" : ago(event.receivedAt, now)}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
      <div className="grid gap-3 border-t border-line p-3">
        {choice?.kind === "typed" ? (
          <>
            <TypedBody samples={samples} />
            <Button size="small" look="ghost" className="justify-self-start" onClick={() => samples.choose(null)}>Use what arrives instead</Button>
          </>
        ) : (
          <Button size="small" className="justify-self-start" onClick={() => samples.choose(typedLike(samples))}>Type a body instead</Button>
        )}
      </div>
    </Box>
  );
}

/** How a small request begins, which is how people know it again; of a large one its size. */
function FirstWords({ event }: { event: SampleEvent }) {
  const [{ data }] = useQuery({ query: BuilderEventTextDocument, variables: { id: event.id }, pause: event.bodySize === 0 || event.bodySize > READ_UP_TO, requestPolicy: "cache-first" });
  const text = data?.event?.body?.text?.replaceAll(/\s+/g, " ").slice(0, 80);
  return <span dir="auto" className="mono min-w-0 flex-1 truncate text-ink-3">{text ?? `${event.method} · ${bytes(event.bodySize)}`}</span>;
}
