import type { DraftState, Saving } from "./use-draft";

const WORDS: Record<Saving, string> = {
  saved: "Saved",
  waiting: "Not saved yet",
  saving: "Saving",
  failed: "Not saved, kept in this tab",
  conflict: "Changed elsewhere",
};

/** Where the draft is; what keeps it from being saved is said in full. */
export function SavingWords({ state }: { state: DraftState }) {
  const trouble = state.saving === "failed" || state.saving === "conflict";
  return (
    <span role="status" title={state.refusal ?? undefined} className={`max-w-72 shrink-0 truncate text-12 max-sm:hidden ${trouble ? "text-bad-ink" : "text-ink-3"}`}>
      {WORDS[state.saving]}
      {state.saving === "failed" && state.refusal ? `: ${state.refusal}` : ""}
    </span>
  );
}
