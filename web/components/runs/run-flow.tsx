"use client";

import { memo, useMemo } from "react";
import { Flow, type CardLook, type FlowCard } from "@/components/flow/flow";
import type { PlacedTrack } from "@/components/flow/layout";
import type { TrackState } from "@/components/flow/seam";
import { StateIcon } from "@/components/ui/state";
import type { RunPageRunFragment } from "@/gql/graphql";
import { bytes, duration } from "@/lib/format";
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

type RunFlowProps = { run: RunPageRunFragment; progress: StepProgress[]; zoom: number; selected: string | null; onSelect: (id: string | null) => void };

/** The builder's drawing, read-only: closed where data has passed. Drawn when the run moves, not with each tick of its time. */
export const RunFlow = memo(function RunFlow({ run, progress, zoom, selected, onSelect }: RunFlowProps) {
  const byId = useMemo(() => new Map(progress.map((one, index) => [one.step.id, { one, number: index + 2 }])), [progress]);
  const steps = useMemo(() => progress.map((one) => ({ id: one.step.id })), [progress]);
  const cardOf = (id: string): FlowCard => {
    const found = byId.get(id);
    if (!found) return triggerCard(run);
    const { one, number } = found;
    // What waits has not taken its time yet.
    const took = one.tookMs === null || one.state === "waiting" ? null : duration(one.tookMs);
    return {
      app: one.step.app,
      action: one.step.action,
      name: one.step.name,
      summary: one.words,
      look: LOOKS[one.state],
      mark: (
        <>
          <Slider at={one.state} />
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
  return <Flow zoom={zoom} trigger={TRIGGER} steps={steps} cardOf={cardOf} trackState={trackState} selected={selected} onSelect={(id) => onSelect(id === TRIGGER ? null : id)} />;
});

const SLIDERS: Partial<Record<StepState, string>> = { running: "fill-accent", waiting: "fill-(--wait-solid)", failed: "fill-(--bad-solid)", unknown: "fill-(--odd-solid)" };

/** Where the run is now, or where it ended too early: on the seam, at the top of the card. */
function Slider({ at }: { at: StepState }) {
  const fill = SLIDERS[at];
  if (!fill) return null;
  return (
    <svg aria-hidden width="17" height="19" viewBox="-2 -2 17 19" className="absolute -top-[13px] left-1/2 -translate-x-1/2">
      <rect width="13" height="15" rx="3.5" strokeWidth="3" className={`${fill} stroke-bg [paint-order:stroke]`} />
      <rect x="4.5" y="7" width="4" height="5" rx="2" className="fill-bg" />
    </svg>
  );
}

function triggerCard(run: RunPageRunFragment): FlowCard {
  const manual = run.event?.method === "MANUAL";
  const name = manual ? "Run by hand" : "Webhook";
  return {
    app: manual ? "manual" : "webhook",
    name,
    summary: run.event ? `${run.event.method} · ${bytes(run.event.bodySize)}` : "The event is gone",
    look: "succeeded",
    mark: <StateIcon state="succeeded" />,
    label: `Step 1, ${name}, received`,
  };
}
