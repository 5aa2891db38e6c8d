"use client";

import { useCallback, useEffect, useRef, useState } from "react";
import { useClient, useMutation } from "urql";
import { BuilderDocument, SaveZipDocument, type BuilderQuery } from "@/gql/graphql";
import { asIs } from "@/lib/graphql/as-is";
import { failure } from "@/lib/graphql/result";
import { session } from "@/lib/graphql/session";
import { same } from "./changes";
import { apart, begin, change as changed, redo, stepsOf, undo, type Draft, type History } from "./draft";
import { forgetDraft, keepDraft, keptDraft } from "./kept-draft";

type Zip = NonNullable<BuilderQuery["zip"]>;
export type Problem = Zip["problems"][number];
export type Saving = "saved" | "waiting" | "saving" | "failed" | "conflict";

const PAUSE = 700; // milliseconds without a change before it is saved
const TRY_AGAIN = 3_000; // milliseconds after a failed save; twice as long after each further one
const TRY_AGAIN_CEILING = 60_000; // milliseconds: a page may stay open for days on a draft that is refused
const PATIENCE = 15_000; // milliseconds until a save without an answer counts as failed
const KEPT = 3; // drafts without an answer that outlive a reload
const THOUGHT = 1_500; // milliseconds between two letters after which undo takes back only the second

export const draftOf = (zip: Pick<Zip, "name" | "definition">): Draft => ({
  name: zip.name,
  steps: stepsOf(zip.definition),
});

/**
 * The draft, its history, and its saving: by itself, a moment after the last change, one save at a time. A save that
 * does not get through is tried again and kept meanwhile; a stale one asks which of the two drafts to keep.
 */
