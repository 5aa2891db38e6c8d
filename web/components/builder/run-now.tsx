"use client";

import { useRouter } from "next/navigation";
import { useState } from "react";
import { useMutation } from "urql";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Field, Textarea } from "@/components/ui/field";
import { Keys } from "@/components/ui/keys";
import { RunZipDocument } from "@/gql/graphql";
import { asIs } from "@/lib/graphql/as-is";
import { failure } from "@/lib/graphql/result";
import { useActKey } from "@/lib/keys";
import type { Json } from "./draft";

type RunNowProps = {
  zip: { id: string; liveVersion: { number: number } | null };
  /** What its steps were tried with, to begin with. */
  example: Json | undefined;
  onClose: () => void;
};

/** Runs the live version with what is typed here, and goes to watch it. */
export function RunNow({ zip, example, onClose }: RunNowProps) {
  const router = useRouter();
  const [input, setInput] = useState(() => JSON.stringify(example ?? { name: "Ada" }, null, 2));
  const [wrong, setWrong] = useState<string | null>(null);
  const [{ fetching }, run] = useMutation(RunZipDocument);
  const key = useActKey();
  async function start() {
    let value: unknown = null;
    try {
      if (input.trim()) value = JSON.parse(input);
    } catch {
      setWrong("This is no JSON. Texts stand in double quotes, and nothing follows the last comma.");
      return;
    }
    const { data, error } = await run({ input: { zipId: zip.id, input: asIs(value), idempotencyKey: key.of(value) } });
    if (data) key.answered();
    const said = failure(data?.runZip, error);
    setWrong(said);
    if (data?.runZip.__typename === "RunZipSuccess") router.push(`/runs/${data.runZip.run.id}`);
  }
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title="Run now"
      description={`The live version, v${zip.liveVersion?.number ?? ""}, runs with this as {{ trigger.body }}. It really sends what its steps send.`}
      footer={
        <>
          <Button onClick={onClose}>Not now</Button>
          <Button look="primary" busy={fetching} onClick={start}>Run now <span aria-hidden className="max-sm:hidden"><Keys of="⌘ ↵" /></span></Button>
        </>
      }
    >
      <Field label="Input" hint="JSON, or nothing." error={wrong}>
        {(ids) => (
          <Textarea
            {...ids}
            autoFocus
            rows={8}
            spellCheck={false}
            className="mono"
            value={input}
            onChange={(event) => setInput(event.target.value)}
            onKeyDown={(event) => {
              if (event.key !== "Enter" || !(event.metaKey || event.ctrlKey) || fetching) return;
              event.preventDefault();
              void start();
            }}
          />
        )}
      </Field>
    </Dialog>
  );
}
