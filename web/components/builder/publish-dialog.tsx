"use client";

import { useState } from "react";
import { useMutation } from "urql";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Field, Input } from "@/components/ui/field";
import { useToast } from "@/components/ui/toast";
import { PublishZipDocument, type BuilderQuery } from "@/gql/graphql";
import { failure } from "@/lib/graphql/result";
import { ChangeList } from "./change-list";
import { changes, type Step } from "./draft";
import type { DraftState } from "./use-draft";

type Zip = NonNullable<BuilderQuery["zip"]>;

/** What publishing changes, before it does. */
export function PublishDialog({ zip, state, onClose }: { zip: Zip; state: DraftState; onClose: () => void }) {
  const say = useToast();
  const [note, setNote] = useState("");
  const [wrong, setWrong] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const [, publish] = useMutation(PublishZipDocument);
  const live = (zip.liveVersion?.definition as { steps?: Step[] } | undefined)?.steps ?? [];
  const found = changes(live, state.draft.steps);
  const next = (zip.liveVersion?.number ?? 0) + 1;
  async function confirm() {
    setBusy(true);
    const revision = await state.flush();
    if (revision === null) {
      setBusy(false);
      setWrong("The draft is not saved yet, so nothing was published. See what is said beside its name.");
      return;
    }
    const { data, error } = await publish({ zipId: zip.id, revision, note: note.trim() || null });
    setBusy(false);
    const said = failure(data?.publishZip, error);
    setWrong(said);
    if (said) return;
    state.setChangedSinceLive(false);
    say("Published. From now on runs follow this version; those under way finish on theirs.");
    onClose();
  }
  return (
    <Dialog
      open
      wide
      onOpenChange={onClose}
      title={`Publish v${next}`}
      description={zip.liveVersion ? `Version ${zip.liveVersion.number} is live now. Runs under way finish on it.` : "The zip goes live: what is posted to its address runs from then on."}
      footer={
        <>
          <Button onClick={onClose}>Not yet</Button>
          <Button look="primary" busy={busy} disabled={state.problems.length > 0} onClick={confirm}>Publish v{next}</Button>
        </>
      }
    >
      <div className="grid gap-5">
        {state.problems.length ? (
          <div role="alert" className="grid gap-1 rounded-2 border border-bad-line bg-bad-surface px-3 py-2 text-bad-ink">
            <strong>{state.problems.length === 1 ? "One thing must be put right first" : `${state.problems.length} things must be put right first`}</strong>
            <ul className="grid gap-0.5">
              {state.problems.slice(0, 20).map((problem) => <li key={problem.path.join() + problem.code}>{problem.message}</li>)}
            </ul>
          </div>
        ) : null}
        <section>
          <h3 className="pb-2 font-title">What changes</h3>
          <ChangeList changes={found} />
        </section>
        <Field label="Note" mark="Optional" hint="For the list of versions.">{(ids) => <Input {...ids} dir="auto" maxLength={300} value={note} onChange={(event) => setNote(event.target.value)} />}</Field>
        {wrong ? <p role="alert" className="text-bad-ink">{wrong}</p> : null}
      </div>
    </Dialog>
  );
}
