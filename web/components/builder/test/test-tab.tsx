"use client";

import { CircleCheck, CircleQuestionMark, CircleX, CornerDownRight, TriangleAlert, type LucideIcon } from "lucide-react";
import { useEffect, useRef } from "react";
import { Button } from "@/components/ui/button";
import { ago, bytes, duration, exact } from "@/lib/format";
import { useNow } from "@/lib/now";
import type { Json, Step } from "../draft";
import type { Source } from "../mapping/sources";
import type { Samples } from "../samples/use-samples";
import { fieldsOf, type Schema } from "../schema";
import type { ActionKind } from "../step-panel";
import { CallBox } from "./call-box";
import { GivenBox } from "./given-box";
import { OutputViews } from "./output-views";
import { SampleChoice } from "./sample-choice";
import { placeOf, type Place } from "../use-field-focus";
import type { StepTest, Trial } from "./use-step-tests";
import { verdictOf, type Verdict } from "./words";

type TestTabProps = {
  zipId: string;
  step: Step;
  action: ActionKind | undefined;
  effect: StepTest["effect"];
  samples: Samples;
  trial: Trial;
  /** Steps whose values it uses and that gave none yet. */
  untested: Source[];
  /** Tests such a step; one that reaches outside is only gone to. */
  onTestFirst: (source: Source) => void;
  /** To the field that a problem is about; null: to the first. */
  onFix: (place: Place) => void;
  readCalls: () => void;
};

/** Trying one step: with what, what it would send, and what came of it. */
export function TestTab({ zipId, step, action, effect, samples, trial, untested, onTestFirst, onFix, readCalls }: TestTabProps) {
  const { test, preview, busy, issues, message } = trial;
  const unread = test !== undefined && test.calls === undefined;
  const asked = useRef(false);
  useEffect(() => {
    if (!unread || asked.current) return;
    asked.current = true;
    readCalls();
  }, [unread, readCalls]);
  return (
    <div className="grid gap-4 px-5 py-4">
      <SampleChoice samples={samples} />
      <Notice effect={effect} url={(preview ?? test)?.calls?.[0]?.url} />
      {untested.length ? (
        <div className="grid gap-2 rounded-2 border border-line bg-well px-3 py-2">
          <p className="text-ink-2">It uses what {untested.length === 1 ? "a step" : "steps"} before it give{untested.length === 1 ? "s" : ""}. Test {untested.length === 1 ? "that" : "those"} first:</p>
          <p className="flex flex-wrap gap-2">
            {untested.map((source) => (
              <Button key={source.key} size="small" className="max-w-full" onClick={() => onTestFirst(source)}>
                {source.number} <span dir="auto" className="truncate">{source.title}</span>
              </Button>
            ))}
          </p>
        </div>
      ) : issues.length || message ? (
        <Refused issues={issues} message={message} schema={action?.input as Schema | undefined} onFix={onFix} />
      ) : null}
      <div aria-busy={busy !== null} className="grid gap-4">
        {busy === "send" ? <p role="status" className="text-ink-2">Trying it…</p> : null}
        {preview && preview.outcome === "FAILED" && busy !== "send" ? <NoPreview verdict={verdictOf(preview, exact)} /> : null}
        {preview && action && busy !== "send" && preview.calls?.some((call) => call.method === "CONNECT") ? <GivenBox zipId={zipId} step={step} schema={action.input as Schema} asked={samples.asked} /> : null}
        {preview && busy !== "send" ? preview.calls?.map((call, index) => <CallBox key={index} call={call} isPreview withBody />) : null}
        {test && busy !== "send" ? <Result step={step} test={test} /> : null}
        {!test && !preview && busy === null && !issues.length && !message ? <p className="text-ink-3">It was never tried. What it gives is then offered to the steps after it.</p> : null}
      </div>
    </div>
  );
}

/** It would fail before anything is sent. */
function NoPreview({ verdict }: { verdict: Verdict }) {
  return (
    <div role="alert" className="rounded-2 border border-bad-line bg-bad-surface px-3 py-2 text-bad-ink">
      <p className="font-strong [overflow-wrap:anywhere]">{verdict.words}</p>
      {verdict.advice ? <p>{verdict.advice}</p> : null}
    </div>
  );
}

