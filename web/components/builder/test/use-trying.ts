"use client";

import { useEffect, useRef } from "react";
import type { Step } from "../draft";
import type { Source } from "../mapping/sources";
import type { Samples } from "../samples/use-samples";
import type { ActionKind, StepTab } from "../step-panel";
import type { DraftState } from "../use-draft";
import { isFresh, UNTRIED, type StepTests } from "./use-step-tests";

type Trying = {
  state: DraftState;
  step: Step;
  action: ActionKind | undefined;
  tab: StepTab;
  onTab: (tab: StepTab) => void;
  samples: Samples;
  tests: StepTests;
  /** Whether testing it touches nothing outside. */
  isPure: (source: Source) => boolean;
  /** To where a source gets its data. */
  onGo: (source: string) => void;
};

const SETTLED = 400; // milliseconds after a save or another sample, before what would be sent is asked for

/**
 * Trying the step of a panel. What would be sent follows what is set up, for as long as somebody looks at it; what a
 * step changes outside is shown before it is done the first time.
 */
export function useTrying({ state, step, action, tab, onTab, samples, tests: { trials, run }, isPure, onGo }: Trying) {
  const trial = trials.get(step.id) ?? UNTRIED;
  const effect = trial.preview?.effect ?? trial.test?.effect ?? action?.effect ?? "PURE";
  const isImpossible = action === undefined || samples.isUnreadable;
  const shown = useRef("");
  const wanted = `${state.savedRevision} ${JSON.stringify(samples.asked)}`;
  const previews = tab === "test" && !isImpossible && action.effect !== "PURE" && state.saving === "saved" && trial.busy === null;
  const isFreshTest = isFresh(trial);
  useEffect(() => {
    if (!previews || shown.current === wanted) return;
    // What a good test has sent is there already; a preview follows what changes from here on.
    if (isFreshTest && shown.current === "") {
      shown.current = wanted;
      return;
    }
    const timer = setTimeout(() => {
      shown.current = wanted;
      void run(step.id, samples.asked, false);
    }, SETTLED);
    return () => clearTimeout(timer);
  }, [previews, isFreshTest, wanted, run, step.id, samples.asked]);

  // The first preview is waited for; one that only follows a change keeps nobody from sending.
  const isFirstPreview = trial.busy === "preview" && !trial.preview && !trial.test;
  const preview = () => {
    onTab("test");
    return run(step.id, samples.asked, false);
  };
  const start = async () => {
    onTab("test");
    if (isImpossible || trial.busy === "send" || isFirstPreview) return;
    // What only looks is done at once.
    if (tab !== "test" && action.effect !== "PURE") {
      shown.current = wanted;
      const shownFirst = await run(step.id, samples.asked, false);
      if (shownFirst?.effect !== "READ") return;
    }
    await run(step.id, samples.asked, true);
  };
  /** A step that this one uses: tested where that is harmless, else gone to. */
  const testFirst = async (source: Source) => {
    const tested = isPure(source) ? await run(source.key, samples.asked, true) : null;
    if (tested === null || tested.outcome === "FAILED") onGo(source.key);
  };
  return { trial, effect, isImpossible, isFirstPreview, preview, start, testFirst };
}
