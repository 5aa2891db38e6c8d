import type { DraftState, Saving } from "./use-draft";

const WORDS: Record<Saving, string> = {
  saved: "Saved",
  waiting: "Not saved yet",
  saving: "Saving",
  failed: "Not saved, kept in this tab",
  conflict: "Changed elsewhere",
};

/** Where the draft is; what keeps it from being saved is said below the header. */
export function SavingWords({ state }: { state: DraftState }) {
  const saving = state.failing ? "failed" : state.saving;
  const trouble = saving === "failed" || saving === "conflict";
  return <span role="status" className={`shrink-0 text-12 ${trouble ? "text-bad-ink" : "text-ink-3 max-sm:hidden"}`}>{WORDS[saving]}</span>;
}