function Refused({ issues, message, schema, onFix }: Pick<Trial, "issues" | "message"> & { schema: Schema | undefined; onFix: (place: Place) => void }) {
  const labels = new Map(schema ? fieldsOf(schema).map(({ name, label }) => [name, label]) : []);
  return (
    <div role="alert" className="grid gap-1 rounded-2 border border-bad-line bg-bad-surface px-3 py-2 text-bad-ink">
      <p className="font-strong">{message ?? "It can’t be tried yet. Nothing was sent."}</p>
      <ul className="grid gap-1">
        {issues.slice(0, 20).map((issue) => {
          const [, , part, ...within] = issue.path;
          const [field = "", ...deeper] = within;
          const place = [labels.get(field) ?? field, ...deeper].filter(Boolean).join(" › ");
          return (
            <li key={issue.path.join() + issue.code}>
              <button type="button" onClick={() => onFix(part === "input" ? placeOf(within) : null)} className="rounded-2 text-left [overflow-wrap:anywhere] hover:underline">
                {place && !issue.message.startsWith(place) ? <strong dir="auto">{place}: </strong> : null}
                {issue.message} {issue.fix}
              </button>
            </li>
          );
        })}
      </ul>
    </div>
  );
}

function Notice({ effect, url }: { effect: StepTest["effect"]; url: string | undefined }) {
  if (effect === "PURE") return <p className="text-12 text-ink-3">Testing it touches nothing outside of Zipped.</p>;
  const host = hostOf(url);
  if (effect === "READ") return <p className="text-12 text-ink-3">Testing it really asks {host ?? "the other side"}, and changes nothing there.</p>;
  return (
    <p className="flex items-start gap-2 rounded-2 border border-wait-line bg-wait-surface px-3 py-2 text-wait-ink">
      <TriangleAlert aria-hidden size={16} strokeWidth={1.75} className="mt-0.5 shrink-0" />
      <span className="text-ink-2"><strong className="text-wait-ink">This test really sends.</strong> What it does at {host ?? "the other side"} stays done. The preview shows the request without sending it.</span>
    </p>
  );
}

function hostOf(url: string | undefined): string | null {
  try {
    return url ? new URL(url).host || null : null;
  } catch {
    return url ?? null;
  }
}

const TONES: Record<Verdict["tone"], { icon: LucideIcon; color: string }> = {
  ok: { icon: CircleCheck, color: "text-ok-ink" },
  bad: { icon: CircleX, color: "text-bad-ink" },
  odd: { icon: CircleQuestionMark, color: "text-odd-ink" },
  idle: { icon: CornerDownRight, color: "text-ink-2" },
};

function Result({ step, test }: { step: Step; test: StepTest }) {
  const now = useNow();
  const verdict = verdictOf(test, exact);
  const { icon: Icon, color } = TONES[verdict.tone];
  const worked = test.output !== null && test.output !== undefined;
  const status = test.calls?.at(-1)?.response?.status;
  return (
    <section aria-label="Result" className="grid gap-3 border-t border-line pt-4">
      <div role="status" className="flex items-start gap-2">
        <Icon aria-hidden size={16} strokeWidth={1.75} className={`mt-0.5 shrink-0 ${color}`} />
        <div className="min-w-0 flex-1">
          <div className="flex flex-wrap items-baseline justify-between gap-x-3">
            <p className={`min-w-0 font-strong [overflow-wrap:anywhere] ${verdict.tone === "ok" ? "" : color}`}>{verdict.words}</p>
            <p className="shrink-0 text-12 text-ink-3 tabular-nums" title={exact(test.testedAt)}>
              {[status, duration(test.durationMs), test.outputSize === null ? null : bytes(test.outputSize), ago(test.testedAt, now)].filter(Boolean).join(" · ")}
            </p>
          </div>
          {verdict.advice ? <p className="text-ink-2">{verdict.advice}</p> : null}
          {test.isStale ? <p className="text-wait-ink">Stale: the step, or what it uses, has changed since.</p> : null}
          {test.isRemembered ? null : <p className="text-wait-ink">It could not be kept: later steps don’t see this result.</p>}
        </div>
      </div>
      {test.calls?.map((call, index) => <CallBox key={index} call={call} isPreview={false} withBody={!worked} />)}
      {worked ? <OutputViews title="Output" value={test.output as Json} root={["steps", step.id]} /> : null}
    </section>
  );
}
