"use client";

import { useCallback, useEffect, useRef, useState } from "react";
import { useClient, useMutation } from "urql";
import { BuilderDocument, SaveZipDocument, type BuilderQuery } from "@/gql/graphql";
import { failure } from "@/lib/graphql/result";
import { begin, change as changed, redo, undo, type Draft, type History, type Step } from "./draft";

type Zip = NonNullable<BuilderQuery["zip"]>;
export type Problem = Zip["problems"][number];
export type Saving = "saved" | "waiting" | "saving" | "failed" | "conflict";

const PAUSE = 700; // milliseconds without a change before it is saved
const TRY_AGAIN = 3_000; // milliseconds after a failed save

export const draftOf = (zip: Pick<Zip, "name" | "definition">): Draft => ({
  name: zip.name,
  steps: (zip.definition as { steps?: Step[] }).steps ?? [],
});

/**
 * The draft, its history, and its saving: by itself, a moment after the last change, one save at a time. A save that
 * does not get through is tried again and kept meanwhile; a stale one asks which of the two drafts to keep.
 */
export function useDraft(zip: Zip) {
  const client = useClient();
  const [, save] = useMutation(SaveZipDocument);
  const [history, setHistory] = useState<History>(() => begin(draftOf(zip)));
  const [saving, setSaving] = useState<Saving>("saved");
  const [problems, setProblems] = useState<readonly Problem[]>(zip.problems);
  const [refusal, setRefusal] = useState<string | null>(null);
  const [theirs, setTheirs] = useState<Zip | null>(null);
  const [changedSinceLive, setChangedSinceLive] = useState(zip.hasUnpublishedChanges);
  const revision = useRef(zip.revision);
  const saved = useRef(history.present);
  const latest = useRef(history.present);
  const busy = useRef(false);

  const store = useCallback(async () => {
    if (busy.current || saved.current === latest.current) return;
    busy.current = true;
    setSaving("saving");
    const draft = latest.current;
    const { data, error } = await save({
      zipId: zip.id,
      revision: revision.current,
      name: draft.name.trim() || "Untitled zip",
      definition: { steps: draft.steps },
    });
    busy.current = false;
    const answer = data?.updateZip;
    if (answer?.__typename === "UpdateZipSuccess") {
      revision.current = answer.zip.revision;
      saved.current = draft;
      setProblems(answer.zip.problems);
      setChangedSinceLive(answer.zip.hasUnpublishedChanges);
      setRefusal(null);
      setSaving(saved.current === latest.current ? "saved" : "waiting");
    } else if (answer?.__typename === "Conflict") {
      const { data: now } = await client.query(BuilderDocument, { id: zip.id }, { requestPolicy: "network-only" }).toPromise();
      setTheirs(now?.zip ?? null);
      setSaving("conflict");
    } else {
      // What the server refuses in the words of a field is shown there; the rest beside the name.
      if (answer?.__typename === "ValidationError") setProblems(answer.issues);
      setRefusal(failure(answer, error));
      setSaving("failed");
    }
  }, [client, save, zip.id]);

  useEffect(() => {
    latest.current = history.present;
    if (saving === "conflict" || saved.current === history.present) return;
    setSaving((now) => (now === "saving" ? now : now === "failed" ? now : "waiting"));
    const timer = setTimeout(() => void store(), saving === "failed" ? TRY_AGAIN : PAUSE);
    return () => clearTimeout(timer);
  }, [history.present, saving, store]);

  useEffect(() => {
    const warn = (event: BeforeUnloadEvent) => {
      if (saved.current !== latest.current) event.preventDefault();
    };
    addEventListener("beforeunload", warn);
    return () => removeEventListener("beforeunload", warn);
  }, []);

  const change = useCallback((next: Draft | ((draft: Draft) => Draft), field: string | null = null) => {
    setHistory((now) => changed(now, typeof next === "function" ? next(now.present) : next, field));
  }, []);
  /** Ends a conflict: their draft as it is, or mine on top of theirs. */
  const resolve = useCallback(
    (keep: "mine" | "theirs") => {
      if (!theirs) return;
      revision.current = theirs.revision;
      const draft = draftOf(theirs);
      saved.current = draft;
      setTheirs(null);
      if (keep === "theirs") {
        setHistory((now) => changed(now, draft));
        latest.current = draft;
        setProblems(theirs.problems);
        setSaving("saved");
      } else {
        setSaving("waiting");
      }
    },
    [theirs],
  );
  return {
    draft: history.present,
    change,
    undo: () => setHistory(undo),
    redo: () => setHistory(redo),
    canUndo: history.past.length > 0,
    canRedo: history.future.length > 0,
    saving,
    refusal,
    problems,
    changedSinceLive,
    setChangedSinceLive,
    theirs,
    resolve,
    /** Saves what is not saved yet; the revision that then is stored, or null when it did not get through. */
    flush: async (): Promise<number | null> => {
      await store();
      return saved.current === latest.current ? revision.current : null;
    },
    /** The server has put another definition into the draft. */
    replaced: (definition: unknown, at: number) => {
      revision.current = at;
      const draft: Draft = { ...latest.current, steps: (definition as { steps?: Step[] }).steps ?? [] };
      saved.current = draft;
      setHistory((now) => changed(now, draft));
    },
  };
}

export type DraftState = ReturnType<typeof useDraft>;
