"use client";

import Link from "@/components/ui/link";
import { usePathname } from "next/navigation";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useQuery } from "urql";
import { FlowCanvas } from "@/components/flow/flow-canvas";
import { useHere } from "@/components/session/session-provider";
import { Header } from "@/components/shell/header";
import { Button } from "@/components/ui/button";
import { SkeletonRows, Trouble } from "@/components/ui/empty";
import { BuilderConnectionsDocument, BuilderDocument, type BuilderQuery } from "@/gql/graphql";
import { useTitle } from "@/lib/title";
import { ActionPicker } from "./action-picker";
import { BuilderFlow, TRIGGER } from "./builder-flow";
import { BuilderHeader } from "./builder-header";
import type { ChangeWords } from "./change-values";
import { ConflictDialog } from "./conflict-dialog";
import { find, insert, type Json } from "./draft";
import { DraftLine } from "./draft-line";
import { ProblemList } from "./problem-list";
import { PublishDialog } from "./publish-dialog";
import { RunNow } from "./run-now";
import { mappingOf } from "./mapping/sources";
import { loadEditor } from "./mapping/lazy-editor";
import { useSamples } from "./samples/use-samples";
import type { Schema } from "./schema";
import { isOfSettings, StepPanel, type ActionKind, type StepTab } from "./step-panel";
import { useStepTests } from "./test/use-step-tests";
import { TriggerPanel } from "./trigger-panel";
import { useBuilderKeys } from "./use-builder-keys";
import { useCatalog } from "./use-catalog";
import { useDraft, type Problem } from "./use-draft";
import { placeOf, useFieldFocus } from "./use-field-focus";
import { useLast } from "./use-last";
import { useSameItems } from "./use-same-items";
import { VersionsDialog } from "./versions-dialog";

type Zip = NonNullable<BuilderQuery["zip"]>;

/** One zip, drawn and edited. */
export function BuilderPage() {
  const id = usePathname().split("/")[2] ?? "";
  const real = id !== "_";
  const [{ data, error, fetching }, load] = useQuery({ query: BuilderDocument, variables: { id }, pause: !real, requestPolicy: "cache-and-network" });
  // A save asks anew for what is shown; when that fails the zip stays on the screen, with all that is typed into it.
  const known = useLast(data?.zip);
  const zip = known?.id === id && (data?.zip !== null || error) ? known : null;
  useTitle(zip?.name ?? "Zip");
  if (zip) return <Builder key={zip.id} zip={zip} />;
  if (!real || fetching) return <SkeletonRows />;
  return (
    <>
      <Header title="Zip" />
      <Trouble title={error ? "The zip could not be loaded" : "There is no such zip"} action={error ? <Button onClick={() => load({ requestPolicy: "network-only" })}>Try again</Button> : <Link className="text-accent" href="/zips">All zips</Link>}>
        {error ? "It runs on meanwhile." : "It may be deleted, or belong to another workspace."}
      </Trouble>
    </>
  );
}

type Opened = { what: "picker"; index: number } | { what: "publish" | "versions" | "run" } | null;

const BESIDE = 1180; // pixels of the window from which the panel stands beside the drawing, not over it

