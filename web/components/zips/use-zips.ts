"use client";

import { useEffect, useState } from "react";
import { useClient, useQuery } from "urql";
import { ZipsPageDocument, type ZipFilter, type ZipsPageQuery } from "@/gql/graphql";

export type ZipListItem = NonNullable<ZipsPageQuery["zips"]>["nodes"][number];

/**
 * The zips of a workspace, as many pages of them as were asked for. The first page follows every change that is made
 * here; the later ones are read again with it.
 */
export function useZips(workspaceId: string, filter: ZipFilter) {
  const client = useClient();
  const [{ data, error, fetching }, load] = useQuery({ query: ZipsPageDocument, variables: { workspaceId, filter, after: null } });
  const [wanted, setWanted] = useState({ filter, pages: 0 });
  const [rest, setRest] = useState<{ of: ZipsPageQuery; zips: ZipListItem[]; hasMore: boolean } | null>(null);
  const pages = wanted.filter === filter ? wanted.pages : 0;

  useEffect(() => {
    if (!data?.zips || pages === 0) return;
    let gone = false;
    const read = async () => {
      const zips: ZipListItem[] = [];
      let info = data.zips?.pageInfo;
      for (let page = 0; page < pages && info?.hasNextPage; page++) {
        const variables = { workspaceId, filter, after: info.endCursor };
        const answer = await client.query(ZipsPageDocument, variables, { requestPolicy: "network-only" }).toPromise();
        if (gone || !answer.data?.zips) return;
        zips.push(...answer.data.zips.nodes);
        info = answer.data.zips.pageInfo;
      }
      setRest({ of: data, zips, hasMore: info?.hasNextPage ?? false });
    };
    void read();
    return () => {
      gone = true;
    };
  }, [client, data, filter, pages, workspaceId]);

  const first = data?.zips?.nodes;
  const loaded = pages > 0 ? rest : null;
  return {
    zips: first && [...first, ...(loaded?.zips ?? [])],
    hasMore: loaded ? loaded.hasMore : (data?.zips?.pageInfo.hasNextPage ?? false),
    loadingMore: pages > 0 && loaded?.of !== data,
    error,
    fetching,
    reload: () => load({ requestPolicy: "network-only" }),
    more: () => setWanted({ filter, pages: pages + 1 }),
  };
}
