import type { ReactNode } from "react";
import type { Step } from "./draft";
import type { Problem } from "./use-draft";

/** A problem of a draft: of which step, what is wrong, and what to do. */
export function problemWords(problem: Problem, steps: readonly Step[]): ReactNode {
  const index = steps.findIndex((step) => step.id === problem.path[1]);
  const step = steps[index];
  return (
    <>
      {step ? <strong dir="auto">{index + 2} {step.name}: </strong> : null}
      {problem.message} {problem.fix}
    </>
  );
}
