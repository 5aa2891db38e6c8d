"use client";

import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { AppTile } from "@/components/ui/tile";
import { labelOf, shown, Value, type ChangeWords } from "./change-values";
import { changes, differences, type Change } from "./changes";
import { draftOf, type DraftState } from "./use-draft";

const KINDS: Record<Exclude<Change["kind"], "changed">, string> = {
  added: "Only in yours",
  removed: "Only in theirs",
  moved: "In another place",
};

/** Two people saved: both drafts are here, side by side, and one of them goes on. */
export function ConflictDialog({ state, words }: { state: DraftState; words: ChangeWords }) {
  if (!state.theirs) return null;
  const theirs = draftOf(state.theirs);
  const found = changes(theirs.steps, state.draft.steps);
  return (
    <Dialog
      open
      size="wide"
      title="This draft was changed elsewhere"
      description="Another tab or another person has saved it meanwhile. Nothing of yours is lost: choose which of the two goes on."
      footer={
        <>
          <Button onClick={() => state.resolve("theirs")}>Take theirs</Button>
          <Button look="primary" onClick={() => state.resolve("mine")}>Keep mine</Button>
        </>
      }
    >
      <div tabIndex={0} role="group" aria-label="Both drafts" className="rounded-2 border border-line">
        <table className="w-full table-fixed text-left text-12">
          <thead className="border-b border-line bg-well">
            <tr>
              <th scope="col" className="w-[22%] px-3 py-2"><span className="sr-only">What</span></th>
              <th scope="col" className="px-3 py-2 text-13 font-strong">Yours</th>
              <th scope="col" className="px-3 py-2 text-13 font-strong">Theirs</th>
            </tr>
          </thead>
          {theirs.name === state.draft.name ? null : (
            <tbody className="border-line not-last:border-b">
              <Sides label="Name of the zip" mine={state.draft.name} theirs={theirs.name} words={words} />
            </tbody>
          )}
          {found.map((change) => (
            <StepSides key={change.kind + change.step.id} change={change} words={words} />
          ))}
          {found.length || theirs.name !== state.draft.name ? null : (
            <tbody><tr><td colSpan={3} className="px-3 py-3 text-ink-3">No step differs.</td></tr></tbody>
          )}
        </table>
      </div>
    </Dialog>
  );
}

/** `change` is what keeping mine would do to theirs. */
function StepSides({ change: { kind, step, was, number }, words }: { change: Change; words: ChangeWords }) {
  return (
    <tbody className="border-line not-last:border-b">
      <tr>
        <th scope="rowgroup" colSpan={3} className="px-3 pt-2.5 pb-1 font-text">
          <span className="flex min-w-0 items-center gap-2">
            <AppTile size="small" app={step.app} action={step.action} />
            <span className="inline-flex h-4 min-w-4 shrink-0 items-center justify-center rounded-1 bg-hover px-[3px] font-mono text-11 text-ink-2">{number}</span>
            <strong dir="auto" className="min-w-0 truncate text-13">{step.name}</strong>
            {kind === "changed" ? null : <span className="shrink-0 text-ink-2">{KINDS[kind]}</span>}
          </span>
        </th>
      </tr>
      {was
        ? differences(was, step).map(({ path, before, after }) => {
            const [theirs, mine] = [shown(path, before, words), shown(path, after, words)];
            const alike = theirs === mine;
            return <Sides key={JSON.stringify(path)} label={labelOf(step, path, words)} mine={alike ? JSON.stringify(after) : mine} theirs={alike ? JSON.stringify(before) : theirs} words={words} />;
          })
        : null}
    </tbody>
  );
}

function Sides({ label, mine, theirs, words }: { label: string; mine: string | undefined; theirs: string | undefined; words: ChangeWords }) {
  return (
    <tr className="align-top">
      <th scope="row" dir="auto" className="px-3 pt-1 pb-2.5 font-text [overflow-wrap:anywhere] text-ink-3">{label}</th>
      <td className="px-3 pt-1 pb-2.5 [overflow-wrap:anywhere]"><Value text={mine} words={words} /></td>
      <td className="px-3 pt-1 pb-2.5 [overflow-wrap:anywhere]"><Value text={theirs} words={words} /></td>
    </tr>
  );
}
