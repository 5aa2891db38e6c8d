"use client";

import { useCallback, useEffect, useRef, useState } from "react";
import { RunListUpdatesDocument, type RunListItemFragment } from "@/gql/graphql";
import { useRunUpdates } from "./use-run-updates";

type Runs = RunListItemFragment[];
type List = {
  rows: Runs | null;
  /** It is being asked for, anew or for more. */
  loading: boolean;
  setRows: (change: (rows: Runs) => Runs) => void;
  reload: () => void;
};

const AT_TOP = 40; // pixels scrolled that still count as looking at the newest
const FOLD = 100; // milliseconds in which what is heard is drawn together
const MOST = 300; // rows: a list that has grown longer by itself begins anew with its newest page

/**
 * Keeps a list of runs as it is now. A run in the list changes in its place; a new one appears at the top, or, while
 * the list is scrolled, gathers until it is asked for, so that nothing moves under the reader's eye. `onChange` is
 * called after each change, also of runs that the list does not show.
 */
export function useArrivals(workspaceId: string, list: List, matches: (run: RunListItemFragment) => boolean, onChange: () => void) {
  const scroller = useRef<HTMLDivElement>(null);
  const [gathered, setGathered] = useState<Runs>([]);
  const { rows, loading, setRows, reload } = list;
  const heard = useRef(new Map<string, RunListItemFragment>());
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);

  useEffect(() => {
    // eslint-disable-next-line react-hooks/set-state-in-effect -- another filter is another list
    setGathered([]);
  }, [matches]);

  const take = () => {
    clearTimeout(timer.current);
    timer.current = undefined;
    // What the list is just being asked for may be older than what was heard: that comes on top of it.
    if (loading || heard.current.size === 0) return;
    const runs = [...heard.current.values()];
    heard.current.clear();
    const shown = new Map((rows ?? []).map((row) => [row.id, row]));
    const known = runs.filter((run) => shown.has(run.id));
    const fresh = runs.filter((run) => !shown.has(run.id) && matches(run) && isNewer(run, rows));
    if (known.length) setRows((all) => replaced(known, all));
    if (fresh.length) {
      if ((scroller.current?.scrollTop ?? 0) > AT_TOP) setGathered((all) => merged(fresh, all).slice(0, MOST));
      else if (shown.size + fresh.length > MOST) reload();
      else setRows((all) => merged(fresh, all));
    }
    onChange();
  };
  const latest = useRef(take);
  useEffect(() => {
    latest.current = take;
  });
  useEffect(() => {
    if (!loading) latest.current();
  }, [loading]);
  useEffect(() => () => clearTimeout(timer.current), []);

  useRunUpdates(
    RunListUpdatesDocument,
    { workspaceId },
    (run) => {
      const before = heard.current.get(run.id);
      if (!before || run.seq >= before.seq) heard.current.set(run.id, run);
      timer.current ??= setTimeout(() => latest.current(), FOLD);
    },
    () => {
      reload();
      onChange();
    },
  );
  const show = useCallback(() => {
    if (gathered.length >= MOST) reload();
    else setRows((all) => merged(gathered, all));
    setGathered([]);
    scroller.current?.scrollTo({ top: 0 });
  }, [gathered, reload, setRows]);
  return { scroller, gathered: gathered.length, show };
}

/** Ids are in the order of their making: what is older than the page below belongs to a later page. */
function isNewer(run: RunListItemFragment, rows: Runs | null): boolean {
  const last = rows?.at(-1);
  return !last || run.id > last.id;
}

function replaced(runs: Runs, all: Runs): Runs {
  const byId = new Map(runs.map((run) => [run.id, run]));
  return all.map((row) => {
    const run = byId.get(row.id);
    return run && run.seq >= row.seq ? run : row;
  });
}

function merged(runs: Runs, into: Runs): Runs {
  const byId = new Map(into.map((run) => [run.id, run]));
  for (const run of runs) byId.set(run.id, run);
  return [...byId.values()].sort((a, b) => (a.id < b.id ? 1 : -1));
}
