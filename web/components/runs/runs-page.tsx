"use client";

import { useCallback, useMemo } from "react";
import { useHere } from "@/components/session/session-provider";
import { Header } from "@/components/shell/header";
import { Button } from "@/components/ui/button";
import { Empty, SkeletonRows, Trouble } from "@/components/ui/empty";
import { Segmented } from "@/components/ui/segmented";
import { Head, Table } from "@/components/ui/table";
import { RunsPageDocument, type RunFilter, type RunListItemFragment, type RunStatus } from "@/gql/graphql";
import { usePages } from "@/lib/pages";
import { useRowKeys } from "@/lib/row-keys";
import { useUrlState } from "@/lib/url-state";
import { RunRow } from "./run-row";
import { useArrivals } from "./use-arrivals";

const FILTERS = ["status", "zip", "from", "to"] as const;

const STATUSES = {
  all: null,
  active: ["QUEUED", "RUNNING", "WAITING"],
  failed: ["FAILED", "DEAD"],
  succeeded: ["SUCCEEDED"],
  cancelled: ["CANCELLED"],
} as const satisfies Record<string, readonly RunStatus[] | null>;
type Choice = keyof typeof STATUSES;

/** Every run of the workspace, filling by itself while one looks. */
export function RunsPage() {
  const { workspace } = useHere();
  const [query, setQuery] = useUrlState(FILTERS);
  const choice: Choice = query.status in STATUSES ? (query.status as Choice) : "all";
  const filter = useMemo<RunFilter>(
    () => ({
      statuses: STATUSES[choice] ? [...STATUSES[choice]] : null,
      zipId: query.zip || null,
      createdFrom: query.from || null,
      createdBefore: query.to || null,
    }),
    [choice, query.zip, query.from, query.to],
  );
  const variables = useCallback((after: string | null) => ({ workspaceId: workspace.id, filter, after }), [workspace.id, filter]);
  const pages = usePages(RunsPageDocument, variables, (data) => data.runs);
  const matches = useCallback(
    (run: RunListItemFragment) =>
      (!filter.statuses || filter.statuses.includes(run.status)) &&
      (!filter.zipId || run.zip?.id === filter.zipId) &&
      (!filter.createdFrom || run.createdAt >= filter.createdFrom) &&
      (!filter.createdBefore || run.createdAt < filter.createdBefore),
    [filter],
  );
  const { scroller, gathered, show } = useArrivals(workspace.id, pages, matches);
  useRowKeys(scroller);
  const filtered = choice !== "all" || Boolean(query.from);
  const zipName = pages.rows?.find((run) => run.zip?.id === query.zip)?.zip?.name;

  return (
    <>
      <Header title="Runs" aside={query.zip ? <FilterChip name="Zip" value={zipName ?? "one zip"} onRemove={() => setQuery({ zip: "" })} /> : null} />
      <div className="flex h-12 shrink-0 items-center gap-3 overflow-x-auto border-b border-line px-6 max-sm:px-4">
        <Segmented
          label="Status"
          value={choice}
          onChange={(value) => setQuery({ status: value === "all" ? "" : value })}
          options={[
            { value: "all", label: "All" },
            { value: "active", label: "Under way" },
            { value: "failed", label: "Failed" },
            { value: "succeeded", label: "Succeeded" },
            { value: "cancelled", label: "Cancelled" },
          ]}
        />
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
          filtered ? (
            <Empty title="No run matches" action={<Button onClick={() => setQuery({ status: "", zip: "", from: "", to: "" })}>Show all runs</Button>} />
          ) : (
            <Empty title="Nothing has run yet" action={query.zip ? <Button onClick={() => setQuery({ zip: "" })}>Show all runs</Button> : null}>Publish a zip and post to its address, or run it by hand. Its runs appear here by themselves.</Empty>
          )
        ) : (
          <>
            <Table
              label="Runs"
              head={
                <>
                  <Head>State</Head>
                  <Head className="max-sm:hidden">Zip</Head>
                  <Head className="max-lg:hidden">Started by</Head>
                  <Head>Started</Head>
                  <Head right>Took</Head>
                  <Head right className="max-md:hidden">Version</Head>
                </>
              }
            >
              {pages.rows.map((run) => (
                <RunRow key={run.id} run={run} />
              ))}
            </Table>
            {pages.hasMore ? <div className="p-4 text-center"><Button busy={pages.loading} onClick={pages.more}>Show older runs</Button></div> : null}
          </>
        )}
      </div>
    </>
  );
}

function FilterChip({ name, value, onRemove }: { name: string; value: string; onRemove: () => void }) {
  return (
    <button type="button" onClick={onRemove} aria-label={`Remove the filter ${name}: ${value}`} className="inline-flex h-6 max-w-64 items-center gap-1.5 rounded-full border border-line-strong px-2.5 text-12 hover:bg-hover">
      <span className="text-ink-3">{name}</span>
      <span dir="auto" className="truncate">{value}</span>
      <span aria-hidden>×</span>
    </button>
  );
}
