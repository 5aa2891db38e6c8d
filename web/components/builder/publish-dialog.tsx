"use client";

import { useId, useRef, useState } from "react";
import { useMutation } from "urql";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Field, Input } from "@/components/ui/field";
import { Keys } from "@/components/ui/keys";
import { useToast } from "@/components/ui/toast";
import { PublishZipDocument, type BuilderQuery } from "@/gql/graphql";
import { count } from "@/lib/format";
import { failure } from "@/lib/graphql/result";
import { ChangeList } from "./change-list";
import type { ChangeWords } from "./change-values";
import { changes } from "./changes";
import { stepsOf } from "./draft";
import { problemWords } from "./problem-words";
import type { DraftState, Problem } from "./use-draft";

type Zip = NonNullable<BuilderQuery["zip"]>;
type PublishDialogProps = {
  zip: Zip;
  state: DraftState;
  words: ChangeWords;
  /** To where a problem is put right. */
  onFix: (problem: Problem) => void;
  onPublished: (now: Pick<Zip, "state" | "liveVersion">) => void;
  onClose: () => void;
};

/** What publishing changes, before it does; ⌘ Enter, or Enter in the note, publishes. */
export function PublishDialog({ zip, state, words, onFix, onPublished, onClose }: PublishDialogProps) {
  const say = useToast();
  const form = useId();
  const [note, setNote] = useState("");
  const [wrong, setWrong] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const [, publish] = useMutation(PublishZipDocument);
  const found = changes(stepsOf(zip.liveVersion?.definition), state.draft.steps);
  const next = (zip.liveVersion?.number ?? 0) + 1;
  const { problems } = state;
  // Who goes to put something right is in its field by the time the dialog gives the focus back.
  const left = useRef(false);
  async function confirm() {
    if (busy || problems.length) return;
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
    if (data?.publishZip.__typename === "PublishZipSuccess") onPublished(data.publishZip.zip);
    state.setChangedSinceLive(false);
    say("Published. From now on runs follow this version; those under way finish on theirs.");
    onClose();
  }
  return (
    <Dialog
      open
      size="list"
      onOpenChange={onClose}
      focusAfter={() => (left.current && document.activeElement instanceof HTMLElement ? document.activeElement : null)}
      title={`Publish v${next}`}
      description={zip.liveVersion ? `${count(found.length, "change")} since version ${zip.liveVersion.number}, which is live now. Runs under way finish on it.` : "The zip goes live: what is posted to its address runs from then on."}
      footer={
        <>
          <Button onClick={onClose}>Not yet</Button>
          <Button look="primary" type="submit" form={form} busy={busy} disabled={problems.length > 0}>
            Publish v{next} <span aria-hidden className="max-sm:hidden"><Keys of="⌘ ↵" /></span>
          </Button>
        </>
      }
    >
      <form
        id={form}
        className="grid gap-5"
        onSubmit={(event) => {
          event.preventDefault();
          void confirm();
        }}
        onKeyDown={(event) => {
          if (event.key !== "Enter" || !(event.metaKey || event.ctrlKey)) return;
          event.preventDefault();
          void confirm();
        }}
      >
        {problems.length ? (
          <div role="alert" className="grid gap-1 rounded-2 border border-bad-line bg-bad-surface px-3 py-2 text-bad-ink">
            <strong>{problems.length === 1 ? "One thing must be put right first" : `${problems.length} things must be put right first`}</strong>
            <ul className="grid gap-0.5">
              {problems.slice(0, MOST).map((problem) => (
                <li key={problem.path.join() + problem.code}>
                  <button
                    type="button"
                    onClick={() => {
                      left.current = true;
                      onClose();
                      onFix(problem);
                    }}
                    className="min-h-6 rounded-2 text-left [overflow-wrap:anywhere] hover:underline"
                  >
                    {problemWords(problem, state.draft.steps)}
                  </button>
                </li>
              ))}
            </ul>
            {problems.length > MOST ? <p>And {problems.length - MOST} more, above the drawing.</p> : null}
          </div>
        ) : null}
        <section>
          <h3 className="pb-2 font-title">What changes</h3>
          <ChangeList changes={found} words={words} />
        </section>
        {/* Stays in sight however much changes. */}
        <div className="sticky -bottom-5 -mx-5 -mb-5 grid gap-3 border-t border-line bg-raised px-5 pt-3 pb-4">
          <Field label="Note" mark="Optional" hint="For the list of versions.">{(ids) => <Input {...ids} autoFocus dir="auto" maxLength={300} value={note} onChange={(event) => setNote(event.target.value)} />}</Field>
          {wrong ? <p role="alert" className="text-bad-ink">{wrong}</p> : null}
        </div>
      </form>
    </Dialog>
  );
}

const MOST = 20; // problems that are listed
