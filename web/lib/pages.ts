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
  const [failed, setFailed] = useState<{ error: CombinedError; after: string | null } | null>(null);
  const [loading, setLoading] = useState(true);
  const asked = useRef(0);
  const answered = useRef(0);
  const under = useRef<{ of: unknown; after: string | null; answer: Promise<unknown> } | null>(null);
  const latest = useRef({ pick, variables });
  useEffect(() => {
    latest.current = { pick, variables };
  });

  const load = useCallback(
    async (after: string | null) => {
      const mine = (asked.current += 1);
      const isOld = () => mine < answered.current || latest.current.variables !== variables;
      setLoading(true);
      // The client answers the same question with the answer that is on its way, which may be older than what was asked for.
      if (under.current?.of === variables && under.current.after === after) await under.current.answer;
      if (isOld()) return;
      const answer = client.query(query, variables(after), { requestPolicy: "network-only" }).toPromise();
      under.current = { of: variables, after, answer };
      const { data, error } = await answer;
      if (under.current.answer === answer) under.current = null;
      if (isOld()) return;
      answered.current = mine;
      if (mine === asked.current) setLoading(false);
      setFailed(error ? { error, after } : null);
      const page = data && latest.current.pick(data);
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
  const shown = loaded && (loaded.of === variables || !failed) ? loaded : null;
  return {
    rows: shown?.rows ?? null,
    hasMore: shown?.hasMore ?? false,
    loading,
    error: failed?.error ?? null,
    /** The next page could not be had. */
    isStuck: Boolean(failed?.after),
    more: () => load(loaded?.after ?? null),
    reload: () => load(null),
    setRows,
  };
}
