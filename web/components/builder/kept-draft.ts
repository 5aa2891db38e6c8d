/** A draft that is not saved yet, kept in its tab: a reload or a crash of the browser loses nothing typed. */

import type { Draft } from "./draft";

type Kept = {
  revision: number;
  draft: Draft;
  /** What was sent and not answered by then: the server may have it, and it is nobody else's. */
  unanswered: Draft[];
};

const keyOf = (zipId: string) => `zipped.draft.${zipId}`;

export function keepDraft(zipId: string, kept: Kept): void {
  try {
    sessionStorage.setItem(keyOf(zipId), JSON.stringify(kept));
  } catch {
    // Storage is full or forbidden: the draft lives on in the page, and leaving it asks first.
  }
}

export const forgetDraft = (zipId: string) => sessionStorage.removeItem(keyOf(zipId));

/** What this tab had not saved, and the revision it was based on. */
export function keptDraft(zipId: string): Kept | null {
  try {
    const kept = JSON.parse(sessionStorage.getItem(keyOf(zipId)) ?? "null") as Partial<Kept> | null;
    if (!kept || typeof kept.revision !== "number" || !isDraft(kept.draft)) return null;
    return { revision: kept.revision, draft: kept.draft, unanswered: Array.isArray(kept.unanswered) ? kept.unanswered.filter(isDraft) : [] };
  } catch {
    return null;
  }
}

const isDraft = (value: Partial<Draft> | undefined): value is Draft => typeof value?.name === "string" && Array.isArray(value.steps);
