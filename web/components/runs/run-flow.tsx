"use client";

import { useMemo } from "react";
import { Flow, type CardLook, type FlowCard } from "@/components/flow/flow";
import type { PlacedTrack } from "@/components/flow/layout";
import type { TrackState } from "@/components/flow/seam";
import { StateIcon } from "@/components/ui/state";
import type { RunPageRunFragment } from "@/gql/graphql";
import { duration } from "@/lib/format";
import type { StepProgress, StepState } from "./progress";

const TRIGGER = "trigger";

const LOOKS: Record<StepState, CardLook> = {
  never: "skipped",
  queued: "queued",
  running: "running",
  waiting: "waiting",
  succeeded: "succeeded",
  failed: "failed",
  skipped: "skipped",
  unknown: "unknown",
};

type RunFlowProps = { run: RunPageRunFragment; progress: StepProgress[]; selected: string | null; onSelect: (id: string | null) => void };

/** The builder's drawing, read-only: closed where data has passed. */
export function RunFlow({ run, progress, selected, onSelect }: RunFlowProps) {
  const byId = useMemo(() => new Map(progress.map((one, index) => [one.step.id, { one, number: index + 2 }])), [progress]);
  const steps = useMemo(() => progress.map((one) => ({ id: one.step.id })), [progress]);
  const cardOf = (id: string): FlowCard => {
    const found = byId.get(id);
    if (!found) return triggerCard(run);
    const { one, number } = found;
    const took = one.tookMs === null ? null : duration(one.tookMs);
    return {
      app: one.step.app,
      action: one.step.action,
      name: one.step.name,
      summary: one.words,
      look: LOOKS[one.state],
      mark: (
        <>
          {took}
          <StateIcon state={one.state === "never" ? "skipped" : one.state} />
        </>
      ),
      label: [`Step ${number}`, one.step.name, one.step.app, one.words, took].filter(Boolean).join(", "),
    };
  };
  const trackState = ({ to }: PlacedTrack): TrackState => {
    const state = to === null ? undefined : byId.get(to)?.one.state;
    if (state === "skipped") return "skipped";
    return state && state !== "queued" && state !== "never" ? "closed" : "open";
  };
  return <Flow trigger={TRIGGER} steps={steps} cardOf={cardOf} trackState={trackState} selected={selected} onSelect={(id) => onSelect(id === TRIGGER ? null : id)} />;
}

function triggerCard(run: RunPageRunFragment): FlowCard {
  const manual = run.event?.method === "MANUAL";
  const name = manual ? "Run by hand" : "Webhook";
  return {
    app: manual ? "manual" : "webhook",
    name,
    summary: run.event ? `${run.event.method} · ${run.event.bodySize} bytes` : "The event is gone",
    look: "succeeded",
    mark: <StateIcon state="succeeded" />,
    label: `Step 1, ${name}, received`,
  };
}
