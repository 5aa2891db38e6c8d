"use client";

import { useCallback, useMemo } from "react";
import { useHere } from "@/components/session/session-provider";
import { Header } from "@/components/shell/header";
import { LiveMark } from "@/components/shell/live-mark";
import { Button } from "@/components/ui/button";
import { Empty, SkeletonRows, Trouble } from "@/components/ui/empty";
import { FilterChip } from "@/components/ui/filter-chip";
import { More } from "@/components/ui/more";
import { Segmented } from "@/components/ui/segmented";
import { Head, Table } from "@/components/ui/table";
import { StartOne } from "@/components/zips/start-one";
import { ZipSelect } from "@/components/zips/zip-select";
import { RunsPageDocument, type RunFilter, type RunListItemFragment, type RunStatus } from "@/gql/graphql";
import { useNow } from "@/lib/now";
import { usePages } from "@/lib/pages";
import { useRowKeys } from "@/lib/row-keys";
import { useUrlState } from "@/lib/url-state";
import { SPANS, spanOf, timeWords, type Span } from "./chart-span";
import { RunRow } from "./run-row";
import { RunsChart } from "./runs-chart";
import { useArrivals } from "./use-arrivals";
import { useRunCounts } from "./use-run-counts";

const FILTERS = ["status", "zip", "from", "to", "span"] as const;
const NOTHING = { status: "", zip: "", from: "", to: "" };

const STATUSES = {
  all: null,
  active: ["QUEUED", "RUNNING", "WAITING"],
  failed: ["FAILED", "DEAD"],
  succeeded: ["SUCCEEDED"],
  cancelled: ["CANCELLED"],
} as const satisfies Record<string, readonly RunStatus[] | null>;
type Choice = keyof typeof STATUSES;

const CHOICES: { value: Choice; label: string }[] = [
  { value: "all", label: "All" },
  { value: "active", label: "Under way" },
  { value: "failed", label: "Failed" },
  { value: "succeeded", label: "Succeeded" },
  { value: "cancelled", label: "Cancelled" },
];
const SPAN_CHOICES = (Object.keys(SPANS) as Span[]).map((span) => ({ value: span, label: SPANS[span].words }));

/** Every run of the workspace, filling by itself while one looks, under a chart of when they began. */
export function RunsPage() {
  const { workspace } = useHere();
  const now = useNow();
  const [query, setQuery] = useUrlState(FILTERS);
  const choice: Choice = query.status in STATUSES ? (query.status as Choice) : "all";
  const [from, to] = [moment(query.from), moment(query.to)];
  const span = spanOf(query.span, from, now);
  const ofAnyTime = useMemo<RunFilter>(
    () => ({ statuses: STATUSES[choice] ? [...STATUSES[choice]] : null, zipId: query.zip || null }),
    [choice, query.zip],
  );
  const filter = useMemo<RunFilter>(() => ({ ...ofAnyTime, createdFrom: from || null, createdBefore: to || null }), [ofAnyTime, from, to]);
  const variables = useCallback((after: string | null) => ({ workspaceId: workspace.id, filter, after }), [workspace.id, filter]);
  const pages = usePages(RunsPageDocument, variables, (data) => data.runs);
  const { counts, changed } = useRunCounts(workspace.id, ofAnyTime, span);
  const matches = useCallback((run: RunListItemFragment) => holds(filter, run), [filter]);
  const { scroller, gathered, show } = useArrivals(workspace.id, pages, matches, changed);
  useRowKeys(scroller);
  const time = from || to ? timeWords(from, to, now) : "";
  const setSpan = (next: Span) => setQuery({ span: next === "24h" ? "" : next, from: "", to: "" });

  return (
    <>
      <Header title="Runs" aside={<LiveMark />}>
        <Segmented label="How far the chart looks back" value={span} onChange={setSpan} options={SPAN_CHOICES} />
      </Header>
      <RunsChart counts={counts?.counts ?? null} span={counts?.span ?? span} from={from} to={to} onTime={(next) => setQuery({ ...next, span: span === "24h" ? "" : span })} />
      <div className="flex h-12 shrink-0 items-center gap-3 overflow-x-auto border-b border-line px-6 max-sm:px-4">
        <Segmented label="Status" value={choice} onChange={(value) => setQuery({ status: value === "all" ? "" : value })} options={CHOICES} />
        <ZipSelect value={query.zip} onChange={(zip) => setQuery({ zip })} />
        {time ? <FilterChip name="Time" value={time} onRemove={() => setQuery({ from: "", to: "" })} /> : null}
      </div>
      <div className="relative min-h-0 flex-1 overflow-y-auto" ref={scroller}>
        {gathered > 0 ? (
          <div className="pointer-events-none sticky top-10 z-20 flex justify-center">
            <Button className="pointer-events-auto rounded-full! shadow-2" onClick={show}>{gathered} new</Button>
          </div>
        ) : null}
        {pages.error && !pages.rows ? (
          <Trouble title="The runs could not be loaded" action={<Button onClick={pages.reload}>Try again</Button>}>They go on meanwhile.</Trouble>
        ) : !pages.rows ? (
          <SkeletonRows />
        ) : pages.rows.length === 0 ? (
          <NoRuns choice={choice} ofZip={Boolean(query.zip)} time={time} onShowAll={() => setQuery(NOTHING)} />
        ) : (
          <>
            <RunTable runs={pages.rows} />
            <More of={pages}>Show older runs</More>
          </>
        )}
      </div>
    </>
  );
}

