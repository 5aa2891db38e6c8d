"use client";

import { Plus, X } from "lucide-react";
import { useRef, useState } from "react";
import { Button } from "@/components/ui/button";
import { Input } from "@/components/ui/field";
import type { Json } from "./draft";
import { ExpressionField } from "./mapping/expression-field";
import { numberOf } from "./schema";

type Row = { id: number; key: string; value: Json };
type KeyValueFieldProps = { ids: { id: string; "aria-describedby": string | undefined }; value: Json | undefined; onChange: (value: Json | undefined) => void };

/** Names and values. A row without a name is kept while it is being typed, and not stored. */
export function KeyValueField({ ids, value, onChange }: KeyValueFieldProps) {
  const [rows, setRows] = useState<Row[]>(() => rowsOf(value));
  const [last, setLast] = useState(value);
  const counter = useRef(rows.length);
  // Undone, or changed elsewhere: what is stored is shown.
  if (value !== last) {
    setLast(value);
    if (JSON.stringify(value) !== JSON.stringify(valueOf(rows))) setRows(rowsOf(value));
  }
  const put = (next: Row[]) => {
    setRows(next);
    const stored = valueOf(next);
    setLast(stored);
    onChange(stored);
  };
  const empty = (): Row => ({ id: (counter.current += 1), key: "", value: "" });
  const edit = (index: number, row: Partial<Row>) => put(rows.map((one, at) => (at === index ? { ...one, ...row } : one)));
  const named = rows.map((row) => row.key).filter(Boolean);
  const twice = named.find((key, index) => named.indexOf(key) !== index);
  return (
    <div role="group" aria-labelledby={`${ids.id}-label`} aria-describedby={ids["aria-describedby"]} className="grid gap-2">
      {rows.map((row, index) => (
        <div key={row.id} className="flex items-start gap-2">
          <div className="w-[30%] shrink-0">
            <Input id={index === 0 ? ids.id : undefined} aria-label={`Name ${index + 1}`} placeholder="Name" value={row.key} dir="auto" onChange={(event) => edit(index, { key: event.target.value })} />
          </div>
          <div data-within={row.key} className="flex min-w-0 flex-1">
            <ExpressionField
              aria-label={`Value of ${row.key || index + 1}`}
              placeholder="Value"
              value={typeof row.value === "string" ? row.value : JSON.stringify(row.value)}
              onChange={(text) => edit(index, { value: literal(text) })}
            />
          </div>
          <Button look="ghost" icon aria-label={`Remove ${row.key || `row ${index + 1}`}`} onClick={() => put(rows.length > 1 ? rows.filter((one) => one !== row) : [empty()])}>
            <X aria-hidden size={14} />
          </Button>
        </div>
      ))}
      {twice ? <p className="text-12 text-wait-ink">Two rows are called “{twice}”: only the last of them counts.</p> : null}
      <Button look="ghost" size="small" className="-ml-2 justify-self-start" onClick={() => setRows([...rows, empty()])}>
        <Plus aria-hidden size={14} /> Add a row
      </Button>
    </div>
  );
}

function rowsOf(value: Json | undefined): Row[] {
  const entries = value !== null && typeof value === "object" && !Array.isArray(value) ? Object.entries(value) : [];
  return entries.length ? entries.map(([key, one], id) => ({ id, key, value: one })) : [{ id: 0, key: "", value: "" }];
}

function valueOf(rows: Row[]): Json | undefined {
  const named = rows.filter((row) => row.key.trim() !== "");
  return named.length ? Object.fromEntries(named.map((row) => [row.key, row.value])) : undefined;
}

/** true, false, null and numbers are themselves; everything else is text. */
function literal(text: string): Json {
  if (text === "true" || text === "false" || text === "null") return JSON.parse(text) as Json;
  return numberOf(text) ?? text;
}
