"use client";

import { useCallback, useEffect, useRef, useState } from "react";
import { RunListUpdatesDocument, type RunListItemFragment } from "@/gql/graphql";
import { useRunUpdates } from "./use-run-updates";

type Runs = RunListItemFragment[];
type List = {
  rows: Runs | null;
  setRows: (change: (rows: Runs) => Runs) => void;
  reload: () => void;
};

const AT_TOP = 40; // pixels scrolled that still count as looking at the newest

/**
 * Keeps a list of runs as it is now. A run in the list changes in its place; a new one appears at the top, or, while
 * the list is scrolled, gathers until it is asked for, so that nothing moves under the reader's eye.
 */
export function useArrivals(workspaceId: string, list: List, matches: (run: RunListItemFragment) => boolean) {
  const scroller = useRef<HTMLDivElement>(null);
  const [gathered, setGathered] = useState<Runs>([]);
  const { rows, setRows } = list;

  useEffect(() => {
    // eslint-disable-next-line react-hooks/set-state-in-effect -- another filter is another list
    setGathered([]);
  }, [matches]);

  useRunUpdates(
    RunListUpdatesDocument,
    { workspaceId },
    (run) => {
      if (rows?.some((row) => row.id === run.id)) {
        setRows((all) => all.map((row) => (row.id === run.id && run.seq >= row.seq ? run : row)));
      } else if (matches(run) && isNewer(run, rows)) {
        if ((scroller.current?.scrollTop ?? 0) > AT_TOP) setGathered((all) => merged([run], all));
        else setRows((all) => merged([run], all));
      }
    },
    list.reload,
  );
  const show = useCallback(() => {
    setRows((all) => merged(gathered, all));
    setGathered([]);
    scroller.current?.scrollTo({ top: 0 });
  }, [gathered, setRows]);
  return { scroller, gathered: gathered.length, show };
}

/** Ids are in the order of their making: what is older than the page below belongs to a later page. */
function isNewer(run: RunListItemFragment, rows: Runs | null): boolean {
  const last = rows?.at(-1);
  return !last || run.id > last.id;
}

function merged(runs: Runs, into: Runs): Runs {
  const byId = new Map(into.map((run) => [run.id, run]));
  for (const run of runs) byId.set(run.id, run);
  return [...byId.values()].sort((a, b) => (a.id < b.id ? 1 : -1));
}