function RunTable({ runs }: { runs: RunListItemFragment[] }) {
  return (
    <Table
      label="Runs"
      head={
        <>
          <Head>State</Head>
          <Head className="max-sm:hidden xl:w-[28%]">Zip</Head>
          <Head className="w-36 max-lg:hidden">Started by</Head>
          <Head className="w-32 max-sm:text-right">Started</Head>
          <Head right className="w-28 max-sm:hidden">Took</Head>
          <Head right className="w-24 max-md:hidden">Version</Head>
        </>
      }
    >
      {runs.map((run) => (
        <RunRow key={run.id} run={run} />
      ))}
    </Table>
  );
}

type NoRunsProps = { choice: Choice; ofZip: boolean; time: string; onShowAll: () => void };

/** Says what leaves nothing over, or how the first run comes about. */
function NoRuns({ choice, ofZip, time, onShowAll }: NoRunsProps) {
  const state = choice === "all" ? "" : choice === "active" ? "is under way" : `is ${choice}`;
  const by = [state, ofZip ? "is of this zip" : "", time ? `began from ${time}` : ""].filter(Boolean);
  if (choice === "all" && !time) {
    return (
      <Empty title="Nothing has run yet" action={ofZip ? <Button onClick={onShowAll}>Show all runs</Button> : <StartOne />}>
        The runs of your zips appear here by themselves.
      </Empty>
    );
  }
  return <Empty title="No run matches" action={<Button onClick={onShowAll}>Show all runs</Button>}>{`There is none that ${by.join(" and ")}.`}</Empty>;
}

/** The list's filter, for a run that was heard of: the same that the server holds. */
function holds(filter: RunFilter, run: RunListItemFragment): boolean {
  return (
    (!filter.statuses || filter.statuses.includes(run.status)) &&
    (!filter.zipId || run.zip?.id === filter.zipId) &&
    (!filter.createdFrom || Date.parse(run.createdAt) >= Date.parse(filter.createdFrom)) &&
    (!filter.createdBefore || Date.parse(run.createdAt) < Date.parse(filter.createdBefore))
  );
}

/** What an address names as a time; nothing where it names none, so that a mangled link shows all instead of failing. */
function moment(text: string): string {
  const time = Date.parse(text);
  return Number.isNaN(time) ? "" : new Date(time).toISOString();
}
