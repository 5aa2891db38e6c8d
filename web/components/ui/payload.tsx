"use client";

import { useMemo } from "react";
import { JsonView } from "./json-view";

const SHOWN = 200_000; // characters of a body that is no JSON

/** A body as it came: JSON unfolded, other text as it is. */
export function Payload({ text, root }: { text: string; root?: string }) {
  const value = useMemo(() => {
    try {
      return { json: JSON.parse(text) as unknown };
    } catch {
      return null;
    }
  }, [text]);
  if (value) return <JsonView value={value.json} root={root} />;
  return <pre className="mono max-h-96 overflow-auto p-3 break-all whitespace-pre-wrap">{text.slice(0, SHOWN)}</pre>;
}
