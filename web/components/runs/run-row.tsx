"use client";

import Link from "@/components/ui/link";
import { stateOf, StateText } from "@/components/ui/state";
import { Cell, Row } from "@/components/ui/table";
import type { RunListItemFragment } from "@/gql/graphql";
import { ago, duration, exact, momentWords } from "@/lib/format";
import { useNow } from "@/lib/now";

/** One run; a failed one says why in the row. */
export function RunRow({ run }: { run: RunListItemFragment }) {
  const now = useNow();
  return (
    <Row>
      <Cell className="max-w-0 w-[32%] min-w-36 max-sm:w-full">
        <Link href={`/runs/${run.id}`} data-row className="block truncate rounded-2">
          <StateText state={stateOf(run.status)} detail={reason(run, now)} />
        </Link>
        <span dir="auto" className="block truncate text-left text-12 text-ink-3 sm:hidden">{run.zip?.name ?? "A deleted zip"}</span>
      </Cell>
      <Cell className="max-w-0 w-[30%] min-w-24 max-sm:hidden">
        <span dir="auto" className="block truncate text-left">{run.zip?.name ?? "A deleted zip"}</span>
      </Cell>
      <Cell className="max-lg:hidden">{run.event?.method === "MANUAL" ? "By hand" : `Webhook ${run.event?.method ?? ""}`}</Cell>
      <Cell className="whitespace-nowrap text-ink-3 max-sm:text-right" title={exact(run.createdAt)}>
        {ago(run.createdAt, now)}
        <span className="block text-12 tabular-nums sm:hidden">{took(run)}</span>
      </Cell>
      <Cell right className="whitespace-nowrap max-sm:hidden">{took(run)}</Cell>
      <Cell right className="max-md:hidden">{run.version ? `v${run.version.number}` : ""}</Cell>
    </Row>
  );
}

function took(run: RunListItemFragment): string {
  if (!run.startedAt || !run.finishedAt) return "";
  return duration(new Date(run.finishedAt).getTime() - new Date(run.startedAt).getTime());
}

function reason(run: RunListItemFragment, now: Date): string | undefined {
  if (run.error && (run.status === "FAILED" || run.status === "DEAD")) return run.error.message;
  if (run.status === "WAITING" && run.wakeAt) {
    return `${run.waitsFor === "RETRY" ? "tries again at" : "until"} ${momentWords(run.wakeAt, now)}`;
  }
  if (run.endedBy === "FILTER") return "filter did not match";
  return undefined;
}
