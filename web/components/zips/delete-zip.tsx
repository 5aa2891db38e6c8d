"use client";

import { useState } from "react";
import { useMutation } from "urql";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { useToast } from "@/components/ui/toast";
import { DeleteZipDocument } from "@/gql/graphql";
import { failure } from "@/lib/graphql/result";

type DeleteZipProps = { zip: { id: string; name: string }; onClose: () => void; onDeleted?: () => void };

/** Says what goes and what stays before anything is deleted. */
export function DeleteZip({ zip, onClose, onDeleted }: DeleteZipProps) {
  const say = useToast();
  const [wrong, setWrong] = useState<string | null>(null);
  const [{ fetching }, remove] = useMutation(DeleteZipDocument);
  async function confirm() {
    const { data, error } = await remove({ zipId: zip.id });
    const said = failure(data?.deleteZip, error);
    setWrong(said);
    if (said) return;
    say(`“${zip.name}” was deleted.`);
    onClose();
    onDeleted?.();
  }
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title="Delete this zip?"
      description={<span dir="auto">{zip.name}</span>}
      footer={
        <>
          <Button onClick={onClose}>Keep it</Button>
          <Button look="danger" busy={fetching} onClick={confirm}>Delete zip</Button>
        </>
      }
    >
      {wrong ? <p role="alert" className="pb-3 text-bad-ink">{wrong}</p> : null}
      <ul className="grid list-disc gap-1 pl-5 text-14 text-ink-2">
        <li>Its address stops at once: whoever posts to it is told that nobody listens there.</li>
        <li>Runs under way finish.</li>
        <li>Its runs and events stay in the history until their time is over.</li>
        <li>It can’t be brought back.</li>
      </ul>
    </Dialog>
  );
}
