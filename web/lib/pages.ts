"use client";

import type { AnyVariables, CombinedError, TypedDocumentNode } from "@urql/core";
import { useCallback, useEffect, useRef, useState } from "react";
import { useClient } from "urql";

type Page<Node> = { nodes: Node[]; pageInfo: { endCursor: string | null; hasNextPage: boolean } };
type Loaded<Node> = { rows: Node[]; after: string | null; hasMore: boolean; /** By what they were asked for. */ of: unknown };

/**
 * A keyset list, page by page. Rows stay while more are loaded; another `variables` starts anew, keeping the old rows
 * on the screen until the new ones are there, or could not be had: rows of another filter then answer nothing.
 */
export function usePages<Data, Variables extends AnyVariables, Node>(
  query: TypedDocumentNode<Data, Variables>,
  variables: (after: string | null) => Variables,
  pick: (data: Data) => Page<Node> | null,
) {
  const client = useClient();
  const [loaded, setLoaded] = useState<Loaded<Node> | null>(null);
  const [error, setError] = useState<CombinedError | null>(null);
  const [loading, setLoading] = useState(true);
  const latest = useRef(0);
  const picked = useRef(pick);
  useEffect(() => {
    picked.current = pick;
  });

  const load = useCallback(
    async (after: string | null) => {
      latest.current += 1;
      const mine = latest.current;
      setLoading(true);
      const answer = await client.query(query, variables(after), { requestPolicy: "network-only" }).toPromise();
      if (mine !== latest.current) return;
      setLoading(false);
      setError(answer.error ?? null);
      const page = answer.data && picked.current(answer.data);
      if (!page) return;
      setLoaded((before) => ({
        rows: after && before ? [...before.rows, ...page.nodes] : page.nodes,
        after: page.pageInfo.endCursor,
        hasMore: page.pageInfo.hasNextPage,
        of: variables,
      }));
    },
    [client, query, variables],
  );
  useEffect(() => {
    // eslint-disable-next-line react-hooks/set-state-in-effect -- loading is what this effect is for
    void load(null);
  }, [load]);

  const setRows = useCallback((change: (rows: Node[]) => Node[]) => setLoaded((before) => before && { ...before, rows: change(before.rows) }), []);
  const shown = loaded && (loaded.of === variables || !error) ? loaded : null;
  return {
    rows: shown?.rows ?? null,
    hasMore: shown?.hasMore ?? false,
    loading,
    error,
    more: () => load(loaded?.after ?? null),
    reload: () => load(null),
    setRows,
  };
}
