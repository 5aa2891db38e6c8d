"use client";

import { Plus, X } from "lucide-react";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Input } from "@/components/ui/field";
import type { Json } from "./draft";
import { ExpressionField } from "./expression-field";

type Row = { key: string; value: Json };
type KeyValueFieldProps = { ids: { id: string; "aria-describedby": string | undefined }; value: Json | undefined; onChange: (value: Json | undefined) => void };

/** Names and values. A row without a name is kept while it is being typed, and not stored. */
export function KeyValueField({ ids, value, onChange }: KeyValueFieldProps) {
  const [rows, setRows] = useState<Row[]>(() => {
    const entries = value !== null && typeof value === "object" && !Array.isArray(value) ? Object.entries(value) : [];
    return entries.length ? entries.map(([key, one]) => ({ key, value: one })) : [{ key: "", value: "" }];
  });
  const put = (next: Row[]) => {
    setRows(next);
    const named = next.filter((row) => row.key.trim() !== "");
    onChange(named.length ? Object.fromEntries(named.map((row) => [row.key, row.value])) : undefined);
  };
  const edit = (index: number, row: Partial<Row>) => put(rows.map((one, at) => (at === index ? { ...one, ...row } : one)));
  return (
    <div role="group" aria-describedby={ids["aria-describedby"]} className="grid gap-2">
      {rows.map((row, index) => (
        <div key={index} className="flex items-start gap-2">
          <div className="w-[36%] shrink-0">
            <Input id={index === 0 ? ids.id : undefined} aria-label={`Name ${index + 1}`} placeholder="Name" value={row.key} dir="auto" onChange={(event) => edit(index, { key: event.target.value })} />
          </div>
          <ExpressionField
            aria-label={`Value of ${row.key || index + 1}`}
            placeholder="Value"
            value={typeof row.value === "string" ? row.value : JSON.stringify(row.value)}
            onChange={(text) => edit(index, { value: literal(text) })}
          />
          <Button look="ghost" icon aria-label={`Remove ${row.key || `row ${index + 1}`}`} onClick={() => put(rows.length > 1 ? rows.filter((_, at) => at !== index) : [{ key: "", value: "" }])}>
            <X aria-hidden size={14} />
          </Button>
        </div>
      ))}
      <Button look="ghost" size="small" className="justify-self-start" onClick={() => setRows([...rows, { key: "", value: "" }])}>
        <Plus aria-hidden size={14} /> Add a row
      </Button>
    </div>
  );
}

/** true, false, null and numbers are themselves; everything else is text. */
function literal(text: string): Json {
  if (text === "true" || text === "false" || text === "null" || /^-?(0|[1-9]\d{0,14})(\.\d+)?$/.test(text)) return JSON.parse(text) as Json;
  return text;
}
