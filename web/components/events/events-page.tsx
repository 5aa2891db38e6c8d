"use client";

import { useCallback, useMemo, useRef } from "react";
import { useHere } from "@/components/session/session-provider";
import { Header } from "@/components/shell/header";
import { Button } from "@/components/ui/button";
import { Empty, SkeletonRows, Trouble } from "@/components/ui/empty";
import { Select } from "@/components/ui/field";
import { stateOf, STATES, StateText } from "@/components/ui/state";
import { Cell, Head, Row, Table } from "@/components/ui/table";
import { EventsPageDocument, type EventOutcome, type EventsPageQuery } from "@/gql/graphql";
import { ago, bytes, exact } from "@/lib/format";
import { useNow } from "@/lib/now";
import { usePages } from "@/lib/pages";
import { rowOf } from "@/lib/row-keys";
import { useShortcuts } from "@/lib/shortcuts";
import { useUrlState } from "@/lib/url-state";
import { EventPanel } from "./event-panel";
import { OUTCOME_WORDS } from "./outcomes";

type EventItem = NonNullable<EventsPageQuery["events"]>["nodes"][number];

const FILTERS = ["outcome", "zip", "event"] as const;
const OUTCOMES = Object.keys(OUTCOME_WORDS) as EventOutcome[];

/** The ledger: one row for everything that arrived, and what was decided about it. */
export function EventsPage() {
  const { workspace } = useHere();
  const [query, setQuery] = useUrlState(FILTERS);
  const outcome = OUTCOMES.find((one) => one === query.outcome);
  const filter = useMemo(() => ({ outcomes: outcome ? [outcome] : null, zipId: query.zip || null }), [outcome, query.zip]);
  const variables = useCallback((after: string | null) => ({ workspaceId: workspace.id, filter, after }), [workspace.id, filter]);
  const pages = usePages(EventsPageDocument, variables, (data) => data.events);
  const { rows, error } = pages;
  const list = useRef<HTMLDivElement>(null);
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
      <Header title="Events">
        <label className="flex items-center gap-2 text-ink-3">
          <span className="max-sm:sr-only">Outcome</span>
          <Select value={outcome ?? ""} onChange={(event) => setQuery({ outcome: event.target.value, event: "" })} className="w-auto!">
            <option value="">All</option>
            {OUTCOMES.map((one) => (
              <option key={one} value={one}>{STATES[stateOf(one)].word}</option>
            ))}
          </Select>
        </label>
        <Button onClick={pages.reload} busy={pages.loading}>Refresh</Button>
      </Header>
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
              <Empty title="No event matches" action={<Button onClick={() => setQuery({ outcome: "", zip: "" })}>Show all events</Button>} />
            ) : (
              <Empty title="Nothing has arrived yet">
                Whatever is posted to the address of one of your zips is listed here, also what was refused, with the reason.
              </Empty>
            )
          ) : (
            <>
              <EventTable events={rows} selected={query.event} onSelect={(event) => setQuery({ event })} />
              {pages.hasMore ? (
                <div className="p-4 text-center"><Button busy={pages.loading} onClick={pages.more}>Show older events</Button></div>
              ) : null}
            </>
          )}
        </div>
        {query.event ? <EventPanel id={query.event} onClose={close} /> : null}
      </div>
    </>
  );
}

function EventTable({ events, selected, onSelect }: { events: EventItem[]; selected: string; onSelect: (id: string) => void }) {
  const now = useNow();
  return (
    <Table
      label="Events"
      head={
        <>
          <Head>Outcome</Head>
          <Head>Zip</Head>
          <Head className="max-md:hidden">Reason</Head>
          <Head className="max-xl:hidden">From</Head>
          <Head right className="max-md:hidden">Size</Head>
          <Head>Received</Head>
        </>
      }
    >
      {events.map((event) => (
        <Row key={event.id} className={event.id === selected ? "bg-accent-surface" : undefined}>
          <Cell>
            <button type="button" data-row aria-expanded={event.id === selected} onClick={() => onSelect(event.id)} className="rounded-2">
              <StateText state={stateOf(event.outcome)} />
            </button>
          </Cell>
          <Cell className="max-w-0 w-[26%] min-w-32"><span dir="auto" className="block truncate text-left">{event.zip?.name ?? "A deleted zip"}</span></Cell>
          <Cell className="max-w-0 w-[38%] max-md:hidden"><span className="block truncate text-ink-3">{event.reason || OUTCOME_WORDS[event.outcome]}</span></Cell>
          <Cell className="mono whitespace-nowrap max-xl:hidden">{event.method} {event.sourceIp}</Cell>
          <Cell right className="whitespace-nowrap max-md:hidden">{bytes(event.bodySize)}</Cell>
          <Cell className="whitespace-nowrap text-ink-3" title={exact(event.receivedAt)}>{ago(event.receivedAt, now)}</Cell>
        </Row>
      ))}
    </Table>
  );
}
