"use client";

import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useClient } from "urql";
import { BuilderStaleTestsDocument, BuilderTestCallsDocument, BuilderTestsDocument, TestStepDocument, type TestedCallsFragment, type TestedStepFragment } from "@/gql/graphql";
import { asIs } from "@/lib/graphql/as-is";
import { failure } from "@/lib/graphql/result";
import { ActKey } from "@/lib/keys";
import type { Json } from "../draft";
import type { Asked } from "../samples/use-samples";
import type { DraftState, Problem } from "../use-draft";
import { useSameItems } from "../use-same-items";

export type StepTest = TestedStepFragment & Partial<TestedCallsFragment>;

/** What trying a step has come to. */
export type Trial = {
  /** What is under way. */
  busy: "send" | "preview" | null;
  /** The last time it was performed. */
  test?: StepTest;
  /** What it would send now. */
  preview?: StepTest;
  /** Why it could not be tried, each at its place in the draft. */
  issues: readonly Problem[];
  message: string | null;
};

export const UNTRIED: Trial = { busy: null, issues: [], message: null };

/** The tests of a zip's steps: what is remembered of them, and trying again. */
export function useStepTests(zipId: string, state: DraftState) {
  const client = useClient();
  const [known, setTrials] = useState<ReadonlyMap<string, Trial>>(new Map());
  const put = useCallback((stepId: string, change: Partial<Trial>) => setTrials((all) => new Map(all).set(stepId, { ...(all.get(stepId) ?? UNTRIED), ...change })), []);
  // Sent again with the same key when no answer came, so that it leaves once; a changed draft or sample is another sending.
  const acts = useRef(new Map<string, ActKey>());
  // Of each step the newest try: what an older one still says is not shown.
  const newest = useRef(new Map<string, number>());

  useEffect(() => {
    let gone = false;
    void client
      .query(BuilderTestsDocument, { zipId }, { requestPolicy: "network-only" })
      .toPromise()
      .then(({ data }) => {
        if (!gone) for (const test of data?.zip?.stepTests ?? []) put(test.stepId, { test });
      });
    return () => {
      gone = true;
    };
  }, [client, put, zipId]);

  const { flush, staleTests, setStaleTests } = state;
  /** The requests of remembered tests, which are read once somebody looks. */
  const readCalls = useCallback(async () => {
    const { data } = await client.query(BuilderTestCallsDocument, { zipId }, { requestPolicy: "network-only" }).toPromise();
    const calls = new Map(data?.zip?.stepTests.map((test) => [test.id, test]));
    setTrials((all) => new Map([...all].map(([id, trial]) => [id, trial.test && calls.has(trial.test.id) ? { ...trial, test: { ...trial.test, ...calls.get(trial.test.id) } } : trial])));
  }, [client, zipId]);

  /** Tries a step, really or to see what it would send; what that showed, null where it could not be tried. */
  const run = useCallback(
    async (stepId: string, asked: Asked, send: boolean): Promise<StepTest | null> => {
      const number = (newest.current.get(stepId) ?? 0) + 1;
      newest.current.set(stepId, number);
      const tell = (change: Partial<Trial>) => {
        if (newest.current.get(stepId) === number) put(stepId, change);
      };
      tell({ busy: send ? "send" : "preview", message: null, issues: [] });
      const revision = await flush();
      if (revision === null) {
        tell({ busy: null, message: "The draft is not saved yet, so nothing was tried. See what is said beside the zip’s name." });
        return null;
      }
      const act = acts.current.get(stepId) ?? new ActKey();
      acts.current.set(stepId, act);
      const { data, error } = await client.mutation(TestStepDocument, { input: { zipId, stepId, revision, send, idempotencyKey: send ? act.of([revision, asked]) : null, ...asked, trigger: asIs(asked.trigger) } }).toPromise();
      const answer = data?.testStep;
      if (send && answer) act.answered();
      if (answer?.__typename === "TestStepSuccess") {
        tell({ busy: null, ...(answer.test.isPreview ? { preview: answer.test } : { test: answer.test, preview: undefined }) });
        if (answer.test.isPreview) return answer.test;
        // Tests that looked at what this step gave before are stale by now.
        const { data: now } = await client.query(BuilderStaleTestsDocument, { zipId }, { requestPolicy: "network-only" }).toPromise();
        setStaleTests(new Map(now?.zip?.stepTests.map((test) => [test.id, test.isStale])));
        return answer.test;
      }
      if (answer?.__typename === "ValidationError") tell({ busy: null, issues: answer.issues, message: answer.issues.length ? null : answer.message });
      else tell({ busy: null, message: answer || !send ? failure(answer, error) : "No answer came, so it may have been sent. Try again: under the same key it is sent once." });
      return null;
    },
    [client, flush, setStaleTests, put, zipId],
  );

  const trials = useMemo(
    () => new Map([...known].map(([id, trial]) => [id, trial.test ? { ...trial, test: { ...trial.test, isStale: staleTests.get(trial.test.id) ?? trial.test.isStale } } : trial])),
    [known, staleTests],
  );
  const tested = useSameItems([...known.values()].flatMap(({ test }) => test ?? []));
  const outputs = useMemo(() => {
    const found = new Map<string, Json>();
    for (const test of tested) if (test.output !== null && test.output !== undefined) found.set(test.stepId, test.output as Json);
    return found;
  }, [tested]);
  return { trials, outputs, run, readCalls };
}

export type StepTests = ReturnType<typeof useStepTests>;

/** Passed and still good: what a closed seam and a tick stand for. */
export const isFresh = ({ test }: Trial) => test !== undefined && !test.isStale && test.outcome !== "FAILED" && test.outcome !== "UNKNOWN";
