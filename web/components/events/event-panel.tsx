"use client";

import Link from "@/components/ui/link";
import { useQuery } from "urql";
import { CopyButton } from "@/components/ui/copy-button";
import { Trouble } from "@/components/ui/empty";
import { Box, Facts, Panel } from "@/components/ui/panel";
import { Payload } from "@/components/ui/payload";
import { StateBadge, stateOf, StateText } from "@/components/ui/state";
import { EventDetailDocument, type EventDetailQuery } from "@/gql/graphql";
import { bytes, exact, shortId } from "@/lib/format";
import { OUTCOME_WORDS } from "./outcomes";

type Detail = NonNullable<EventDetailQuery["event"]>;

/** One event: the decision in words, the exact request, the run it started. */
export function EventPanel({ id, onClose }: { id: string; onClose: () => void }) {
  const [{ data, error }] = useQuery({ query: EventDetailDocument, variables: { id } });
  const event = data?.event?.id === id ? data.event : null;
  return (
    <Panel label="Event" title={event ? <StateBadge state={stateOf(event.outcome)} /> : "Event"} subtitle={<span className="mono">{id}</span>} onClose={onClose}>
      {event ? (
        <EventBody event={event} />
      ) : error || data?.event === null ? (
        <Trouble title="This event can’t be shown">It is not there any more, or belongs to another workspace.</Trouble>
      ) : null}
    </Panel>
  );
}

function EventBody({ event }: { event: Detail }) {
  return (
    <div className="grid gap-5 px-5 py-3">
      <p className="text-14 text-ink-2">{event.reason || OUTCOME_WORDS[event.outcome]}</p>
      <Facts
        rows={[
          ["Received", exact(event.receivedAt)],
          ["Zip", event.zip ? <Link dir="auto" className="text-accent hover:underline" href={`/zips/${event.zip.id}`}>{event.zip.name}</Link> : "A deleted zip"],
          ...(event.run
            ? [["Run", <Link key="run" className="inline-flex items-center gap-2 text-accent hover:underline" href={`/runs/${event.run.id}`}>{shortId(event.run.id)} <StateText state={stateOf(event.run.status)} /></Link>] as [string, React.ReactNode]]
            : []),
          ...(event.firstEvent ? [["First came", exact(event.firstEvent.receivedAt)] as [string, React.ReactNode]] : []),
          ...(event.dedupeKey ? [["Key", <span key="key" className="mono">{event.dedupeKey}</span>] as [string, React.ReactNode]] : []),
          ["From", <span key="from" className="mono">{event.sourceIp || "here"}</span>],
        ]}
      />
      <Box title={<>Request <span className="mono text-ink-3">{event.method}{event.query ? ` ?${event.query}` : ""}</span></>}>
        <dl className="mono grid gap-0.5 p-3">
          {event.headers.map((header, index) => (
            <div key={index} className="grid grid-cols-[minmax(80px,36%)_minmax(0,1fr)] gap-2">
              <dt className="truncate text-ink-3" title={header.name}>{header.name}</dt>
              <dd className="break-all">{header.value === "***" ? "••••••••" : header.value}</dd>
            </div>
          ))}
        </dl>
      </Box>
      <Box
        title={<>Body <span className="font-text text-ink-3">{bytes(event.bodySize)}</span></>}
        aside={event.body?.text != null ? <CopyButton text={event.body.text}>Copy</CopyButton> : null}
      >
        {event.body?.text ? (
          <Payload text={event.body.text} root="trigger.body" />
        ) : (
          <p className="p-3 text-ink-3">{event.bodySize === 0 ? "It came without a body." : "It is not text; its bytes are kept as they came."}</p>
        )}
        {event.body?.isTruncated ? <p className="border-t border-line px-3 py-2 text-12 text-ink-3">Refused requests keep their first 4 KB.</p> : null}
      </Box>
    </div>
  );
}
