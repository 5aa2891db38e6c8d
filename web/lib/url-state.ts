"use client";

import { usePathname, useSearchParams } from "next/navigation";
import { useCallback, useMemo } from "react";

/**
 * Filters that live in the URL, so that they can be shared, bookmarked and undone by “back”.
 *
 * Every value is a string; an empty one is left out of the address.
 */
export function useUrlState<Name extends string>(names: readonly Name[]) {
  const pathname = usePathname();
  const params = useSearchParams();
  const state = useMemo(
    () => Object.fromEntries(names.map((name) => [name, params.get(name) ?? ""])) as Record<Name, string>,
    [names, params],
  );
  const set = useCallback(
    (change: Partial<Record<Name, string>>) => {
      const next = new URLSearchParams();
      for (const [name, value] of Object.entries<string>({ ...state, ...change } as Record<string, string>)) {
        if (value) next.set(name, value);
      }
      // Not the router's own replace: that asks the server for a page that is here already, before anything changes.
      history.replaceState(null, "", next.size ? `${pathname}?${next}` : pathname);
    },
    [pathname, state],
  );
  return [state, set] as const;
}
