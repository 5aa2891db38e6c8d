"use client";

import { Checkbox, Field, Input, Select, Textarea } from "@/components/ui/field";
import { USUAL_TRIES, type Step } from "./draft";
import type { ActionKind } from "./step-panel";
import type { Problem } from "./use-draft";

type StepSettingsFormProps = {
  step: Step;
  action: ActionKind | undefined;
  /** Of the settings and the note; paths begin with those words. */
  problems: readonly Problem[];
  onEdit: (values: Partial<Step>, field: string) => void;
};

/** How a step behaves when things go wrong, and what is said about it. */
export function StepSettingsForm({ step, action, problems, onEdit }: StepSettingsFormProps) {
  const settings = step.settings ?? {};
  const set = (values: Partial<typeof settings>) => onEdit({ settings: { ...settings, ...values } }, "settings");
  const writes = action?.effect !== "PURE";
  const at = (place: string) => problems.find((problem) => problem.path.join(".") === place);
  const elsewhere = problems.filter((problem) => problem !== at("note") && !(writes && problem === at("settings.timeoutSeconds")));
  return (
    <div className="grid gap-5 px-5 py-4">
      {elsewhere.map((problem) => (
        <p key={problem.path.join() + problem.code} role="alert" className="rounded-2 border border-bad-line bg-bad-surface px-3 py-2 text-bad-ink">{wordsOf(problem)}</p>
      ))}
      <Checkbox label="Skip this step" checked={step.skip ?? false} onChange={(event) => onEdit({ skip: event.target.checked }, "skip")} />
      {writes ? (
        <>
          <div data-field="timeoutSeconds">
            <Field label="Time limit" hint="Seconds one try may take, up to 900." error={wordsOf(at("settings.timeoutSeconds"))}>
              {(ids) => <Input {...ids} type="number" min={1} max={900} value={settings.timeoutSeconds ?? ""} placeholder={String(action?.timeoutSeconds ?? 30)} onChange={(event) => set({ timeoutSeconds: event.target.value ? Number(event.target.value) : undefined })} />}
            </Field>
          </div>
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
      <div data-field="note">
        <Field label="Note" mark="Optional" hint="For who reads the zip; it stands above the step’s fields." error={wordsOf(at("note"))}>
          {(ids) => <Textarea {...ids} dir="auto" value={step.note ?? ""} onChange={(event) => onEdit({ note: event.target.value || undefined }, "note")} />}
        </Field>
      </div>
    </div>
  );
}

const wordsOf = (problem: Problem | undefined) => (problem ? `${problem.message} ${problem.fix}`.trim() : null);
