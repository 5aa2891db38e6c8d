"use client";

import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { ChangeList } from "./change-list";
import { changes } from "./draft";
import { draftOf, type DraftState } from "./use-draft";

/** Two people saved: both drafts are here, and one of them goes on. */
export function ConflictDialog({ state }: { state: DraftState }) {
  if (!state.theirs) return null;
  const theirs = draftOf(state.theirs);
  return (
    <Dialog
      open
      wide
      onOpenChange={() => undefined}
      title="This draft was changed elsewhere"
      description="Another tab or another person has saved it meanwhile. Nothing of yours is lost: choose which of the two goes on."
      footer={
        <>
          <Button onClick={() => state.resolve("theirs")}>Take theirs</Button>
          <Button look="primary" onClick={() => state.resolve("mine")}>Keep mine</Button>
        </>
      }
    >
      <div tabIndex={0} role="group" aria-label="Both drafts" className="grid gap-5 rounded-2 sm:grid-cols-2">
        <section>
          <h3 className="pb-2 font-title">If you keep yours, against theirs</h3>
          {theirs.name !== state.draft.name ? <p className="pb-2">Name: <span dir="auto">{state.draft.name}</span></p> : null}
          <ChangeList changes={changes(theirs.steps, state.draft.steps)} />
        </section>
        <section>
          <h3 className="pb-2 font-title">If you take theirs, against yours</h3>
          {theirs.name !== state.draft.name ? <p className="pb-2">Name: <span dir="auto">{theirs.name}</span></p> : null}
          <ChangeList changes={changes(state.draft.steps, theirs.steps)} />
        </section>
      </div>
    </Dialog>
  );
}