export function useDraft(zip: Zip) {
  const client = useClient();
  const [, save] = useMutation(SaveZipDocument);
  // What this tab had typed before it was reloaded goes on from the revision it was typed on.
  const [kept] = useState(() => keptDraft(zip.id));
  const [history, setHistory] = useState<History>(() => (kept ? changed(begin(draftOf(zip)), kept.draft) : begin(draftOf(zip))));
  const [saving, setSaving] = useState<Saving>(kept ? "waiting" : "saved");
  const [problems, setProblems] = useState<readonly Problem[]>(zip.problems);
  const [refusal, setRefusal] = useState<string | null>(null);
  const [failing, setFailing] = useState(false);
  const [theirs, setTheirs] = useState<Zip | null>(null);
  const [changedSinceLive, setChangedSinceLive] = useState(zip.hasUnpublishedChanges);
  const [savedRevision, setSavedRevision] = useState(zip.revision);
  const [staleTests, setStaleTests] = useState<ReadonlyMap<string, boolean>>(new Map());
  const revision = useRef(kept?.revision ?? zip.revision);
  const saved = useRef(kept ? draftOf(zip) : history.present);
  const latest = useRef(history.present);
  const sending = useRef<Promise<void> | null>(null);
  // Sent, and not answered so far: the server may have it.
  const unanswered = useRef<Draft[]>(kept?.unanswered ?? []);
  const changedAt = useRef(0);
  const failures = useRef(0); // since the last save, or the last change

  const accept = useCallback((draft: Draft, at: number) => {
    revision.current = at;
    setSavedRevision(at);
    saved.current = draft;
    unanswered.current = [];
    failures.current = 0;
    setRefusal(null);
    setFailing(false);
    setSaving(draft === latest.current ? "saved" : "waiting");
  }, []);

  const send = useCallback(async () => {
    setSaving("saving");
    const draft = latest.current;
    if (unanswered.current.at(-1) !== draft) unanswered.current.push(draft);
    const asked = { zipId: zip.id, revision: revision.current, name: draft.name.trim() || "Untitled zip", definition: asIs({ steps: draft.steps }) };
    const { data, error } = await inTime(save(asked));
    const answer = data?.updateZip;
    if (answer?.__typename === "UpdateZipSuccess") {
      setProblems(answer.zip.problems);
      setChangedSinceLive(answer.zip.hasUnpublishedChanges);
      setStaleTests(new Map(answer.zip.stepTests.map((test) => [test.id, test.isStale])));
      accept(draft, answer.zip.revision);
      return;
    }
    if (answer?.__typename === "Conflict") {
      const { data: now } = await inTime(client.query(BuilderDocument, { id: zip.id }, { requestPolicy: "network-only" }).toPromise());
      const own = now?.zip && unanswered.current.find((one) => same(one, draftOf(now.zip!)));
      if (now?.zip && own) {
        // It was our own save, whose answer got lost on its way.
        setProblems(now.zip.problems);
        setChangedSinceLive(now.zip.hasUnpublishedChanges);
        accept(own, now.zip.revision);
      } else {
        setTheirs(now?.zip ?? null);
        setFailing(!now?.zip);
        if (!now?.zip) failures.current += 1;
        setSaving(now?.zip ? "conflict" : "failed");
      }
      return;
    }
    failures.current += 1;
    if (answer) unanswered.current = unanswered.current.filter((one) => one !== draft);
    // What the server refuses in the words of a field is shown there; the rest beside the name.
    if (answer?.__typename === "ValidationError") setProblems(answer.issues);
    setRefusal(answer || error?.graphQLErrors.length ? failure(answer, error) : null);
    setFailing(true);
    setSaving("failed");
  }, [accept, client, save, zip.id]);

  const store = useCallback(async () => {
    if (sending.current) return sending.current;
    if (saved.current === latest.current) {
      setSaving("saved");
      return;
    }
    sending.current = send().finally(() => {
      sending.current = null;
    });
    return sending.current;
  }, [send]);

  useEffect(() => {
    latest.current = history.present;
    if (saving === "saved") {
      forgetDraft(zip.id);
      return;
    }
    keepDraft(zip.id, { revision: revision.current, draft: history.present, unanswered: unanswered.current.slice(-KEPT) });
    if (saving !== "waiting" && saving !== "failed") return;
    const timer = setTimeout(() => void store(), saving === "failed" ? Math.min(TRY_AGAIN_CEILING, TRY_AGAIN * 2 ** (failures.current - 1)) : PAUSE);
    return () => clearTimeout(timer);
  }, [history.present, saving, store, zip.id]);

  useEffect(() => {
    const warn = (event: BeforeUnloadEvent) => {
      if (saved.current !== latest.current) event.preventDefault();
    };
    const again = () => {
      if (saved.current !== latest.current) void store();
    };
    addEventListener("beforeunload", warn);
    addEventListener("online", again);
    const stop = session.subscribe((signedIn) => {
      if (signedIn) again();
    });
    return () => {
      stop();
      removeEventListener("beforeunload", warn);
      removeEventListener("online", again);
    };
  }, [store]);

  const put = useCallback((next: (history: History) => History) => {
    failures.current = Math.min(1, failures.current);
    setHistory(next);
    setSaving((now) => (now === "saved" ? "waiting" : now));
  }, []);
  const change = useCallback(
    (next: Draft | ((draft: Draft) => Draft), field: string | null = null) => {
      const now = performance.now();
      const thought = now - changedAt.current > THOUGHT;
      changedAt.current = now;
      put((before) => changed(thought ? apart(before) : before, typeof next === "function" ? next(before.present) : next, field));
    },
    [put],
  );
  /** Ends a conflict: their draft as it is, or mine on top of theirs. */
  const resolve = useCallback(
    (keep: "mine" | "theirs") => {
      if (!theirs) return;
      revision.current = theirs.revision;
      setSavedRevision(theirs.revision);
      const draft = draftOf(theirs);
      saved.current = draft;
      unanswered.current = [];
      setTheirs(null);
      setChangedSinceLive(theirs.hasUnpublishedChanges);
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
    apart: useCallback(() => setHistory(apart), []),
    undo: useCallback(() => put(undo), [put]),
    redo: useCallback(() => put(redo), [put]),
    canUndo: history.past.length > 0,
    canRedo: history.future.length > 0,
    saving,
    /** The revision that the server has, as far as is known here. */
    savedRevision,
    /** Of each remembered test whether it is stale by now, as far as the server has said since. */
    staleTests,
    setStaleTests,
    /** The last save did not get through; true until one does. */
    failing,
    /** Why not, in the server's words; null when it said nothing. */
    refusal,
    problems,
    changedSinceLive,
    setChangedSinceLive,
    theirs,
    resolve,
    /** Saves what is not saved yet; the revision that then is stored, or null when it did not get through. */
    flush: useCallback(async (): Promise<number | null> => {
      // What is under way may be older than what is wanted.
      await sending.current;
      await store();
      return saved.current === latest.current ? revision.current : null;
    }, [store]),
  };
}

/** An answer that does not come in time is none. */
async function inTime<Answer extends { data?: unknown; error?: unknown }>(asked: Promise<Answer>): Promise<Answer | { data: undefined; error: undefined }> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<{ data: undefined; error: undefined }>((done) => {
    timer = setTimeout(() => done({ data: undefined, error: undefined }), PATIENCE);
  });
  return Promise.race([asked, late]).finally(() => clearTimeout(timer));
}

export type DraftState = ReturnType<typeof useDraft>;
