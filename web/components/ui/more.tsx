import { Button } from "./button";

type MoreProps = { of: { hasMore: boolean; loading: boolean; isStuck: boolean; more: () => unknown }; children: string };

/** The way to the next page of a list. */
export function More({ of: { hasMore, loading, isStuck, more }, children }: MoreProps) {
  if (!hasMore) return null;
  return (
    <div className="grid justify-items-center gap-2 p-4">
      {isStuck && !loading ? <p role="alert" className="text-bad-ink">The server does not answer. Try again.</p> : null}
      <Button busy={loading} onClick={more}>{children}</Button>
    </div>
  );
}