function Builder({ zip: read }: { zip: Zip }) {
  const { workspace } = useHere();
  // A reading that was under way when it was published knows the version before: the answer counts until the next.
  const [told, setTold] = useState<Partial<Pick<Zip, "state" | "liveVersion">> | null>(null);
  const zip = told?.liveVersion && told.liveVersion.number > (read.liveVersion?.number ?? 0) ? { ...read, ...told } : read;
  const state = useDraft(zip);
  // Who has just made a zip looks for its address, and finds what arrived there first.
  const [selected, setSelected] = useState<string | null>(() => (zip.state === "DRAFT" && innerWidth >= BESIDE ? TRIGGER : null));
  const [tab, setTab] = useState<StepTab>("setup");
  const [opened, setOpened] = useState<Opened>(null);
  const flow = useRef<HTMLDivElement>(null);
  const { apps, actionOf, triggerOf, unread } = useCatalog();
  const [{ data: connections }, loadConnections] = useQuery({ query: BuilderConnectionsDocument, variables: { workspaceId: workspace.id } });
  const triggerKind = zip.trigger?.kind ?? "webhook";
  const tests = useStepTests(zip.id, state);
  const kind = triggerOf(triggerKind);
  const samples = useSamples({ zipId: zip.id, name: zip.name, kind: triggerKind, example: kind?.sample as Json | undefined, outputs: tests.outputs });
  const step = find(state.draft, selected);
  const { scope, isExample } = samples;
  const { steps } = state.draft;
  // Typing into a step changes the draft, and nothing of what the step can use.
  const before = useSameItems(steps.slice(0, Math.max(0, steps.findIndex((one) => one.id === selected))));
  const mapping = useMemo(
    () => mappingOf(before, triggerKind, { scope, isExample }, (one) => actionOf(one.app, one.action)?.output as Schema | undefined),
    [before, triggerKind, scope, isExample, actionOf],
  );
  useEffect(() => void loadEditor().catch(() => undefined), []);
  const goTo = useFieldFocus();
  const close = () => setOpened(null);
  // What is selected once a dialog has closed, which is after the drawing that opened it.
  const latest = useRef(selected);
  useEffect(() => {
    latest.current = selected;
  });
  const cardOf = (id: string | null) => (id === null ? null : flow.current?.querySelector<HTMLElement>(`[data-step="${CSS.escape(id)}"]`));
  const closePanel = () => {
    cardOf(selected)?.focus();
    setSelected(null);
  };

  function add(index: number, action: ActionKind) {
    const [next, id] = insert(state.draft, index, { app: action.app, action: action.key, name: action.title, input: {} });
    state.change(next);
    setSelected(id);
    setTab("setup");
    close();
  }
  const numbers = new Map(steps.map((one, index) => [one.id, index + 2]));
  const words: ChangeWords = {
    actionOf,
    connectionName: (connectionId) => connections?.connections?.nodes.find((one) => one.id === connectionId)?.name,
    numberOf: (stepId) => numbers.get(stepId) ?? null,
  };
  function fix(problem: Problem) {
    const [, stepId, ...path] = problem.path;
    if (!stepId) return;
    const [part, ...within] = path;
    setSelected(stepId);
    setTab(isOfSettings({ path }) ? "settings" : "setup");
    goTo(part === "note" ? placeOf(path) : part === "input" || part === "settings" ? placeOf(within) : null);
  }
  const writeNote = useCallback(
    (id: string) => {
      setSelected(id);
      setTab("settings");
      goTo(placeOf(["note"]));
    },
    [goTo],
  );
  useBuilderKeys({ state, selected, select: setSelected, addAfter: (index) => setOpened({ what: "picker", index }), note: writeNote, publish: () => setOpened({ what: "publish" }), flow });

  return (
    <>
      <BuilderHeader zip={zip} state={state} onOpen={(what) => setOpened({ what })} />
      <div className="relative flex min-h-0 flex-1 max-sm:**:data-panel:bottom-0">
        <div className="flex min-h-0 min-w-0 flex-1 flex-col bg-bg">
          <ProblemList problems={state.problems} steps={state.draft.steps} onGo={fix} />
          <DraftLine zip={zip} state={state} onReview={() => setOpened({ what: "publish" })} />
          {/*
            Beside the data picker the drawing moves over, so that the step stays in view. Not “group-has”, for which
            Chromium works out the style of every card anew whenever one moves: 30 ms of 200 steps.
          */}
          <FlowCanvas className="xl:[main:has([data-makes-room])_&]:pr-[344px]">
            {(zoom) => (
              <BuilderFlow
                rootRef={flow}
                zoom={zoom}
                triggerKind={triggerKind}
                steps={state.draft.steps}
                problems={state.problems}
                actionOf={actionOf}
                hasSample={!isExample}
                scope={scope}
                trials={tests.trials}
                selected={selected}
                onSelect={setSelected}
                onAdd={(index) => setOpened({ what: "picker", index })}
                onNote={writeNote}
                onChange={state.change}
              />
            )}
          </FlowCanvas>
        </div>
        {selected === TRIGGER && zip.trigger ? (
          <TriggerPanel zipId={zip.id} trigger={zip.trigger} schema={kind?.settings as Schema | undefined} samples={samples} onClose={closePanel} />
        ) : step ? (
          <StepPanel
            key={step.id}
            zipId={zip.id}
            state={state}
            step={step}
            tab={tab}
            onTab={setTab}
            action={actionOf(step.app, step.action)}
            unread={unread}
            connections={connections?.connections?.nodes ?? []}
            onConnections={() => loadConnections({ requestPolicy: "network-only" })}
            mapping={mapping}
            samples={samples}
            tests={tests}
            problems={problemsOf(state.problems, step.id)}
            isPure={({ app, action = "" }) => actionOf(app, action)?.effect === "PURE"}
            onGo={(source) => {
              setSelected(source === "trigger" ? TRIGGER : source);
              setTab("test");
            }}
            onFix={(place) => {
              setTab("setup");
              goTo(place);
            }}
            onClose={closePanel}
          />
        ) : null}
      </div>
      {opened?.what === "picker" ? <ActionPicker apps={apps} unread={unread} onPick={(action) => add(opened.index, action)} onClose={close} focusAfter={() => cardOf(latest.current)} /> : null}
      {opened?.what === "publish" ? <PublishDialog zip={zip} state={state} words={words} onFix={fix} onPublished={({ state: now, liveVersion }) => setTold({ state: now, liveVersion })} onClose={close} /> : null}
      {opened?.what === "versions" ? <VersionsDialog zipId={zip.id} words={words} onBack={({ liveVersion, hasUnpublishedChanges }) => {
        setTold({ liveVersion });
        state.setChangedSinceLive(hasUnpublishedChanges);
      }} onClose={close} /> : null}
      {opened?.what === "run" ? <RunNow zip={zip} example={samples.scope.trigger.body} onClose={close} /> : null}
      <ConflictDialog state={state} words={words} />
    </>
  );
}

/** A problem's path is steps, the step's id, then the place within it. */
function problemsOf(problems: readonly Problem[], stepId: string): readonly Problem[] {
  return problems.filter((problem) => problem.path[1] === stepId).map((problem) => ({ ...problem, path: problem.path.slice(2) }));
}
