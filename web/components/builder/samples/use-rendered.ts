"use client";

import { useEffect, useMemo, useState } from "react";
import { useClient } from "urql";
import { BuilderPreviewDocument } from "@/gql/graphql";
import { asIs } from "@/lib/graphql/as-is";
import type { Json, Step } from "../draft";
import type { Rendered } from "../mapping/mapping-context";
import { tokensOf } from "../mapping/tokens";
import type { Asked } from "./use-samples";

const PAUSE = 400; // milliseconds without a change before the server is asked
const KEPT = 500; // texts

/**
 * What the server makes of the texts of a step that hold filters, which only it can apply. A text that was not asked
 * for yet, or that the server could not be asked for, is missing.
 */
export function useRendered(zipId: string, step: Step, asked: Asked, changed: unknown): ReadonlyMap<string, Rendered> {
  const client = useClient();
  const [known, setKnown] = useState<{ of: unknown[]; texts: ReadonlyMap<string, Rendered> }>({ of: [], texts: new Map() });
  const filtered = useMemo(() => [...new Set(textsIn(step.input))].filter((text) => tokensOf(text).some((token) => token.filters.length > 0)), [step.input]);
  const of = useMemo(() => [step.id, asked, changed], [step.id, asked, changed]);
  const texts = known.of === of ? known.texts : EMPTY;
  useEffect(() => {
    const missing = filtered.filter((text) => !texts.has(text));
    if (missing.length === 0) return;
    let gone = false;
    const timer = setTimeout(async () => {
      const { data } = await client.query(BuilderPreviewDocument, { zipId, stepId: step.id, input: asIs(missing), ...asked, trigger: asIs(asked.trigger) }, { requestPolicy: "network-only" }).toPromise();
      if (gone || !data?.previewInput) return;
      const found = new Map(texts.size > KEPT ? [] : texts);
      for (const { path, value, message } of data.previewInput) {
        const text = missing[Number(path[0])];
        if (text !== undefined) found.set(text, message === null ? { value: value as Json } : { message });
      }
      setKnown({ of, texts: found });
    }, PAUSE);
    return () => {
      gone = true;
      clearTimeout(timer);
    };
  }, [client, zipId, step.id, asked, filtered, texts, of]);
  return texts;
}

const EMPTY: ReadonlyMap<string, Rendered> = new Map();

function textsIn(value: Json): string[] {
  if (typeof value === "string") return value.includes("{{") ? [value] : [];
  return value !== null && typeof value === "object" ? Object.values(value).flatMap(textsIn) : [];
}
