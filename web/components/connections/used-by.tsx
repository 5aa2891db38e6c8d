import Link from "@/components/ui/link";
import type { ConnectionItem } from "./connections-page";

/** The zips that use a connection, one a line, each a click away; how they use it is said where it is not both. */
export function UsedBy({ connection }: { connection: ConnectionItem }) {
  return (
    <ul className="overflow-hidden rounded-2 border border-line text-13">
      {connection.usedBy.map(({ zip, isInDraft, isInLiveVersion }) =>
        zip ? (
          <li key={zip.id} className="flex items-center gap-3 border-line px-3 py-1.5 not-last:border-b">
            <Link dir="auto" href={`/zips/${zip.id}`} className="min-w-0 flex-1 truncate text-left text-ink hover:underline">{zip.name}</Link>
            <span className="text-12 text-ink-3">{!isInLiveVersion ? "in its draft" : isInDraft ? "" : "live only"}</span>
          </li>
        ) : null,
      )}
    </ul>
  );
}
