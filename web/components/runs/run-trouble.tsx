import { clsx } from "clsx";
import Link from "@/components/ui/link";
import type { RunPageRunFragment } from "@/gql/graphql";
import { adviceFor } from "./advice";

type Fault = { code: string; message: string };

/** Why a run did not end well, in plain words, what to do about it, and the way there. */
export function RunTrouble({ run, error, unknown = false }: { run: RunPageRunFragment; error: Fault; unknown?: boolean }) {
  return (
    <div role="alert" className={clsx("mx-5 mb-3 grid gap-1 rounded-2 border px-3 py-2", unknown ? "border-odd-line bg-odd-surface text-odd-ink" : "border-bad-line bg-bad-surface text-bad-ink")}>
      <p className="font-strong break-words">{error.message}</p>
      <p>
        {adviceFor(error.code)} {run.zip ? <Link href={`/zips/${run.zip.id}`} className="font-strong underline">Open the zip</Link> : null}
      </p>
    </div>
  );
}
