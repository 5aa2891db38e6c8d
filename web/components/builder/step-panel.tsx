"use client";

import { Check, Eye, History, Play, StickyNote } from "lucide-react";
import type { ReactNode } from "react";
import { Button } from "@/components/ui/button";
import { Keys } from "@/components/ui/keys";
import { Panel } from "@/components/ui/panel";
import { Tabs } from "@/components/ui/tabs";
import { AppTile } from "@/components/ui/tile";
import type { BuilderAppsQuery } from "@/gql/graphql";
import { ago } from "@/lib/format";
import { useNow } from "@/lib/now";
import { inDialog, useShortcuts } from "@/lib/shortcuts";
import { ConnectionField, type ConnectionItem } from "./connection-field";
import { setInput, update, type Step } from "./draft";
import { MappingContext } from "./mapping/mapping-context";
import { untestedOf, type Mapping, type Source } from "./mapping/sources";
import { useDataPicker } from "./mapping/use-data-picker";
import type { Samples } from "./samples/use-samples";
import { useRendered } from "./samples/use-rendered";
import { SchemaForm } from "./schema-form";
import type { Schema } from "./schema";
import { StepSettingsForm } from "./step-settings-form";
import { TestTab } from "./test/test-tab";
import { isFresh, type StepTests, type Trial } from "./test/use-step-tests";
import { useTrying } from "./test/use-trying";
import type { DraftState, Problem } from "./use-draft";
import type { Place } from "./use-field-focus";

export type ActionKind = NonNullable<BuilderAppsQuery["apps"]>[number]["actions"][number];
export type StepTab = "setup" | "test" | "settings";

type StepPanelProps = {
  zipId: string;
  state: DraftState;
  step: Step;
  tab: StepTab;
  onTab: (tab: StepTab) => void;
  action: ActionKind | undefined;
  /** In place of its form while it is not known what its action takes. */
  unread: ReactNode;
  connections: ConnectionItem[];
  /** A connection was made: there are others than `connections`. */
  onConnections: () => void;
  mapping: Mapping;
  samples: Samples;
  tests: StepTests;
  /** Of this step; paths begin after steps and its place. */
  problems: readonly Problem[];
  /** Whether testing it touches nothing outside. */
  isPure: (source: Source) => boolean;
  /** To where a step, or the trigger, gets its data. */
  onGo: (source: string) => void;
  /** To a field of the set-up; null: to its first. */
  onFix: (place: Place) => void;
  onClose: () => void;
};

