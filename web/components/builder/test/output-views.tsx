"use client";

import { useMemo, useState } from "react";
import { CopyButton } from "@/components/ui/copy-button";
import { JsonView } from "@/components/ui/json-view";
import { Segmented } from "@/components/ui/segmented";
import type { Json } from "../draft";
import { shortValue } from "../mapping/values";
import { pathText, type Part } from "../mapping/tokens";

type View = "schema" | "table" | "json";
type Leaf = { path: string; kind: string; value: string };

const MOST = 500; // rows
const OPTIONS: { value: View; label: string }[] = [
  { value: "schema", label: "Schema" },
  { value: "table", label: "Table" },
  { value: "json", label: "JSON" },
];

/** What a step gave: as JSON, as a table of its values, or only what there is of which kind. */
export function OutputViews({ title, value, root }: { title: string; value: Json; root: Part[] }) {
  const [view, setView] = useState<View>("json");
  const leaves = useMemo(() => (view === "json" ? [] : leavesOf(value, root)), [view, value, root]);
  return (
    <section aria-label={title} className="overflow-hidden rounded-2 border border-line">
      <header className="flex min-h-9 items-center justify-between gap-2 border-b border-line bg-well pr-1 pl-3">
        <h3 className="font-strong">{title}</h3>
        <span className="flex items-center gap-1">
          <Segmented small label={`${title} as`} value={view} onChange={setView} options={OPTIONS} />
          <CopyButton text={JSON.stringify(value, null, 2)} label={`Copy ${title.toLowerCase()}`} />
        </span>
      </header>
      <div tabIndex={0} role="group" aria-label={`${title}, ${view}`} className="max-h-96 overflow-auto focus-visible:shadow-(--ring-inset)">
        {view === "json" ? (
          <JsonView value={value} root={pathText(root)} />
        ) : (
          <table className="w-full text-left">
            <thead className="sr-only">
              <tr><th>Path</th><th>{view === "schema" ? "Kind" : "Value"}</th></tr>
            </thead>
            <tbody>
              {leaves.slice(0, MOST).map((leaf) => (
                <tr key={leaf.path} className="border-line not-last:border-b">
                  <th scope="row" className="mono px-3 py-1 font-text break-all text-ink-2">{leaf.path}</th>
                  <td dir="auto" className="mono px-3 py-1 break-all">{view === "schema" ? leaf.kind : leaf.value}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
        {leaves.length > MOST ? <p className="px-3 py-2 text-12 text-ink-3">And {leaves.length - MOST} more; JSON has them all.</p> : null}
      </div>
    </section>
  );
}

/** Every single value below. */
function leavesOf(value: Json, root: Part[]): Leaf[] {
  const leaves: Leaf[] = [];
  const walk = (one: Json, path: Part[]) => {
    const children: [Part, Json][] = Array.isArray(one) ? one.map((child, index) => [index, child]) : one !== null && typeof one === "object" ? Object.entries(one) : [];
    if (children.length === 0 || path.length > 40) leaves.push({ path: pathText(path.slice(root.length)) || "value", kind: kindOf(one), value: shortValue(one) });
    else for (const [part, child] of children) walk(child, [...path, part]);
  };
  walk(value, root);
  return leaves;
}

function kindOf(value: Json): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "empty list";
  return { string: "text", number: "number", boolean: "true or false", object: "empty object" }[typeof value as "string" | "number" | "boolean" | "object"];
}
