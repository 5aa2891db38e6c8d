"use client";

import { useState } from "react";
import { useMutation } from "urql";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { useToast } from "@/components/ui/toast";
import { DeleteConnectionDocument } from "@/gql/graphql";
import { failure } from "@/lib/graphql/result";
import type { ConnectionItem } from "./connections-page";
import { UsedBy } from "./used-by";

type DeleteConnectionProps = { connection: ConnectionItem; onClose: () => void; onDeleted: () => void };

/** Says what goes before it goes; one that is used says where, and stays. */
export function DeleteConnection({ connection, onClose, onDeleted }: DeleteConnectionProps) {
  const say = useToast();
  const [wrong, setWrong] = useState<string | null>(null);
  const [{ fetching }, remove] = useMutation(DeleteConnectionDocument);
  const used = connection.usedBy.some((use) => use.zip);
  async function confirm() {
    const { data, error } = await remove({ connectionId: connection.id });
    const said = failure(data?.deleteConnection, error);
    setWrong(said);
    if (said) return;
    say(`“${connection.name}” was deleted, its secret with it.`);
    onDeleted();
  }
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={used ? "This connection is in use" : "Delete this connection?"}
      description={<span dir="auto">{connection.name}</span>}
      footer={
        used ? (
          <Button onClick={onClose}>Keep it</Button>
        ) : (
          <>
            <Button onClick={onClose}>Keep it</Button>
            <Button look="danger" busy={fetching} onClick={confirm}>Delete connection</Button>
          </>
        )
      }
    >
      <div className="grid gap-3 text-14 text-ink-2">
        {wrong ? <p role="alert" className="text-13 text-bad-ink">{wrong}</p> : null}
        {used ? (
          <>
            <p>These zips would fail without it. Give their steps another connection, then it can be deleted.</p>
            <UsedBy connection={connection} />
          </>
        ) : (
          <p>Its secret is deleted with it and can’t be brought back. No zip uses it.</p>
        )}
      </div>
    </Dialog>
  );
}
