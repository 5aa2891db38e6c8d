"use client";

import { ArrowDown, ArrowUp, Check, Copy, CopyPlus, Ellipsis, History, SkipForward, StickyNote, Trash2, TriangleAlert } from "lucide-react";
import { memo, useMemo, type Ref } from "react";
import { Flow, type FlowCard } from "@/components/flow/flow";
import { Button } from "@/components/ui/button";
import { Menu } from "@/components/ui/menu";
import { StateIcon } from "@/components/ui/state";
import { useToast } from "@/components/ui/toast";
import { useCopy } from "@/components/ui/use-copy";
import { insert, move, moveTo, remove, update, type Draft, type Step } from "./draft";
import type { Scope } from "./mapping/values";
import type { ActionKind } from "./step-panel";
import { summaryOf } from "./step-summary";
import { isFresh, type Trial } from "./test/use-step-tests";
import type { Problem } from "./use-draft";
import { FIELDS } from "./use-field-focus";

export const TRIGGER = "trigger";

const MARKS = {
  wrong: <TriangleAlert aria-hidden size={16} strokeWidth={1.75} className="text-bad-ink" />,
  skipped: <StateIcon state="skipped" />,
  stale: <History aria-hidden size={16} strokeWidth={1.75} className="text-wait-ink" />,
  fresh: <Check aria-hidden size={16} strokeWidth={1.75} className="text-ok-ink" />,
};
const NOTE = <StickyNote aria-hidden size={14} strokeWidth={1.75} className="text-ink-3" />;
// Made once: a card is drawn anew when its mark is another one.
const NOTED = Object.fromEntries(Object.entries(MARKS).map(([state, mark]) => [state, <>{NOTE}{mark}</>])) as typeof MARKS;

type BuilderFlowProps = {
  rootRef: Ref<HTMLDivElement>;
  zoom: number;
  triggerKind: string;
  steps: Step[];
  problems: readonly Problem[];
  actionOf: (app: string, action: string) => ActionKind | undefined;
  /** Something has come in, or was typed, that the steps are tried with. */
  hasSample: boolean;
  scope: Scope;
  trials: ReadonlyMap<string, Trial>;
  selected: string | null;
  onSelect: (id: string) => void;
  onAdd: (index: number) => void;
  onNote: (id: string) => void;
  onChange: (change: (draft: Draft) => Draft) => void;
};

