"use client";

import { useId, useState } from "react";
import { useMutation } from "urql";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Field, Input } from "@/components/ui/field";
import { MoveZipDocument } from "@/gql/graphql";
import { failure } from "@/lib/graphql/result";

type MoveZipProps = { zip: { id: string; name: string; folder: string | null; revision: number }; folders: string[]; onClose: () => void };

/** A folder is a name that zips share: a new name makes a new folder, an empty one takes the zip out. */
export function MoveZip({ zip, folders, onClose }: MoveZipProps) {
  const list = useId();
  const form = useId();
  const [folder, setFolder] = useState(zip.folder ?? "");
  const [wrong, setWrong] = useState<string | null>(null);
  const [{ fetching }, move] = useMutation(MoveZipDocument);
  async function save() {
    const { data, error } = await move({ zipId: zip.id, revision: zip.revision, folder: folder.trim() || null });
    const said = failure(data?.updateZip, error);
    setWrong(said);
    if (!said) onClose();
  }
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title="Move to a folder"
      description={<span dir="auto">{zip.name}</span>}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit" form={form} busy={fetching}>Move zip</Button>
        </>
      }
    >
      <form
        id={form}
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <Field label="Folder" hint="A new name makes a new folder. Left empty, the zip is in none." error={wrong}>
          {(ids) => (
            <>
              <Input {...ids} autoFocus list={list} value={folder} dir="auto" onChange={(event) => setFolder(event.target.value)} />
              <datalist id={list}>
                {folders.map((name) => (
                  <option key={name} value={name} />
                ))}
              </datalist>
            </>
          )}
        </Field>
      </form>
    </Dialog>
  );
}
