/** What a run's attempts say about each of its steps. Pure, so that the drawing, the waterfall and the words agree. */

import type { RunPageRunFragment } from "@/gql/graphql";
import { duration, momentWords } from "@/lib/format";

export type RunStep = { id: string; app: string; action: string; name: string; skip?: boolean };
export type Attempt = RunPageRunFragment["steps"][number];
export type StepState = "queued" | "running" | "waiting" | "succeeded" | "failed" | "skipped" | "unknown" | "never";

export type StepProgress = {
  step: RunStep;
  /** “never”: the run ended before it, or while it waited. */
  state: StepState;
  attempts: Attempt[];
  /** From its first try to its last, in milliseconds; null while there is nothing to say. */
  tookMs: number | null;
  /** When a wait after its last try began and ended, as a delay asks for; `until` is null while it lasts. */
  waited: { from: string; until: string | null } | null;
  /** One line of plain words. */
  words: string;
};

const FINAL = new Set(["SUCCEEDED", "FAILED", "CANCELLED", "DEAD"]);

export const isFinal = (run: Pick<RunPageRunFragment, "status">) => FINAL.has(run.status);

/** The steps of the version a run follows, in order. */
export function stepsOf(run: RunPageRunFragment): RunStep[] {
  const definition = run.version?.definition as { steps?: RunStep[] } | undefined;
  return definition?.steps ?? [];
}

export function progressOf(run: RunPageRunFragment): StepProgress[] {
  const steps = stepsOf(run);
  const reached = steps.findLastIndex((step) => run.steps.some((attempt) => attempt.stepId === step.id));
  return steps.map((step, index) => {
    const attempts = run.steps.filter((attempt) => attempt.stepId === step.id).sort((a, b) => a.attempt - b.attempt);
    const last = attempts.at(-1);
    const current = index === reached && !isFinal(run);
    const cut = index === reached && run.status === "CANCELLED" && isDelay(step) && last?.status === "SUCCEEDED";
    const state = cut ? "never" : stateOf(run, last, current);
    const next = run.steps.find((attempt) => attempt.stepId === steps[index + 1]?.id && attempt.attempt === 1);
    const waited = waitOf(run, step, last, next, current);
    return { step, attempts, state, tookMs: took(attempts), waited, words: cut ? "Cancelled while it waited" : words(run, state, attempts, current) };
  });
}

const isDelay = (step: RunStep) => step.app === "flow" && step.action === "delay";

function stateOf(run: RunPageRunFragment, last: Attempt | undefined, current: boolean): StepState {
  if (!last) return isFinal(run) ? "never" : "queued";
  if (current && run.status === "WAITING") return "waiting";
  if (last.status === "STARTED") return isFinal(run) ? "unknown" : "running";
  if (last.status === "FAILED" && current) return "running";
  return last.status.toLowerCase() as StepState;
}

/** A delay's try is over at once; its wait lies between that and the next step's start, or the run's end. */
function waitOf(run: RunPageRunFragment, step: RunStep, last: Attempt | undefined, next: Attempt | undefined, current: boolean): StepProgress["waited"] {
  if (!last?.finishedAt || last.status === "SKIPPED") return null;
  const waits = isDelay(step) || (current && run.status === "WAITING");
  if (!waits || last.status === "FAILED") return current && run.status === "WAITING" ? { from: last.finishedAt, until: null } : null;
  return { from: last.finishedAt, until: next?.startedAt ?? run.finishedAt ?? null };
}

function took(attempts: Attempt[]): number | null {
  const first = attempts.find((attempt) => attempt.startedAt)?.startedAt;
  const last = attempts.at(-1)?.finishedAt;
  return first && last ? new Date(last).getTime() - new Date(first).getTime() : null;
}

function words(run: RunPageRunFragment, state: StepState, attempts: Attempt[], current: boolean): string {
  const last = attempts.at(-1);
  switch (state) {
    case "never":
      return run.endedBy === "FILTER" ? "Not needed: the filter did not match" : "The run ended before this step";
    case "queued":
      return "Comes later";
    case "waiting":
      if (run.waitsFor === "RETRY") return `Tries again at ${wakeWords(run)}: ${last?.error?.message ?? "no reason given"}`;
      return `Waits until ${wakeWords(run)}`;
    case "running":
      return last?.status === "FAILED" ? `Tries again: ${last.error?.message ?? ""}` : attempts.length > 1 ? `Running, try ${attempts.length}` : "Running";
    case "skipped":
      return "Skipped by its author";
    case "unknown":
      return "Nobody knows whether it had its effect";
    case "failed":
      return last?.error?.message ?? "Failed";
    case "succeeded":
      if (run.endedBy === "FILTER" && !current && isFinal(run)) return "Succeeded";
      return attempts.length > 1 ? `Succeeded on try ${attempts.length}` : "Succeeded";
  }
}

/** When a waiting run goes on: the time, with the day where it is another one than that of its arrival. */
function wakeWords(run: RunPageRunFragment): string {
  return run.wakeAt ? momentWords(run.wakeAt, new Date(run.createdAt)) : "its time";
}

/** How a run ended, or what it does now, in words for its header. */
export function runWords(run: RunPageRunFragment, now: Date): string | undefined {
  if (run.status === "WAITING" && run.wakeAt) {
    const left = new Date(run.wakeAt).getTime() - now.getTime();
    return left > 0 ? `goes on in ${duration(left)}` : "goes on now";
  }
  if (run.endedBy === "FILTER") return "filter did not match";
  const at = stepsOf(run).findIndex((step) => step.id === run.error?.stepId);
  if (run.endedBy === "ERROR" && at >= 0) return `at step ${at + 2}`;
  if (run.endedBy === "CRASH") return `its workers died ${run.crashes} times`;
  if (run.endedBy === "STOP") return "stopped by a step";
  if (run.endedBy === "DEADLINE") return "out of time";
  if (run.finishedAt && run.startedAt) return duration(new Date(run.finishedAt).getTime() - new Date(run.startedAt).getTime());
  return undefined;
}
