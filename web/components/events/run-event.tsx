"use client";

import { Play } from "lucide-react";
import { useRouter } from "next/navigation";
import { useMutation } from "urql";
import { Button } from "@/components/ui/button";
import { useToast } from "@/components/ui/toast";
import { RunZipDocument, type EventDetailQuery } from "@/gql/graphql";
import { asIs } from "@/lib/graphql/as-is";
import { failure } from "@/lib/graphql/result";
import { newKey } from "@/lib/keys";

type Detail = NonNullable<EventDetailQuery["event"]>;

const RAN = new Set(["ACCEPTED", "DUPLICATE", "HANDSHAKE"]);

/** Whether an event that started nothing can be run by hand: its zip is there, and so is all of its body as text. */
export function canRun(event: Detail): boolean {
  return !RAN.has(event.outcome) && event.zip !== null && event.zip.state !== "DRAFT" && (event.bodySize === 0 || (event.body?.text != null && !event.body.isTruncated));
}

/** What an event's body is as the input of a run by hand: JSON as it is, other text as a text. */
export function inputOf(text: string | null | undefined): unknown {
  if (!text) return null;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Starts a run of the zip's live version with what the event brought. */
export function RunEvent({ event }: { event: Detail }) {
  const say = useToast();
  const router = useRouter();
  const [{ fetching }, start] = useMutation(RunZipDocument);
  async function run() {
    if (!event.zip) return;
    const { data, error } = await start({ input: { zipId: event.zip.id, input: asIs(inputOf(event.body?.text)), idempotencyKey: newKey() } });
    const wrong = failure(data?.runZip, error);
    if (wrong) say(wrong, { bad: true });
    if (data?.runZip.__typename === "RunZipSuccess") router.push(`/runs/${data.runZip.run.id}`);
  }
  return <Button busy={fetching} onClick={run}><Play aria-hidden size={14} strokeWidth={1.75} /> Run it by hand</Button>;
}
