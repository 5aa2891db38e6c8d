"use client";

import { useCallback, useEffect, useRef, useState } from "react";
import { useClient } from "urql";
import { RunCountsDocument, type RunFilter } from "@/gql/graphql";
import { Pace } from "@/lib/pace";
import { SPANS, type Counts, type Span } from "./chart-span";

const REST = 1_000; // milliseconds between two countings
const MOVES_ON = 30_000; // milliseconds after which the chart's time has moved, whatever runs do

/**
 * How many runs began when. They are counted anew when `changed` is called and as time goes by, never while the page
 * is out of sight. What was counted for another filter stays until the new numbers are there.
 */
export function useRunCounts(workspaceId: string, filter: RunFilter, span: Span) {
  const client = useClient();
  const [counts, setCounts] = useState<{ counts: Counts; span: Span } | null>(null);
  const pace = useRef<Pace | null>(null);

  useEffect(() => {
    const { hours, parts } = SPANS[span];
    let gone = false;
    const mine = new Pace(async () => {
      const variables = { workspaceId, filter, hours, parts };
      const { data } = await client.query(RunCountsDocument, variables, { requestPolicy: "network-only" }).toPromise();
      if (!gone && data?.runCounts) setCounts({ counts: data.runCounts, span });
    }, REST);
    pace.current = mine;
    mine.ask();
    const look = () => {
      if (!document.hidden) mine.ask();
    };
    const timer = setInterval(look, MOVES_ON);
    document.addEventListener("visibilitychange", look);
    return () => {
      gone = true;
      mine.stop();
      clearInterval(timer);
      document.removeEventListener("visibilitychange", look);
    };
  }, [client, workspaceId, filter, span]);

  const changed = useCallback(() => {
    if (!document.hidden) pace.current?.ask();
  }, []);
  return { counts, changed };
}
