"use client";

import { useState } from "react";
import { useQuery } from "urql";
import { useHere } from "@/components/session/session-provider";
import { Select } from "@/components/ui/field";
import { ZipNameDocument, ZipSelectDocument } from "@/gql/graphql";

const SHOWN_NAME = 60; // characters: a list of the system's own does not cut them

/** Which zip a list is of; the newest hundred are offered, and any other that the address names. */
export function ZipSelect({ value, onChange }: { value: string; onChange: (zipId: string) => void }) {
  const { workspace } = useHere();
  // Asked for when somebody is about to choose: a list need not wait for it.
  const [wanted, setWanted] = useState(false);
  const [{ data }] = useQuery({ query: ZipSelectDocument, variables: { workspaceId: workspace.id }, pause: !wanted });
  const [{ data: named }] = useQuery({ query: ZipNameDocument, variables: { id: value }, pause: !value });
  const offered = data?.zips?.nodes ?? [];
  const chosen = named?.zip?.id === value ? named.zip : null;
  const zips = !value || offered.some((zip) => zip.id === value) ? offered : [chosen ?? { id: value, name: "One zip" }, ...offered];
  const want = () => setWanted(true);
  return (
    <label className="flex shrink-0 items-center gap-2 text-ink-3" onPointerEnter={want} onPointerDown={want} onFocus={want}>
      <span>Zip</span>
      <Select aria-label="Zip" dir="auto" value={value} onChange={(event) => onChange(event.target.value)} className="w-auto! max-w-52">
        <option value="">Any</option>
        {zips.map((zip) => (
          <option key={zip.id} value={zip.id}>{cut(zip.name)}</option>
        ))}
      </Select>
    </label>
  );
}

function cut(name: string): string {
  const letters = [...name];
  return letters.length > SHOWN_NAME ? `${letters.slice(0, SHOWN_NAME).join("")}…` : name;
}
