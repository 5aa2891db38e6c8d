"use client";

import { useEffect, useState } from "react";
import { useClient, useQuery } from "urql";
import { ZipsPageDocument, type ZipFilter, type ZipsPageQuery } from "@/gql/graphql";

export type ZipListItem = NonNullable<ZipsPageQuery["zips"]>["nodes"][number];

/** How many pages after the first are wanted, and of what. */
type Wanted = { filter: ZipFilter; pages: number };

/** The pages after `first`, as far as they were had. */
type Rest = { wanted: Wanted; first: ZipsPageQuery; zips: ZipListItem[]; pages: number; hasMore: boolean; isStuck: boolean };

/**
 * The zips of a workspace, as many pages of them as were asked for. The first page follows every change that is made
 * here; the later ones are read again with it.
 */
export function useZips(workspaceId: string, filter: ZipFilter) {
  const client = useClient();
  const [{ data, error, fetching }, load] = useQuery({ query: ZipsPageDocument, variables: { workspaceId, filter, after: null } });
  const [asked, setAsked] = useState<Wanted>({ filter, pages: 0 });
  const [read, setRead] = useState<Rest | null>(null);
  const wanted = asked.filter === filter && asked.pages > 0 ? asked : null;

  useEffect(() => {
    if (!data?.zips || !wanted) return;
    let gone = false;
    const rest: Rest = { wanted, first: data, zips: [], pages: 0, hasMore: false, isStuck: false };
    const readOn = async (after: string | null): Promise<void> => {
      const answer = await client.query(ZipsPageDocument, { workspaceId, filter, after }, { requestPolicy: "network-only" }).toPromise();
      const page = answer.data?.zips;
      if (gone || !page) {
        rest.isStuck = rest.hasMore = !page;
        return;
      }
      rest.pages += 1;
      rest.zips.push(...page.nodes);
      rest.hasMore = page.pageInfo.hasNextPage;
      if (rest.hasMore && rest.pages < wanted.pages) await readOn(page.pageInfo.endCursor);
    };
    const begun = data.zips.pageInfo.hasNextPage ? readOn(data.zips.pageInfo.endCursor) : Promise.resolve();
    void begun.then(() => {
      if (!gone) setRead(rest);
    });
    return () => {
      gone = true;
    };
  }, [client, data, filter, wanted, workspaceId]);

  const first = data?.zips?.nodes;
  const rest = wanted && read?.wanted.filter === filter ? read : null;
  return {
    zips: first && [...first, ...(rest?.zips ?? [])],
    error,
    fetching,
    reload: () => load({ requestPolicy: "network-only" }),
    hasMore: rest ? rest.hasMore : (data?.zips?.pageInfo.hasNextPage ?? false),
    loading: wanted !== null && (rest?.wanted !== wanted || rest.first !== data),
    isStuck: rest?.isStuck ?? false,
    more: () => setAsked({ filter, pages: (rest?.pages ?? 0) + 1 }),
  };
}
