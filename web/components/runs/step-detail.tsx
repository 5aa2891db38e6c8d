"use client";

import { useEffect, useState } from "react";
import { useQuery } from "urql";
import { Button } from "@/components/ui/button";
import { CopyButton } from "@/components/ui/copy-button";
import { Trouble } from "@/components/ui/empty";
import { JsonView } from "@/components/ui/json-view";
import { Box } from "@/components/ui/panel";
import { StateIcon, stateOf, StateText } from "@/components/ui/state";
import { Tabs } from "@/components/ui/tabs";
import { AppTile } from "@/components/ui/tile";
import { RunStepDataDocument, type RunPageRunFragment } from "@/gql/graphql";
import { count, duration } from "@/lib/format";
import type { StepProgress } from "./progress";
import { RunTrouble } from "./run-trouble";

const REST = 200; // milliseconds between two readings of a run that moves

/** What went into a step, what came out of it, and each of its tries. */
export function StepDetail({ run, progress }: { run: RunPageRunFragment; progress: StepProgress }) {
  const { step, attempts, state, words } = progress;
  // Until somebody chooses: its tries where one went wrong, also when that happens before their eyes.
  const [chosen, setTab] = useState<string | null>(null);
  const tab = chosen ?? (state === "failed" || state === "unknown" || (state === "waiting" && run.waitsFor === "RETRY") ? "tries" : "output");
  const last = attempts.at(-1);
  const [{ data, fetching, error }, readAgain] = useQuery({ query: RunStepDataDocument, variables: { id: run.id }, pause: !last });
  // Payloads are read once a step is looked at, and again when the run has moved since: one reading after the other.
  const isBehind = data?.run != null && data.run.seq < run.seq && !fetching && !error;
  useEffect(() => {
    if (!isBehind) return;
    const timer = setTimeout(() => readAgain({ requestPolicy: "network-only" }), REST);
    return () => clearTimeout(timer);
  }, [isBehind, readAgain]);
  const read = data?.run?.steps.filter((attempt) => attempt.stepId === step.id) ?? [];
  const detail = read.at(-1);
  const unread = error && !detail ? <Unread onAgain={() => readAgain({ requestPolicy: "network-only" })} /> : null;
  const failedWith = state === "failed" || state === "unknown" ? last?.error : null;
  return (
    <section aria-label={step.name} className="flex min-h-0 flex-1 flex-col">
      <header className="flex items-start gap-3 px-5 pt-4 pb-2">
        <AppTile app={step.app} action={step.action} />
        <div className="min-w-0">
          <h2 className="flex min-w-0 items-center gap-2 text-16 font-title">
            <span dir="auto" className="truncate">{step.name}</span>
            <span className="shrink-0 text-13"><StateText state={state === "never" ? "skipped" : state} /></span>
          </h2>
          <p className="text-12 text-ink-3">{attempts.length ? factsOf(progress) : words}</p>
        </div>
      </header>
      {failedWith ? <RunTrouble run={run} error={failedWith} unknown={state === "unknown"} /> : null}
      {state === "waiting" ? <Waiting run={run} words={words} /> : null}
      <Tabs
        label="Step"
        value={tab}
        onChange={setTab}
        tabs={[
          { value: "output", label: "Output", content: unread ?? <><Stopped by={step} output={detail?.output} /><Value value={detail?.output} root={`steps.${step.id}`} none={fetching ? "Reading…" : last ? (state === "running" ? "Nothing yet: it is running." : "Nothing came out.") : "It has not run yet."} /></> },
          { value: "input", label: "Input", content: unread ?? <Value value={detail?.input} none={fetching ? "Reading…" : last ? "It has no input." : "It has not run yet."} /> },
          {
            value: "tries",
            label: <>Tries <span className="text-12 text-ink-3">{attempts.length}</span></>,
            content: (
              <ol className="grid gap-4 px-5 py-4">
                {attempts.map((attempt) => (
                  <li key={attempt.attempt} className="flex gap-3">
                    <StateIcon state={stateOf(attempt.status)} />
                    <div className="min-w-0 flex-1">
                      <div className="flex justify-between gap-2">
                        <strong>Try {attempt.attempt}</strong>
                        <span className="text-ink-3 tabular-nums">{attempt.startedAt && attempt.finishedAt ? duration(new Date(attempt.finishedAt).getTime() - new Date(attempt.startedAt).getTime()) : ""}</span>
                      </div>
                      {attempt.error ? <p className="break-words text-ink-2">{attempt.error.message}</p> : null}
                      <Raw of={read.find((one) => one.attempt === attempt.attempt)?.error?.detail} />
                      {attempt.isMaybeRepeated ? <p className="text-odd-ink">An earlier try may have had its effect already; it was sent under the same key.</p> : null}
                      {attempt.effect === "WRITE" ? (
                        <p className="mono flex items-center gap-1 text-ink-3">Idempotency-Key {attempt.idempotencyKey} <CopyButton text={attempt.idempotencyKey} label="Copy the idempotency key" /></p>
                      ) : null}
                    </div>
                  </li>
                ))}
                {attempts.length === 0 ? <li className="text-ink-3">It has not run yet.</li> : null}
              </ol>
            ),
          },
        ]}
      />
    </section>
  );
}

function Unread({ onAgain }: { onAgain: () => void }) {
  return <Trouble title="What went in and out could not be loaded" action={<Button onClick={onAgain}>Try again</Button>}>It is stored; the run does not depend on it.</Trouble>;
}

/** What a step is called in expressions, how long it took, how often it was tried. */
function factsOf({ step, attempts, tookMs }: StepProgress) {
  return (
    <>
      <span className="mono">steps.{step.id}</span>
      {[tookMs === null ? "" : duration(tookMs), attempts.length ? count(attempts.length, "try", "tries") : "not run"].filter(Boolean).map((fact) => ` · ${fact}`)}
    </>
  );
}

/** What the other side said, as it came. */
function Raw({ of }: { of: unknown }) {
  if (of === null || of === undefined || (typeof of === "object" && Object.keys(of).length === 0)) return null;
  return <div className="mt-2"><Box title="As it came"><JsonView value={of} /></Box></div>;
}

function Waiting({ run, words }: { run: RunPageRunFragment; words: string }) {
  return (
    <div className="mx-5 mb-3 grid gap-1 rounded-2 border border-wait-line bg-wait-surface px-3 py-2 text-wait-ink">
      <p className="font-strong break-words">{words}</p>
      <p>{run.waitsFor === "RETRY" ? "Nothing has to be done: it tries again by itself, under the same key." : "Nothing has to be done: it goes on by itself, also after a restart."}</p>
    </div>
  );
}

/** Why a filter let nothing past, in its own words. */
function Stopped({ by: { app, action }, output }: { by: StepProgress["step"]; output: unknown }) {
  const told = output as { matched?: unknown; reason?: unknown } | null | undefined;
  if (app !== "flow" || action !== "filter" || told?.matched !== false || typeof told.reason !== "string") return null;
  return <p dir="auto" className="mx-5 mt-4 rounded-2 border border-line bg-well px-3 py-2 break-words text-ink-2">It went no further: {told.reason}.</p>;
}

function Value({ value, root, none }: { value: unknown; root?: string; none: string }) {
  if (value === undefined || value === null) return <p className="px-5 py-4 text-ink-3">{none}</p>;
  return <div className="pr-5 pl-3"><JsonView value={value} root={root} /></div>;
}
