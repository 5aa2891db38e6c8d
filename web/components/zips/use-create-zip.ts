"use client";

import { useRouter } from "next/navigation";
import { useState } from "react";
import { useMutation } from "urql";
import { useHere } from "@/components/session/session-provider";
import { CreateZipDocument } from "@/gql/graphql";
import { asIs } from "@/lib/graphql/as-is";
import { failure } from "@/lib/graphql/result";
import { useActKey } from "@/lib/keys";

type NewZip = { name: string; trigger: "webhook" | "manual"; definition?: unknown; folder?: string | null };

/** Makes a zip and opens it in the builder. */
export function useCreateZip() {
  const { workspace } = useHere();
  const router = useRouter();
  const [wrong, setWrong] = useState<string | null>(null);
  const [{ fetching }, mutate] = useMutation(CreateZipDocument);
  const key = useActKey();
  async function create(zip: NewZip): Promise<boolean> {
    const { data, error } = await mutate({ input: { ...zip, definition: asIs(zip.definition), workspaceId: workspace.id, idempotencyKey: key.of(zip) } });
    if (data) key.answered();
    const said = failure(data?.createZip, error);
    setWrong(said);
    if (data?.createZip.__typename === "CreateZipSuccess") router.push(`/zips/${data.createZip.zip.id}`);
    return said === null;
  }
  return { create, creating: fetching, wrong };
}
