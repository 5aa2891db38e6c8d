"use client";

import { Ban, Play, Workflow } from "lucide-react";
import { useRouter } from "next/navigation";
import { useRef, useState } from "react";
import { useClient, useMutation } from "urql";
import { inputOf, isWhole } from "@/components/events/run-event";
import { Button } from "@/components/ui/button";
import { useToast } from "@/components/ui/toast";
import { CancelRunDocument, EventDetailDocument, RunZipDocument, type RunPageRunFragment } from "@/gql/graphql";
import { useCommands } from "@/lib/commands";
import { asIs } from "@/lib/graphql/as-is";
import { failure } from "@/lib/graphql/result";
import { useActKey } from "@/lib/keys";
import { useShortcuts } from "@/lib/shortcuts";
import { isFinal } from "./progress";

/** What can be done with a run: cancel it while it goes on, run it again once it has ended. */
export function RunActions({ run }: { run: RunPageRunFragment }) {
  const router = useRouter();
  const { again, starting } = useAgain(run);
  const { cancel, cancelling } = useCancel(run);
  const doing = isFinal(run)
    ? run.zip && { words: "Run again", icon: Play, keys: "R", act: again }
    : { words: "Cancel run", icon: Ban, keys: "C", act: cancel };
  useShortcuts(doing ? { [doing.keys.toLowerCase()]: doing.act } : {});
  useCommands([...(doing ? [doing] : []), ...(run.zip ? [{ words: `Open “${run.zip.name}”`, icon: Workflow, act: () => router.push(`/zips/${run.zip?.id}`) }] : [])]);
  if (!doing) return null;
  const Icon = doing.icon;
  return (
    <Button look={isFinal(run) ? "plain" : "danger"} busy={starting || cancelling} onClick={doing.act}><Icon aria-hidden size={14} strokeWidth={1.75} /> {doing.words}</Button>
  );
}

function useCancel(run: RunPageRunFragment) {
  const say = useToast();
  const [{ fetching: cancelling }, mutate] = useMutation(CancelRunDocument);
  async function cancel() {
    const { data, error } = await mutate({ runId: run.id });
    const wrong = failure(data?.cancelRun, error);
    say(wrong ?? "The run is cancelled. What its steps did before stays done.", { bad: Boolean(wrong) });
  }
  return { cancel: () => void cancel(), cancelling };
}

/** Starts a run of the zip's live version with what this one began with. */
function useAgain(run: RunPageRunFragment) {
  const say = useToast();
  const router = useRouter();
  const client = useClient();
  const [, start] = useMutation(RunZipDocument);
  const key = useActKey();
  const [starting, setStarting] = useState(false);
  // A key that is held down is one wish.
  const busy = useRef(false);
  /** Where it runs; else why it does not. */
  async function again(): Promise<{ to: string } | { wrong: string }> {
    if (!run.zip || !run.event) return { wrong: "What it began with is gone, so it can’t be run again." };
    const { data: brought, error: unread } = await client.query(EventDetailDocument, { id: run.event.id }).toPromise();
    if (!brought) return { wrong: failure(undefined, unread) ?? "" };
    if (!brought.event || !isWhole(brought.event)) return { wrong: "What it began with is not kept as text, so it can’t be run again from here." };
    const { data, error } = await start({ input: { zipId: run.zip.id, input: asIs(inputOf(brought.event.body?.text)), idempotencyKey: key.of(run.id) } });
    if (data) key.answered();
    return data?.runZip.__typename === "RunZipSuccess" ? { to: `/runs/${data.runZip.run.id}` } : { wrong: failure(data?.runZip, error) ?? "" };
  }
  const act = async () => {
    if (busy.current) return;
    busy.current = true;
    setStarting(true);
    const done = await again();
    if ("to" in done) router.push(done.to);
    else say(done.wrong, { bad: true });
    busy.current = false;
    setStarting(false);
  };
  return { again: () => void act(), starting };
}
