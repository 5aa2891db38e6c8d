"use client";

import { Info } from "lucide-react";
import type { ReactNode } from "react";
import { useQuery } from "urql";
import { Button } from "@/components/ui/button";
import { CopyButton } from "@/components/ui/copy-button";
import { Trouble } from "@/components/ui/empty";
import Link from "@/components/ui/link";
import { Box, Facts, Panel } from "@/components/ui/panel";
import { Payload } from "@/components/ui/payload";
import { StateBadge, stateOf, StateText } from "@/components/ui/state";
import { EventDetailDocument, type EventDetailQuery } from "@/gql/graphql";
import { bytes, exact, shortId } from "@/lib/format";
import { curlOf } from "./curl";
import { OUTCOME_ADVICE, OUTCOME_WORDS } from "./outcomes";
import { canRun, RunEvent } from "./run-event";

type Detail = NonNullable<EventDetailQuery["event"]>;

/** One event: the decision in words and what to do about it, the exact request, the run it started. */
export function EventPanel({ id, onClose }: { id: string; onClose: () => void }) {
  const [{ data, error }, load] = useQuery({ query: EventDetailDocument, variables: { id } });
  const event = data?.event?.id === id ? data.event : null;
  return (
    <Panel
      label="Event"
      title={<>{event ? <StateBadge state={stateOf(event.outcome)} /> : "Event"}<span className="mono font-text text-ink-3" title={id}>{shortId(id)}</span></>}
      onClose={onClose}
      footer={event && canRun(event) ? <div className="ml-auto"><RunEvent event={event} /></div> : undefined}
    >
      {event ? (
        <EventBody event={event} />
      ) : error?.networkError ? (
        <Trouble title="The event could not be loaded" action={<Button onClick={() => load({ requestPolicy: "network-only" })}>Try again</Button>}>It is stored.</Trouble>
      ) : error || data?.event === null ? (
        <Trouble title="This event can’t be shown">It is not there any more, or belongs to another workspace.</Trouble>
      ) : null}
    </Panel>
  );
}

function EventBody({ event }: { event: Detail }) {
  const advice = OUTCOME_ADVICE[event.outcome];
  return (
    <div className="grid gap-5 px-5 pt-1 pb-5">
      <p className="text-14">{event.reason || OUTCOME_WORDS[event.outcome]}</p>
      {advice ? (
        <p className="flex gap-2.5 rounded-2 border border-line bg-well px-3 py-2.5 text-ink-2">
          <Info aria-hidden size={16} strokeWidth={1.75} className="mt-0.5 shrink-0" /> {advice}
        </p>
      ) : null}
      <Facts rows={factsOf(event)} />
      <Request event={event} />
      <Body event={event} />
    </div>
  );
}

function factsOf(event: Detail): [string, ReactNode][] {
  const rows: [string, ReactNode][] = [
    ["Received", exact(event.receivedAt)],
    ["Zip", event.zip ? <Link dir="auto" className="line-clamp-3 text-left text-accent hover:underline" href={`/zips/${event.zip.id}`}>{event.zip.name}</Link> : "A deleted zip"],
  ];
  if (event.run) {
    rows.push([
      event.outcome === "ACCEPTED" ? "Run" : "Its run",
      <Link key="run" className="inline-flex items-center gap-2 hover:underline" href={`/runs/${event.run.id}`}>
        <span className="mono text-accent">{shortId(event.run.id)}</span> <StateText state={stateOf(event.run.status)} />
      </Link>,
    ]);
  }
  if (event.firstEvent) {
    rows.push(["First came", <Link key="first" className="text-accent hover:underline" href={`/events?event=${event.firstEvent.id}`}>{exact(event.firstEvent.receivedAt)}</Link>]);
  }
  if (event.dedupeKey) rows.push(["Key", <span key="key" className="mono">{event.dedupeKey}</span>]);
  rows.push(["From", event.sourceIp ? <span key="from" className="mono">{event.sourceIp}</span> : "Somebody in this workspace"]);
  return rows;
}

function Request({ event }: { event: Detail }) {
  if (event.method === "MANUAL") return null;
  const curl = curlOf(event);
  return (
    <Box title={<>Request <span className="mono font-text text-ink-2">{event.method} {bytes(event.bodySize)}</span></>} aside={curl ? <CopyButton text={curl}>Copy as curl</CopyButton> : null}>
      <dl className="mono grid gap-0.5 p-3">
        {event.query ? <Header name="Query" value={`?${event.query}`} /> : null}
        {event.headers.map((header, index) => (
          <Header key={index} name={header.name} value={header.value === "***" ? "••••••••" : header.value} />
        ))}
      </dl>
    </Box>
  );
}

function Header({ name, value }: { name: string; value: string }) {
  return (
    <div className="grid grid-cols-[minmax(80px,36%)_minmax(0,1fr)] gap-2">
      <dt className="truncate text-ink-3" title={name}>{name}</dt>
      <dd className="break-all">{value}</dd>
    </div>
  );
}

function Body({ event }: { event: Detail }) {
  const text = event.body?.text;
  return (
    <Box title="Body" aside={text ? <CopyButton text={text}>Copy</CopyButton> : null}>
      {text ? <Payload text={text} root="trigger.body" /> : <p className="p-3 text-ink-3">{withoutText(event)}</p>}
      {event.body?.isTruncated ? <p className="border-t border-line px-3 py-2 text-12 text-ink-3">Refused requests keep their first 4 KB, so this one can’t be run from here.</p> : null}
    </Box>
  );
}

function withoutText(event: Detail): string {
  if (event.bodySize === 0) return "It came without a body.";
  if (event.firstEvent) return "It is the same as that of the event that came first.";
  return event.body ? "It is not text; its bytes are kept as they came." : "Its bytes are not kept any more.";
}
