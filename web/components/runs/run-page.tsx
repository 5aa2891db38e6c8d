"use client";

import { ChevronLeft } from "lucide-react";
import Link from "@/components/ui/link";
import { usePathname } from "next/navigation";
import { useEffect, useMemo, useState } from "react";
import { useQuery } from "urql";
import { FlowCanvas } from "@/components/flow/flow-canvas";
import { Header } from "@/components/shell/header";
import { LiveMark } from "@/components/shell/live-mark";
import { Button } from "@/components/ui/button";
import { SkeletonRows, Trouble } from "@/components/ui/empty";
import { StateBadge, stateOf, STATES } from "@/components/ui/state";
import { RunPageDocument, RunUpdatesDocument, type RunPageRunFragment } from "@/gql/graphql";
import { ago, exact, shortId } from "@/lib/format";
import { serverNow } from "@/lib/server-time";
import { useStateIcon, useTitle } from "@/lib/title";
import { isFinal, progressOf, runWords } from "./progress";
import { RunActions } from "./run-actions";
import { RunFlow } from "./run-flow";
import { RunTrouble } from "./run-trouble";
import { StepDetail } from "./step-detail";
import { useRunUpdates } from "./use-run-updates";
import { Legend, Waterfall } from "./waterfall";

const TICK = 250; // milliseconds between drawings of a run that moves
const SLOW_TICK = 1_000; // and of one that waits, perhaps for days

/** One run: the zip's own drawing, moving as it happens, and when each step ran. */
export function RunPage() {
  const id = usePathname().split("/")[2] ?? "";
  const real = id !== "_";
  const [{ data, error, fetching }, load] = useQuery({ query: RunPageDocument, variables: { id }, pause: !real });
  const [heard, setHeard] = useState<RunPageRunFragment | null>(null);
  const loaded = data?.run?.id === id ? data.run : null;
  // Whichever is newer: what was read, or what was heard since.
  const run = heard?.id === id && heard.seq >= (loaded?.seq ?? -1) ? heard : loaded;
  useRunUpdates(RunUpdatesDocument, real ? { runId: id } : null, setHeard, () => load({ requestPolicy: "network-only" }));
  useTitle(run ? `${STATES[stateOf(run.status)].word} · ${run.zip?.name ?? "Run"}` : "Run");
  useStateIcon(run ? STATES[stateOf(run.status)].tone : null);

  if (run) return <Shown run={run} />;
  if (!real || fetching) return <SkeletonRows />;
  return (
    <>
      <Header title="Run" />
      <Trouble title={error ? "The run could not be loaded" : "There is no such run"} action={error ? <Button onClick={() => load({ requestPolicy: "network-only" })}>Try again</Button> : <Link className="text-accent" href="/runs">All runs</Link>}>
        {error ? "It goes on meanwhile." : "Its time in the history may be over, or it belongs to another workspace."}
      </Trouble>
    </>
  );
}

function Shown({ run }: { run: RunPageRunFragment }) {
  const now = useTicking(isFinal(run) ? null : run.status === "WAITING" ? SLOW_TICK : TICK);
  const progress = useMemo(() => progressOf(run), [run]);
  // What wants to be looked at first: where it failed, what it waits for, what it does; then what came of it.
  const telling = progress.find((one) => one.state === "failed" || one.state === "unknown" || one.state === "waiting")?.step.id;
  const [chosen, setChosen] = useState<string | null>(null);
  const selected = chosen ?? telling ?? (progress.find((one) => one.state === "running") ?? progress.findLast((one) => one.attempts.length > 0))?.step.id ?? null;
  const step = progress.find((one) => one.step.id === selected);
  return (
    <>
      <Header
        title={<><Link href="/runs" aria-label="Runs" className="text-13 font-text text-ink-3 hover:underline max-sm:inline-grid max-sm:h-9 max-sm:w-7 max-sm:place-items-center"><span className="max-sm:hidden">Runs</span><ChevronLeft aria-hidden size={18} className="sm:hidden" /></Link> <span aria-hidden className="text-ink-4 max-sm:hidden">/</span> <span className="mono text-14! max-sm:hidden" title={run.id}>{shortId(run.id)}</span></>}
        aside={<StateBadge state={stateOf(run.status)} detail={runWords(run, now)} />}
      >
        <RunActions run={run} />
      </Header>
      <dl className="flex shrink-0 gap-x-9 gap-y-2 border-b border-line px-6 py-2 whitespace-nowrap max-lg:overflow-x-auto max-sm:grid max-sm:grid-cols-2 max-sm:px-4">
        <Fact name="Zip">{run.zip ? <Link dir="auto" className="inline-block max-w-[min(288px,100%)] truncate align-bottom hover:underline" href={`/zips/${run.zip.id}`}>{run.zip.name}</Link> : "A deleted zip"}</Fact>
        <Fact name="Arrived"><span title={exact(run.createdAt)}>{ago(run.createdAt, now)}</span></Fact>
        <Fact name="Started by">
          {run.event ? <Link className="hover:underline" href={`/events?event=${run.event.id}`}>{run.event.method === "MANUAL" ? "By hand" : `Webhook ${run.event.method}`}</Link> : "An event that is gone"}
        </Fact>
        <Fact name="Version">{run.version ? `v${run.version.number}${run.version.isLive ? ", live" : ""}` : "Gone"}</Fact>
        {run.crashes ? <Fact name="Worker deaths">{run.crashes}</Fact> : null}
      </dl>
      <p role="status" className="sr-only">{`The run is ${run.status.toLowerCase()}`}</p>
      <div className="grid min-h-0 flex-1 grid-cols-[minmax(0,1fr)_minmax(0,1.2fr)] max-lg:block max-lg:overflow-y-auto">
        <div className="flex min-h-0 flex-col border-r border-line bg-bg max-lg:block max-lg:border-0">
          <FlowCanvas>{(zoom) => <RunFlow run={run} progress={progress} zoom={zoom} selected={selected} onSelect={setChosen} />}</FlowCanvas>
        </div>
        <div className="flex min-h-0 flex-col overflow-y-auto">
          {run.error && !telling ? <div className="pt-4"><RunTrouble run={run} error={run.error} /></div> : null}
          <section className="border-b border-line px-5 py-3">
            <div className="flex h-6 items-center justify-between">
              <h2 className="flex items-center gap-1 font-title">Waterfall {isFinal(run) ? null : <LiveMark />}</h2>
              <Legend />
            </div>
            <div className="-mx-2 max-h-[40vh] overflow-y-auto max-lg:max-h-none">
              <Waterfall run={run} progress={progress} now={now} selected={selected} onSelect={setChosen} />
            </div>
          </section>
          {step ? <StepDetail key={step.step.id} run={run} progress={step} /> : <p className="px-5 py-4 text-ink-3">Choose a step to see what went in and what came out.</p>}
        </div>
      </div>
    </>
  );
}

function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <div className="min-w-0">
      <dt className="text-12 text-ink-3">{name}</dt>
      <dd className="truncate">{children}</dd>
    </div>
  );
}

function useTicking(every: number | null): Date {
  const [now, setNow] = useState(serverNow);
  useEffect(() => {
    if (every === null) return;
    const timer = setInterval(() => setNow(serverNow()), every);
    return () => clearInterval(timer);
  }, [every]);
  return now;
}
