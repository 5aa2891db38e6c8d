"use client";

import { useCallback, useEffect, useRef, useState, type RefObject } from "react";
import { useClient } from "urql";
import { useRunUpdates } from "@/components/runs/use-run-updates";
import { EventCountsDocument, EventsPageDocument, RunListUpdatesDocument, type EventCountsQuery, type EventFilter } from "@/gql/graphql";
import { Pace } from "@/lib/pace";
import { usePages } from "@/lib/pages";

const REST = 1_000; // milliseconds between two looks
const LOOK = 5_000; // milliseconds until what started no run is looked for
const AT_TOP = 40; // pixels scrolled that still count as looking at the newest
const FIRST_PAGE = 50; // rows

type Counts = NonNullable<EventCountsQuery["eventCounts"]>;

/**
 * The events of a workspace, newest first, and how many had which outcome. What comes in appears by itself while one
 * looks at the newest: at once where it starts a run, within seconds where it was refused.
 */
export function useLedger(workspaceId: string, filter: EventFilter, scroller: RefObject<HTMLElement | null>) {
  const client = useClient();
  const variables = useCallback((after: string | null) => ({ workspaceId, filter, after }), [workspaceId, filter]);
  const pages = usePages(EventsPageDocument, variables, (data) => data.events);
  const [counts, setCounts] = useState<Counts | null>(null);
  const { zipId } = filter;
  const counted = useRef(zipId);

  const look = async () => {
    const reading = (pages.rows?.length ?? 0) > FIRST_PAGE || (scroller.current?.scrollTop ?? 0) > AT_TOP;
    const { data } = await client.query(EventCountsDocument, { workspaceId, filter: { zipId } }, { requestPolicy: "network-only" }).toPromise();
    if (data?.eventCounts && zipId === counted.current) setCounts(data.eventCounts);
    if (!reading && pages.rows) await pages.reload();
  };
  const latest = useRef(look);
  useEffect(() => {
    latest.current = look;
  });
  const pace = useRef<Pace | null>(null);
  useEffect(() => {
    counted.current = zipId;
    const mine = new Pace(() => latest.current(), REST);
    pace.current = mine;
    mine.ask();
    const asked = () => {
      if (!document.hidden) mine.ask();
    };
    const timer = setInterval(asked, LOOK);
    document.addEventListener("visibilitychange", asked);
    return () => {
      mine.stop();
      clearInterval(timer);
      document.removeEventListener("visibilitychange", asked);
    };
  }, [workspaceId, zipId]);
  const arrived = () => {
    if (!document.hidden) pace.current?.ask();
  };
  useRunUpdates(RunListUpdatesDocument, { workspaceId }, arrived, arrived);
  return { pages, counts };
}