/** The drawing in which a zip is built: a track closes once its step has run. */
export function BuilderFlow({ rootRef, zoom, triggerKind, steps, problems, actionOf, hasSample, scope, trials, selected, onSelect, onAdd, onNote, onChange }: BuilderFlowProps) {
  const drawn = useMemo(() => steps.map(({ id }) => ({ id })), [steps]);
  const cardOf = (id: string): FlowCard => {
    const index = steps.findIndex((step) => step.id === id);
    const step = steps[index];
    if (!step) {
      const name = triggerKind === "manual" ? "Run by hand" : "Webhook";
      const summary = triggerKind === "manual" ? "When somebody presses the button" : "When a request comes in";
      return { app: triggerKind, name, summary, mark: hasSample ? MARKS.fresh : null, label: `Step 1, ${name}. ${summary}${hasSample ? ". Its data is there" : ""}` };
    }
    const wrong = problems.find((problem) => problem.path[1] === id);
    const trial = trials.get(id);
    const stale = trial?.test?.isStale ?? false;
    const fresh = trial !== undefined && isFresh(trial);
    const state = wrong ? "wrong" : step.skip ? "skipped" : stale ? "stale" : fresh ? "fresh" : null;
    const summary = wrong ? wrong.message : step.skip ? "Skipped" : stale ? "Stale: changed since its test" : summaryOf(step, actionOf(step.app, step.action)?.title);
    return {
      app: step.app,
      action: step.action,
      name: step.name,
      summary,
      look: wrong ? "failed" : step.skip ? "skipped" : stale ? "stale" : "rest",
      mark: state ? (step.note ? NOTED : MARKS)[state] : step.note ? NOTE : null,
      label: `Step ${index + 2}, ${step.name}, ${step.app}${fresh ? ", tested" : ""}. ${summary}${step.note ? `. Note: ${step.note}` : ""}`,
    };
  };
  return (
    <Flow
      rootRef={rootRef}
      zoom={zoom}
      trigger={TRIGGER}
      steps={drawn}
      cardOf={cardOf}
      trackState={({ to }) => {
        const step = steps.find((one) => one.id === to);
        if (!step || step.skip) return step ? "skipped" : "open";
        const trial = trials.get(step.id);
        return (trial?.test ? isFresh(trial) : scope.steps[step.id] !== undefined) ? "closed" : "open";
      }}
      selected={selected}
      onSelect={onSelect}
      onCardKey={(id, event) => {
        // The first Enter opens the panel and leaves the focus on the card; the second goes into its form.
        if (event.key !== "Enter" || id !== selected) return;
        event.preventDefault();
        const panel = document.querySelector("[data-panel]");
        (panel?.querySelector<HTMLElement>(`[role=tabpanel] ${FIELDS}`) ?? panel?.querySelector<HTMLElement>(FIELDS))?.focus();
      }}
      onAdd={(_, index) => onAdd(index)}
      onMove={(id, _, index) => onChange((draft) => moveTo(draft, id, index))}
      menuOf={(id) => {
        const index = steps.findIndex((one) => one.id === id);
        const step = steps[index];
        return step ? <CardMenu step={step} index={index} isLast={index === steps.length - 1} onChange={onChange} onSelect={onSelect} onNote={onNote} /> : null;
      }}
    />
  );
}

type CardMenuProps = { step: Step; index: number; isLast: boolean; onChange: (change: (draft: Draft) => Draft) => void; onSelect: (id: string) => void; onNote: (id: string) => void };

const CardMenu = memo(function CardMenu({ step, index, isLast, onChange, onSelect, onNote }: CardMenuProps) {
  const say = useToast();
  const duplicate = () =>
    onChange((draft) => {
      const [next, made] = insert(draft, index + 1, step);
      queueMicrotask(() => onSelect(made));
      return next;
    });
  const toClipboard = useCopy();
  const copy = async () => {
    if (await toClipboard(JSON.stringify(step, null, 2))) say("The step is copied; paste it here or in another zip.");
  };
  const icon = (Icon: typeof Copy) => <Icon aria-hidden size={16} strokeWidth={1.75} />;
  return (
    <Menu
      trigger={<Button look="ghost" size="small" icon aria-label={`Actions for ${step.name}`} className="bg-surface"><Ellipsis aria-hidden size={16} /></Button>}
      items={[
        { words: "Duplicate", icon: icon(CopyPlus), keys: "⌘ D", onSelect: duplicate },
        { words: "Copy", icon: icon(Copy), keys: "⌘ C", onSelect: copy },
        { words: step.skip ? "Don’t skip" : "Skip", icon: icon(SkipForward), keys: "D", onSelect: () => onChange((draft) => update(draft, step.id, { skip: !step.skip })) },
        { words: step.note ? "Edit the note" : "Add a note", icon: icon(StickyNote), keys: "⇧ S", onSelect: () => onNote(step.id) },
        { words: "Move up", icon: icon(ArrowUp), keys: "Alt ↑", disabled: index === 0, onSelect: () => onChange((draft) => move(draft, step.id, -1)) },
        { words: "Move down", icon: icon(ArrowDown), keys: "Alt ↓", disabled: isLast, onSelect: () => onChange((draft) => move(draft, step.id, 1)) },
        "line",
        { words: "Delete", icon: icon(Trash2), keys: "Del", danger: true, onSelect: () => onChange((draft) => remove(draft, step.id)) },
      ]}
    />
  );
});
