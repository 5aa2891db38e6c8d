"use client";

import { Play } from "lucide-react";
import { useRouter } from "next/navigation";
import { useMutation } from "urql";
import { Button } from "@/components/ui/button";
import { useToast } from "@/components/ui/toast";
import { RunZipDocument, type EventDetailQuery } from "@/gql/graphql";
import { asIs } from "@/lib/graphql/as-is";
import { failure } from "@/lib/graphql/result";
import { useActKey } from "@/lib/keys";

type Detail = NonNullable<EventDetailQuery["event"]>;

const RAN = new Set(["ACCEPTED", "DUPLICATE", "HANDSHAKE"]);

/** Whether all of an event's body is there, as text. */
export const isWhole = ({ bodySize, body }: Detail): boolean => bodySize === 0 || (body?.text != null && !body.isTruncated);

/** Whether an event that started nothing can be run by hand. */
export function canRun(event: Detail): boolean {
  return !RAN.has(event.outcome) && event.zip !== null && event.zip.state !== "DRAFT" && isWhole(event);
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
  const key = useActKey();
  async function run() {
    if (!event.zip) return;
    const { data, error } = await start({ input: { zipId: event.zip.id, input: asIs(inputOf(event.body?.text)), idempotencyKey: key.of(event.id) } });
    if (data) key.answered();
    const wrong = failure(data?.runZip, error);
    if (wrong) say(wrong, { bad: true });
    if (data?.runZip.__typename === "RunZipSuccess") router.push(`/runs/${data.runZip.run.id}`);
  }
  return <Button busy={fetching} onClick={run}><Play aria-hidden size={14} strokeWidth={1.75} /> Run it by hand</Button>;
}
