"use client";

import { useCallback, useState } from "react";
import { useMutation } from "urql";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { SkeletonRows, Trouble } from "@/components/ui/empty";
import { More } from "@/components/ui/more";
import { useToast } from "@/components/ui/toast";
import { RollbackZipDocument, ZipVersionsDocument, type BuilderQuery } from "@/gql/graphql";
import { ago, exact } from "@/lib/format";
import { failure } from "@/lib/graphql/result";
import { useNow } from "@/lib/now";
import { usePages } from "@/lib/pages";
import { ChangeList } from "./change-list";
import type { ChangeWords } from "./change-values";
import { changes } from "./changes";
import { stepsOf } from "./draft";

type Zip = NonNullable<BuilderQuery["zip"]>;
type VersionsDialogProps = {
  zipId: string;
  words: ChangeWords;
  /** Another version is live, from which the draft differs or not. */
  onBack: (now: Pick<Zip, "liveVersion" | "hasUnpublishedChanges">) => void;
  onClose: () => void;
};

/** Every version, what it would change, and the way back to it. */
export function VersionsDialog({ zipId, words, onBack, onClose }: VersionsDialogProps) {
  const now = useNow();
  const say = useToast();
  const [chosen, setChosen] = useState<string | null>(null);
  const variables = useCallback((after: string | null) => ({ id: zipId, after }), [zipId]);
  const pages = usePages(ZipVersionsDocument, variables, (data) => data.zip?.versions ?? null);
  const { rows: versions, error, reload } = pages;
  const [{ fetching }, rollBack] = useMutation(RollbackZipDocument);
  const live = versions?.find((one) => one.isLive);
  async function back(versionId: string, number: number) {
    const { data: done, error: refused } = await rollBack({ zipId, versionId, replaceDraftAt: null });
    const wrong = failure(done?.rollbackZip, refused);
    say(wrong ?? `What v${number} was is live again, as a new version. The draft stays as it is.`, { bad: Boolean(wrong) });
    if (done?.rollbackZip.__typename !== "RollbackZipSuccess") return;
    onBack(done.rollbackZip.zip);
    void reload();
  }
  return (
    <Dialog open size="list" onOpenChange={onClose} title="Versions">
      {error && !versions ? (
        <Trouble title="The versions could not be loaded" action={<Button onClick={reload}>Try again</Button>}>The one that is live runs on.</Trouble>
      ) : !versions ? (
        <SkeletonRows rows={3} />
      ) : versions.length === 0 ? (
        <p className="text-ink-2">There is none yet. Publishing makes the first.</p>
      ) : (
        <ol className="overflow-hidden rounded-2 border border-line">
          {versions.map((version) => (
            <li key={version.id} className="border-line not-last:border-b">
              <div className="flex min-h-11 items-center gap-3 px-3 py-1.5">
                <strong className="w-10 shrink-0">v{version.number}</strong>
                {version.isLive ? <span className="font-strong text-ok-ink">Live</span> : null}
                <div className="grid min-w-0 flex-1 sm:flex sm:items-center sm:gap-3">
                  <span dir="auto" className="min-w-0 flex-1 truncate text-left">{version.note}</span>
                  <span className="truncate text-12 text-ink-3 sm:max-w-[50%] sm:shrink-0" title={exact(version.createdAt)}>{version.createdBy?.name ? `${version.createdBy.name}, ` : ""}{ago(version.createdAt, now)}</span>
                </div>
                {version.isLive ? null : (
                  <Button size="small" aria-expanded={chosen === version.id} onClick={() => setChosen(chosen === version.id ? null : version.id)}>Compare with live</Button>
                )}
              </div>
              {chosen === version.id ? (
                <div className="grid gap-3 border-t border-line bg-well p-3">
                  <p className="text-ink-2">Going back to v{version.number} would change this:</p>
                  <ChangeList changes={changes(stepsOf(live?.definition), stepsOf(version.definition))} words={words} />
                  <Button className="justify-self-start" busy={fetching} onClick={() => back(version.id, version.number)}>Go back to v{version.number}</Button>
                </div>
              ) : null}
            </li>
          ))}
        </ol>
      )}
      <More of={pages}>Show older versions</More>
    </Dialog>
  );
}
