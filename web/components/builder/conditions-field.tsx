"use client";

import { Plus, X } from "lucide-react";
import { Button } from "@/components/ui/button";
import { Select } from "@/components/ui/field";
import type { Json } from "./draft";
import { ExpressionField } from "./mapping/expression-field";
import { numberOf, type Schema } from "./schema";

type Condition = { left?: Json; op: string; right?: Json; label?: string };
type ConditionsFieldProps = { value: Json | undefined; schema: Schema; onChange: (value: Json) => void };

const UNARY = /^(is_|exists|not_exists)/;

/** Comparisons, one under the other; operators in the words of the schema. */
export function ConditionsField({ value, schema, onChange }: ConditionsFieldProps) {
  const operators = (schema.items?.properties?.op?.enum ?? []).map(String);
  const first = operators[0] ?? "equals";
  const rows: Condition[] = Array.isArray(value) && value.length ? (value as Condition[]) : [{ left: "", op: first }];
  const edit = (index: number, change: Partial<Condition>) => onChange(rows.map((row, at) => (at === index ? { ...row, ...change } : row)) as Json);
  return (
    <div className="grid gap-3">
      {rows.map((row, index) => (
        <div key={index} className="grid gap-2 rounded-2 border border-line bg-well p-2.5">
          <div className="flex items-start gap-2">
            <div data-within={`${index}.left`} className="flex min-w-0 flex-1">
              <ExpressionField aria-label={`Value of condition ${index + 1}`} placeholder="Value from the data" value={words(row.left)} onChange={(left) => edit(index, { left })} />
            </div>
            <Button look="ghost" icon aria-label={`Remove condition ${index + 1}`} disabled={rows.length === 1} onClick={() => onChange(rows.filter((_, at) => at !== index) as Json)}>
              <X aria-hidden size={14} />
            </Button>
          </div>
          <div className="flex items-start gap-2">
            <Select aria-label={`Comparison ${index + 1}`} className="w-[44%]! shrink-0" value={row.op} onChange={(event) => edit(index, { op: event.target.value })}>
              {operators.map((operator) => (
                <option key={operator} value={operator}>{operator.replaceAll("_", " ")}</option>
              ))}
            </Select>
            {UNARY.test(row.op) && row.op !== "is_one_of" ? null : (
              <div data-within={`${index}.right`} className="flex min-w-0 flex-1">
                <ExpressionField aria-label={`Compared with ${index + 1}`} placeholder="Compared with" value={words(row.right)} onChange={(right) => edit(index, { right: numberOf(right) ?? right })} />
              </div>
            )}
          </div>
        </div>
      ))}
      <Button look="ghost" size="small" className="-ml-2 justify-self-start" onClick={() => onChange([...rows, { left: "", op: first }] as Json)}>
        <Plus aria-hidden size={14} /> Add a condition
      </Button>
    </div>
  );
}

const words = (value: Json | undefined) => (value === undefined || value === null ? "" : typeof value === "string" ? value : JSON.stringify(value));
