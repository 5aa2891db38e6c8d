"use client";

import { useCallback, useMemo } from "react";
import { useQuery } from "urql";
import { Button } from "@/components/ui/button";
import { SkeletonRows, Trouble } from "@/components/ui/empty";
import { BuilderAppsDocument } from "@/gql/graphql";

/** What starts zips and what steps can do. `unread` stands for it where it is not known yet, and is null once it is. */
export function useCatalog() {
  const [{ data, error }, load] = useQuery({ query: BuilderAppsDocument });
  const apps = useMemo(() => data?.apps ?? [], [data]);
  const actions = useMemo(() => new Map(apps.flatMap((app) => app.actions.map((action) => [`${app.key}/${action.key}`, action]))), [apps]);
  const actionOf = useCallback((app: string, action: string) => actions.get(`${app}/${action}`), [actions]);
  const unread = data?.apps ? null : <Unread hasFailed={error !== undefined} onAgain={() => load({ requestPolicy: "network-only" })} />;
  return { apps, actionOf, triggerOf: (kind: string) => apps.flatMap((app) => app.triggers).find(({ key }) => key === kind), unread };
}

function Unread({ hasFailed, onAgain }: { hasFailed: boolean; onAgain: () => void }) {
  if (!hasFailed) return <SkeletonRows rows={3} />;
  return <Trouble title="What steps can do could not be loaded" action={<Button onClick={onAgain}>Try again</Button>}>The zip stays as it is meanwhile.</Trouble>;
}
