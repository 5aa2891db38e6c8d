"use client";

import type { AnyVariables, TypedDocumentNode } from "@urql/core";
import { useEffect, useRef } from "react";
import { useClient } from "urql";

type Cursor = { after: string | null };
type Heard<Run> = { __typename: "RunUpdate"; cursor: string; run: Run } | { __typename: "Resync"; cursor: string };

/**
 * Hears of every change of the watched runs, resuming where it stopped when the connection breaks.
 *
 * States in between may be folded; the last one always arrives. `onResync` is called when the server can't resume
 * (its database is another one, or the pause was too long): read anew what is shown. Watches nothing while `watched`
 * is null.
 */
export function useRunUpdates<Run, Watched extends AnyVariables>(
  document: TypedDocumentNode<{ runUpdates: Heard<Run> | null }, Watched & { after?: string | null }>,
  watched: Watched | null,
  onRun: (run: Run) => void,
  onResync: () => void,
): void {
  const client = useClient();
  const handlers = useRef({ onRun, onResync });
  useEffect(() => {
    handlers.current = { onRun, onResync };
  });
  const key = JSON.stringify(watched);
  useEffect(() => {
    const target = JSON.parse(key) as Watched | null;
    if (!target) return;
    // The socket sends this very object again after a reconnection: keep it our own, and move its cursor on.
    const variables: Watched & Cursor = { ...target, after: null };
    const subscription = client.subscription(document, variables).subscribe(({ data }) => {
      const event = data?.runUpdates;
      if (!event) return;
      variables.after = event.cursor;
      if (event.__typename === "RunUpdate") handlers.current.onRun(event.run);
      else handlers.current.onResync();
    });
    return () => subscription.unsubscribe();
  }, [client, document, key]);
}