/** Everything about one step: what it does, what it gives, and how it behaves when things go wrong. */
export function StepPanel({ zipId, state, step, tab, onTab, action, unread, connections, onConnections, mapping, samples, tests, problems, isPure, onGo, onFix, onClose }: StepPanelProps) {
  const index = state.draft.steps.indexOf(step);
  const rendered = useRendered(zipId, step, samples.asked, tests.outputs);
  const { undo, redo, apart } = state;
  const { tools, picker, used } = useDataPicker({ mapping, undo, redo, apart, rendered, onGo });
  const edit = (values: Partial<Step>, field: string) => state.change((draft) => update(draft, step.id, values), `${step.id}.${field}`);
  const { trial, effect, isImpossible, isFirstPreview, preview, start, testFirst } = useTrying({ state, step, action, tab, onTab, samples, tests, isPure, onGo });
  useShortcuts({ "mod+enter": () => void (inDialog() || start()) });
  const setUp = unread ?? (action ? (
    <div className="grid gap-5 px-5 py-4">
      <p className="text-ink-2">{action.description}</p>
      {step.note ? (
        <p className="-mt-2 flex items-start gap-2 rounded-2 bg-well px-3 py-2 text-ink-2">
          <StickyNote role="img" aria-label="Note" size={14} strokeWidth={1.75} className="mt-[3px] shrink-0 text-ink-3" />
          <span dir="auto" className="min-w-0 [overflow-wrap:anywhere] whitespace-pre-wrap">{step.note}</span>
        </p>
      ) : null}
      {problems.filter((problem) => !isOfInput(problem) && !isOfSettings(problem)).map((problem) => (
        <p key={problem.path.join() + problem.code} role="alert" className="rounded-2 border border-bad-line bg-bad-surface px-3 py-2 text-bad-ink">
          {problem.message} {problem.fix}
        </p>
      ))}
      {action.connectionKinds.length ? <ConnectionField step={step} action={action} connections={connections} onChange={(connection) => edit({ connection }, "connection")} onMade={onConnections} /> : null}
      <SchemaForm
        schema={action.input as Schema}
        input={step.input}
        problems={problems.filter(isOfInput).map((problem) => ({ ...problem, path: problem.path.slice(1) }))}
        onChange={(field, value) => state.change((draft) => setInput(draft, step.id, field, value), `${step.id}.${field}`)}
      />
    </div>
  ) : (
    <p className="px-5 py-4 text-bad-ink">There is no action “{step.app}/{step.action}” any more. Delete this step or pick another.</p>
  ));
  return (
    <MappingContext value={tools}>
      <Panel
        label={`Step ${index + 2}, ${step.name}`}
        tile={<AppTile app={step.app} action={step.action} />}
        title={
          <>
            <span aria-hidden className="inline-flex h-5 min-w-5 shrink-0 items-center justify-center rounded-1 bg-accent-press px-1 font-mono text-12 font-text text-accent">{index + 2}</span>
            <input
              aria-label="Name of the step"
              dir="auto"
              value={step.name}
              maxLength={300}
              onChange={(event) => edit({ name: event.target.value }, "name")}
              className="-mx-1 w-full min-w-0 truncate rounded-2 bg-transparent px-1 text-left hover:bg-hover focus-visible:shadow-(--ring-inset)"
            />
          </>
        }
        subtitle={<>{action?.title ?? step.action} · <span className="mono">steps.{step.id}</span></>}
        onClose={onClose}
        footer={
          <>
            <TestState trial={trial} />
            {action && action.effect !== "PURE" ? (
              <Button
                disabled={isImpossible || trial.busy === "send"}
                busy={trial.busy === "preview"}
                onClick={() => void preview()}
              >
                <Eye aria-hidden size={16} strokeWidth={1.75} /> Preview
              </Button>
            ) : null}
            {/* The second click of a double click falls on other words than the first: it would send what nobody has seen. */}
            <Button disabled={isImpossible} aria-disabled={isFirstPreview || undefined} busy={trial.busy === "send"} className={isFirstPreview ? "opacity-70" : ""} onClick={(event) => void (event.detail > 1 || start())}>
              <Play aria-hidden size={14} strokeWidth={1.75} /> {tab === "test" && effect === "WRITE" ? "Send for real" : trial.test ? "Test again" : "Test step"} <span className="max-sm:hidden"><Keys of="⌘ ↵" /></span>
            </Button>
          </>
        }
      >
        <Tabs
          label="Step"
          value={tab}
          onChange={(value) => onTab(value as StepTab)}
          tabs={[
            { value: "setup", label: "Set up", content: setUp },
            {
              value: "test",
              label: <>Test <TestMark trial={trial} /></>,
              content: <TestTab zipId={zipId} step={step} action={action} effect={effect} samples={samples} trial={trial} untested={untestedOf(step, mapping)} onTestFirst={(source) => void testFirst(source)} onFix={onFix} readCalls={tests.readCalls} />,
            },
            { value: "settings", label: "Settings", content: <StepSettingsForm step={step} action={action} problems={problems.filter(isOfSettings)} onEdit={edit} /> },
          ]}
        />
        {tab === "setup" ? picker : null}
        {/* The drawing makes room, and keeps it: a card that moved away from under the pointer would not be clicked. */}
        {tab === "setup" && used ? <span hidden data-makes-room /> : null}
      </Panel>
    </MappingContext>
  );
}

function TestMark({ trial }: { trial: Trial }): ReactNode {
  if (!trial.test) return null;
  if (trial.test.isStale) return <History role="img" aria-label="stale" size={14} className="text-wait-ink" />;
  return isFresh(trial) ? <Check role="img" aria-label="passed" size={14} className="text-ok-ink" /> : null;
}

function TestState({ trial }: { trial: Trial }) {
  const now = useNow();
  const words = trial.busy === "send" ? "Trying it…" : !trial.test ? "Not tested yet" : trial.test.isStale ? "Stale: changed since its test" : `Tested ${ago(trial.test.testedAt, now)}`;
  return <span className={`min-w-0 flex-1 truncate text-12 ${trial.test?.isStale ? "text-wait-ink" : "text-ink-3"}`}>{words}</span>;
}

const isOfInput = (problem: Problem) => problem.path[0] === "input";

/** What is put right in the tab “Settings”. */
export const isOfSettings = ({ path }: Pick<Problem, "path">) => path[0] === "settings" || path[0] === "note";
