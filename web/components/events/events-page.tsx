"use client";

import { useMemo, useRef } from "react";
import { useHere } from "@/components/session/session-provider";
import { Header } from "@/components/shell/header";
import { Button } from "@/components/ui/button";
import { Choices } from "@/components/ui/choices";
import { Empty, SkeletonRows, Trouble } from "@/components/ui/empty";
import Link from "@/components/ui/link";
import { More } from "@/components/ui/more";
import { stateOf, STATES, StateText } from "@/components/ui/state";
import { Cell, Head, Row, Table } from "@/components/ui/table";
import { StartOne } from "@/components/zips/start-one";
import { ZipSelect } from "@/components/zips/zip-select";
import type { EventCountsQuery, EventOutcome, EventsPageQuery } from "@/gql/graphql";
import { ago, exact, shortId } from "@/lib/format";
import { useNow } from "@/lib/now";
import { rowOf } from "@/lib/row-keys";
import { useShortcuts } from "@/lib/shortcuts";
import { useUrlState } from "@/lib/url-state";
import { EventPanel } from "./event-panel";
import { OUTCOME_WORDS } from "./outcomes";
import { useLedger } from "./use-ledger";

type EventItem = NonNullable<EventsPageQuery["events"]>["nodes"][number];

const FILTERS = ["outcome", "zip", "event"] as const;
const OUTCOMES = Object.keys(OUTCOME_WORDS) as EventOutcome[];

/** The ledger: one row for everything that arrived, and what was decided about it. */
export function EventsPage() {
  const { workspace } = useHere();
  const [query, setQuery] = useUrlState(FILTERS);
  const outcome = OUTCOMES.find((one) => one === query.outcome);
  const filter = useMemo(() => ({ outcomes: outcome ? [outcome] : null, zipId: query.zip || null }), [outcome, query.zip]);
  const list = useRef<HTMLDivElement>(null);
  const { pages, counts } = useLedger(workspace.id, filter, list);
  const { rows, error } = pages;
  const close = () => {
    rowOf(list.current, rows?.findIndex((event) => event.id === query.event) ?? -1)?.focus();
    setQuery({ event: "" });
  };
  const step = (by: number) => {
    const at = rows?.findIndex((event) => event.id === query.event) ?? -1;
    const next = Math.max(0, at + by);
    const event = rows?.[next];
    if (!event) return;
    rowOf(list.current, next)?.focus();
    setQuery({ event: event.id });
  };
  useShortcuts({ j: () => step(1), k: () => step(-1), escape: close });
  return (
    <>
      <Header title="Events" aside={<p className="ml-1 truncate text-ink-3 max-md:hidden">Everything that arrived, and what became of it</p>}>
        <ZipSelect value={query.zip} onChange={(zip) => setQuery({ zip, event: "" })} />
      </Header>
      <div className="flex h-12 shrink-0 items-center overflow-x-auto border-b border-line px-6 max-sm:px-4">
        <Choices label="Outcome" value={outcome ?? ""} onChange={(next) => setQuery({ outcome: next, event: "" })} options={choicesOf(counts, outcome)} />
      </div>
      <div className="flex min-h-0 flex-1">
        <div ref={list} className="min-h-0 min-w-0 flex-1 overflow-y-auto">
          {error && !rows ? (
            <Trouble title="The ledger could not be loaded" action={<Button onClick={pages.reload}>Try again</Button>}>
              Events go on being stored meanwhile.
            </Trouble>
          ) : !rows ? (
            <SkeletonRows />
          ) : rows.length === 0 ? (
            outcome || query.zip ? (
              <Empty title="No event matches" action={<Button onClick={() => setQuery({ outcome: "", zip: "" })}>Show all events</Button>}>
                {outcome ? `Nothing that arrived${query.zip ? " for this zip" : ""} had the outcome “${STATES[stateOf(outcome)].word}”.` : "Nothing has arrived for this zip."}
              </Empty>
            ) : (
              <Empty title="Nothing has arrived yet" action={<StartOne />}>
                Whatever is posted to the address of one of your zips is listed here, also what was refused, with the reason.
              </Empty>
            )
          ) : (
            <>
              <EventTable events={rows} selected={query.event} onSelect={(event) => setQuery({ event })} />
              <More of={pages}>Show older events</More>
            </>
          )}
        </div>
        {query.event ? <EventPanel id={query.event} onClose={close} /> : null}
      </div>
    </>
  );
}

type Choice = { value: EventOutcome | ""; label: string; count?: string };

/** All, then the outcomes there were; the chosen one stays though there is none of it. */
function choicesOf(counts: EventCountsQuery["eventCounts"] | undefined, chosen: EventOutcome | undefined): Choice[] {
  const found = new Map(counts?.counts.map((one) => [one.outcome, one.events]));
  const all = [...found.values()].reduce((sum, events) => sum + events, 0);
  const words = (events: number) => `${events.toLocaleString()}${counts?.isCapped && events >= 10_000 ? "+" : ""}`;
  return [
    { value: "", label: "All", count: counts ? words(all) : undefined },
    ...OUTCOMES.filter((one) => found.has(one) || one === chosen).map((one): Choice => ({ value: one, label: STATES[stateOf(one)].word, count: counts ? words(found.get(one) ?? 0) : undefined })),
  ];
}

function EventTable({ events, selected, onSelect }: { events: EventItem[]; selected: string; onSelect: (id: string) => void }) {
  const now = useNow();
  return (
    <Table
      label="Events"
      head={
        <>
          <Head className="xl:w-40">Outcome</Head>
          <Head className="max-sm:hidden xl:w-[25%]">Zip</Head>
          <Head className="max-lg:hidden">Why</Head>
          <Head className="w-28 max-md:hidden">Run</Head>
          <Head right className="w-32">Received</Head>
        </>
      }
    >
      {events.map((event) => (
        <Row key={event.id} className={event.id === selected ? "bg-accent-surface!" : undefined}>
          <Cell className="max-w-0 w-[22%] min-w-36 max-sm:w-full">
            <button type="button" data-row aria-expanded={event.id === selected} onClick={() => onSelect(event.id)} className="block max-w-full rounded-2 text-left">
              <StateText state={stateOf(event.outcome)} />
            </button>
            <span dir="auto" className="block truncate text-left text-12 text-ink-3 sm:hidden">{event.zip?.name ?? "A deleted zip"}</span>
          </Cell>
          <Cell className="max-w-0 w-[30%] min-w-32 max-sm:hidden"><span dir="auto" className="block truncate text-left">{event.zip?.name ?? "A deleted zip"}</span></Cell>
          <Cell className="max-w-0 w-[38%] max-lg:hidden"><span className="block truncate text-ink-3" title={event.reason || undefined}>{event.reason}</span></Cell>
          <Cell className="whitespace-nowrap max-md:hidden">
            {event.run ? <Link href={`/runs/${event.run.id}`} className="mono text-accent hover:underline">{shortId(event.run.id)}</Link> : null}
          </Cell>
          <Cell right className="whitespace-nowrap text-ink-3" title={exact(event.receivedAt)}>{ago(event.receivedAt, now)}</Cell>
        </Row>
      ))}
    </Table>
  );
}
