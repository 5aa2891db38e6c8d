"use client";

import Link from "@/components/ui/link";
import { useMemo, useState } from "react";
import { Checkbox, Field, Input, Select, Textarea } from "@/components/ui/field";
import { Panel } from "@/components/ui/panel";
import { Tabs } from "@/components/ui/tabs";
import { AppTile } from "@/components/ui/tile";
import type { BuilderAppsQuery, BuilderConnectionsQuery } from "@/gql/graphql";
import { DataPicker } from "./data-picker";
import { setInput, update, USUAL_TRIES, type Step } from "./draft";
import { PickerContext } from "./expression-field";
import type { Scope } from "./samples";
import { SchemaForm } from "./schema-form";
import type { Schema } from "./schema";
import type { DraftState, Problem } from "./use-draft";

export type ActionKind = NonNullable<BuilderAppsQuery["apps"]>[number]["actions"][number];
type ConnectionItem = NonNullable<BuilderConnectionsQuery["connections"]>["nodes"][number];

type StepPanelProps = {
  state: DraftState;
  step: Step;
  action: ActionKind | undefined;
  connections: ConnectionItem[];
  scope: Scope;
  /** Of this step; paths begin after steps and its place. */
  problems: readonly Problem[];
  onClose: () => void;
};

/** Everything about one step: what it does, and how it behaves when things go wrong. */
export function StepPanel({ state, step, action, connections, scope, problems, onClose }: StepPanelProps) {
  const [tab, setTab] = useState("setup");
  const [picking, setPicking] = useState<((text: string) => void) | null>(null);
  const index = state.draft.steps.indexOf(step);
  const picker = useMemo(() => ({ scope, open: (target: { insert: (text: string) => void }) => setPicking(() => target.insert) }), [scope]);
  const edit = (values: Partial<Step>, field: string) => state.change((draft) => update(draft, step.id, values), `${step.id}.${field}`);
  return (
    <PickerContext value={picker}>
      <Panel
        label={`Step ${index + 2}, ${step.name}`}
        tile={<AppTile app={step.app} action={step.action} />}
        title={
          <input
            aria-label="Name of the step"
            dir="auto"
            value={step.name}
            maxLength={300}
            onChange={(event) => edit({ name: event.target.value }, "name")}
            className="-mx-1 w-full min-w-0 rounded-2 bg-transparent px-1 hover:bg-hover"
          />
        }
        subtitle={<>{action?.title ?? step.action} · <span className="mono">steps.{step.id}</span></>}
        onClose={onClose}
      >
        <Tabs
          label="Step"
          value={tab}
          onChange={setTab}
          tabs={[
            {
              value: "setup",
              label: "Set up",
              content: action ? (
                <div className="grid gap-5 px-5 py-4">
                  <p className="text-ink-2">{action.description}</p>
                  {problems.filter((problem) => !isOfInput(problem)).map((problem) => (
                    <p key={problem.path.join() + problem.code} role="alert" className="rounded-2 border border-bad-line bg-bad-surface px-3 py-2 text-bad-ink">
                      {problem.message} {problem.fix}
                    </p>
                  ))}
                  {action.connectionKinds.length ? (
                    <Field label="Connection" mark={action.isConnectionRequired ? null : "Optional"} hint={<Link className="text-accent hover:underline" href="/connections">Make or test connections</Link>}>
                      {(ids) => (
                        <Select {...ids} value={step.connection ?? ""} onChange={(event) => edit({ connection: event.target.value || null }, "connection")}>
                          <option value="">None</option>
                          {connections.filter((one) => action.connectionKinds.includes(one.kind)).map((one) => (
                            <option key={one.id} value={one.id}>{one.name}</option>
                          ))}
                        </Select>
                      )}
                    </Field>
                  ) : null}
                  <SchemaForm
                    key={step.id}
                    schema={action.input as Schema}
                    input={step.input}
                    problems={problems.filter(isOfInput).map((problem) => ({ ...problem, path: problem.path.slice(1) }))}
                    onChange={(field, value) => state.change((draft) => setInput(draft, step.id, field, value), `${step.id}.${field}`)}
                  />
                </div>
              ) : (
                <p className="px-5 py-4 text-bad-ink">There is no action “{step.app}/{step.action}” any more. Delete this step or pick another.</p>
              ),
            },
            { value: "settings", label: "Settings", content: <StepSettingsForm step={step} action={action} onEdit={edit} /> },
          ]}
        />
        {picking && tab === "setup" ? <DataPicker scope={scope} before={state.draft.steps.slice(0, index)} onPick={picking} /> : null}
      </Panel>
    </PickerContext>
  );
}

const isOfInput = (problem: Problem) => problem.path[0] === "input";

function StepSettingsForm({ step, action, onEdit }: { step: Step; action: ActionKind | undefined; onEdit: (values: Partial<Step>, field: string) => void }) {
  const settings = step.settings ?? {};
  const set = (values: Partial<typeof settings>) => onEdit({ settings: { ...settings, ...values } }, "settings");
  const writes = action?.effect !== "PURE";
  return (
    <div className="grid gap-5 px-5 py-4">
      <Checkbox label="Skip this step" checked={step.skip ?? false} onChange={(event) => onEdit({ skip: event.target.checked }, "skip")} />
      {writes ? (
        <>
          <Field label="Time limit" hint="Seconds one try may take, up to 900.">
            {(ids) => <Input {...ids} type="number" min={1} max={900} value={settings.timeoutSeconds ?? ""} placeholder={String(action?.timeoutSeconds ?? 30)} onChange={(event) => set({ timeoutSeconds: event.target.value ? Number(event.target.value) : undefined })} />}
          </Field>
          <Field label="Tries" hint="How often it is tried when the other side is busy or away; the waits grow from 1 second to 6 hours.">
            {(ids) => (
              <Select {...ids} value={settings.retry?.attempts === USUAL_TRIES ? "" : (settings.retry?.attempts ?? "")} onChange={(event) => set({ retry: event.target.value ? { attempts: Number(event.target.value) } : undefined })}>
                <option value="">As usual ({USUAL_TRIES})</option>
                {Array.from({ length: USUAL_TRIES - 1 }, (_, index) => index + 1).map((tries) => <option key={tries} value={tries}>{tries}</option>)}
              </Select>
            )}
          </Field>
        </>
      ) : null}
      <Field label="When it fails for good">
        {(ids) => (
          <Select {...ids} value={settings.onError ?? "stop"} onChange={(event) => set({ onError: event.target.value as "stop" | "continue" })}>
            <option value="stop">The run fails</option>
            <option value="continue">The run goes on</option>
          </Select>
        )}
      </Field>
      {writes ? (
        <Field label="When nobody knows whether it went through" hint="A worker may die in the middle of a request. It is then sent again under the same Idempotency-Key, unless you ask to stop.">
          {(ids) => (
            <Select {...ids} value={settings.onUnknown ?? "repeat"} onChange={(event) => set({ onUnknown: event.target.value as "repeat" | "stop" })}>
              <option value="repeat">Send it again under the same key</option>
              <option value="stop">Stop and let me look</option>
            </Select>
          )}
        </Field>
      ) : null}
      <Field label="Note" mark="Optional">
        {(ids) => <Textarea {...ids} dir="auto" value={step.note ?? ""} onChange={(event) => onEdit({ note: event.target.value || undefined }, "note")} />}
      </Field>
    </div>
  );
}
