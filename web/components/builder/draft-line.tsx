"use client";

import { CloudOff, GitBranch } from "lucide-react";
import { Button } from "@/components/ui/button";
import type { BuilderQuery } from "@/gql/graphql";
import { changes } from "./changes";
import { stepsOf } from "./draft";
import type { DraftState } from "./use-draft";

type DraftLineProps = { zip: NonNullable<BuilderQuery["zip"]>; state: DraftState; onReview: () => void };

/** Where what is edited stands: not saved and why, or not live yet and what differs. */
export function DraftLine({ zip, state, onReview }: DraftLineProps) {
  if (state.failing) {
    return (
      <div role="alert" className="flex min-h-9 shrink-0 items-center gap-2 border-b border-wait-line bg-wait-surface px-6 py-1.5 text-12 text-wait-ink max-sm:px-4">
        <CloudOff aria-hidden size={14} strokeWidth={1.75} className="shrink-0" />
        <p className="min-w-0 flex-1">{state.refusal ?? "The server does not answer. Go on: what you change stays here, and is saved by itself once it is back."}</p>
        <Button size="small" onClick={() => void state.flush()}>Save now</Button>
      </div>
    );
  }
  if (!zip.liveVersion || !state.changedSinceLive) return null;
  const { length } = changes(stepsOf(zip.liveVersion.definition), state.draft.steps);
  if (length === 0) return null;
  return (
    <div className="flex min-h-9 shrink-0 items-center gap-2 border-b border-line px-6 py-1.5 text-12 text-ink-2 max-sm:px-4">
      <GitBranch aria-hidden size={14} strokeWidth={1.75} className="shrink-0" />
      <p className="min-w-0">
        You are editing a draft. Version {zip.liveVersion.number} stays live until you publish.{" "}
        <button type="button" onClick={onReview} className="min-h-6 rounded-2 font-strong text-accent hover:underline">{length === 1 ? "See the change" : `See ${length} changes`}</button>
      </p>
    </div>
  );
}
