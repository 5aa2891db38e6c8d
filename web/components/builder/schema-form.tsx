"use client";

import { Braces, ChevronRight } from "lucide-react";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Checkbox, Field, Input, Select } from "@/components/ui/field";
import { ConditionsField } from "./conditions-field";
import type { Json } from "./draft";
import { jsonIn } from "./json-text";
import { KeyValueField } from "./key-value-field";
import { ExpressionField } from "./mapping/expression-field";
import { MomentField } from "./moment-field";
import { fieldsOf, inWords, isExpression, isShown, widgetOf, type FormField, type Schema } from "./schema";
import type { Problem } from "./use-draft";

type SchemaFormProps = {
  schema: Schema;
  input: Record<string, Json>;
  /** Problems of this form, their paths beginning with the field's name. */
  problems: readonly Problem[];
  onChange: (field: string, value: Json | undefined) => void;
};

/** A form drawn from a schema: every field takes a value or an expression. */
export function SchemaForm({ schema, input, problems, onChange }: SchemaFormProps) {
  const fields = fieldsOf(schema).filter((field) => isShown(field, input, schema));
  const usual = fields.filter((field) => !field.hint.advanced);
  const advanced = fields.filter((field) => field.hint.advanced);
  const [asked, setMore] = useState<boolean | null>(null);
  // What is set, or wrong, is never hidden unasked.
  const more = asked ?? advanced.some((field) => input[field.name] !== undefined || problems.some((problem) => problem.path[0] === field.name));
  const one = (field: FormField) => (
    <div key={field.name} data-field={field.name}>
      <SchemaField field={field} value={input[field.name]} problem={problems.find((problem) => problem.path[0] === field.name)} onChange={(value) => onChange(field.name, value)} />
    </div>
  );
  return (
    <div className="grid gap-4">
      {usual.map(one)}
      {advanced.length ? (
        <>
          <button type="button" aria-expanded={more} onClick={() => setMore(!more)} className="inline-flex items-center gap-1 justify-self-start rounded-2 text-ink-2">
            <ChevronRight aria-hidden size={14} className={more ? "rotate-90" : ""} /> {more ? "Fewer options" : "More options"}
          </button>
          {more ? advanced.map(one) : null}
        </>
      ) : null}
    </div>
  );
}

type OneProps = { field: FormField; value: Json | undefined; problem: Problem | undefined; onChange: (value: Json | undefined) => void };

/** Controls that hold no text of their own: a value from the data comes into them by a switch. */
const SWITCHED = new Set(["select", "checkbox", "number", "keyvalue"]);

function SchemaField({ field, value, problem, onChange }: OneProps) {
  const widget = widgetOf(field);
  const [wanted, setWanted] = useState(false);
  const mapped = SWITCHED.has(widget) && (wanted || isExpression(value));
  const error = problem ? `${problem.message} ${problem.fix}`.trim() : null;
  const hint = field.hint.help ?? field.schema.description;
  const turn = SWITCHED.has(widget) ? (
    <MappedSwitch
      label={field.label}
      mapped={mapped}
      onTurn={() => {
        setWanted(!mapped);
        if (isExpression(value)) onChange(undefined);
      }}
    />
  ) : null;
  if (widget === "checkbox" && !mapped) {
    const checked = typeof value === "boolean" ? value : field.schema.default === true;
    return (
      <div className="grid gap-1">
        <div className="flex items-center justify-between gap-2">
          <Checkbox label={field.label} checked={checked} onChange={(event) => onChange(event.target.checked)} />
          {turn}
        </div>
        {hint ? <p className="pl-6 text-12 text-ink-3">{hint}</p> : null}
        {error ? <p className="pl-6 text-12 text-bad-ink">{error}</p> : null}
      </div>
    );
  }
  const mark = (
    <span className="flex items-center gap-1">
      {field.required ? null : "Optional"}
      {turn}
    </span>
  );
  return (
    <Field label={field.label} hint={hint} error={error} mark={mark}>
      {(ids) =>
        mapped ? (
          <ExpressionField {...ids} autoFocus={wanted} value={typeof value === "string" ? value : ""} placeholder="Pick a value from the data" onChange={(text) => onChange(text === "" ? undefined : text)} />
        ) : (
          <Control ids={ids} widget={widget} field={field} value={value} onChange={onChange} />
        )
      }
    </Field>
  );
}

function MappedSwitch({ label, mapped, onTurn }: { label: string; mapped: boolean; onTurn: () => void }) {
  return (
    <Button look="ghost" size="small" aria-pressed={mapped} aria-label={`${label} from data`} onClick={onTurn} className={mapped ? "-my-1 bg-accent-surface! text-accent!" : "-my-1 -mr-2"}>
      <Braces aria-hidden size={12} /> {mapped ? "Data" : "Use data"}
    </Button>
  );
}

type Ids = { id: string; "aria-describedby": string | undefined; "aria-invalid": true | undefined };
type ControlProps = { ids: Ids; widget: ReturnType<typeof widgetOf>; field: FormField; value: Json | undefined; onChange: (value: Json | undefined) => void };

function Control({ ids, widget, field, value, onChange }: ControlProps) {
  const { schema, hint } = field;
  const text = value === undefined || value === null ? "" : typeof value === "string" ? value : JSON.stringify(value, null, 2);
  const setText = (next: string) => onChange(next === "" ? undefined : next);
  switch (widget) {
    case "select":
      return (
        <Select {...ids} value={text || String(schema.default ?? "")} onChange={(event) => setText(event.target.value)}>
          {schema.default === undefined ? <option value="">Choose</option> : null}
          {schema.enum?.map((option) => (
            <option key={String(option)} value={String(option)}>{inWords(String(option))}</option>
          ))}
        </Select>
      );
    case "number":
      return <NumberField ids={ids} value={value} placeholder={schema.default === undefined ? undefined : String(schema.default)} onChange={onChange} />;
    case "keyvalue":
      return <KeyValueField ids={ids} value={value} onChange={onChange} />;
    case "conditions":
      return <ConditionsField value={value} schema={schema} onChange={onChange} />;
    case "json":
      return <JsonField ids={ids} value={value} onChange={onChange} />;
    case "list":
      return <ListField ids={ids} value={value} placeholder={hint.placeholder} onChange={onChange} />;
    case "moment":
      return <MomentField {...ids} label={field.label} value={text} placeholder={hint.placeholder} onChange={setText} />;
    case "textarea":
      return <ExpressionField {...ids} lines={4} value={text} placeholder={hint.placeholder} onChange={setText} />;
    default:
      return <ExpressionField {...ids} value={text} placeholder={hint.placeholder} onChange={setText} />;
  }
}

type TypedProps = { ids: Ids; value: Json | undefined; placeholder?: string; onChange: (value: Json | undefined) => void };

/** Several values with commas between them. */
function ListField({ ids, value, placeholder, onChange }: TypedProps) {
  const [typed, setTyped] = useTyped(value, listIn, (one) => (Array.isArray(one) ? one.join(", ") : one === undefined || one === null ? "" : String(one)));
  return (
    <ExpressionField
      {...ids}
      value={typed}
      placeholder={placeholder}
      onChange={(text) => {
        setTyped(text);
        onChange(listIn(text));
      }}
    />
  );
}

/** An expression may hold commas of its own. */
function listIn(text: string): Json | undefined {
  if (text === "") return undefined;
  return text.includes(",") && !text.includes("{{") ? text.split(",").map((one) => one.trim()) : text;
}

/** A number as it is typed: “1.” and “1.0” on the way to 1.05 too. */
function NumberField({ ids, value, placeholder, onChange }: TypedProps) {
  const [typed, setTyped] = useTyped(value, numberIn, (one) => (one === undefined || one === null ? "" : String(one)));
  return (
    <Input
      {...ids}
      inputMode="decimal"
      value={typed}
      placeholder={placeholder}
      onChange={(event) => {
        setTyped(event.target.value);
        onChange(numberIn(event.target.value));
      }}
    />
  );
}

function numberIn(text: string): Json | undefined {
  if (text.trim() === "") return undefined;
  return /^\s*[+-]?\d+(\.\d*)?\s*$/.test(text) ? Number(text) : text;
}

/** JSON as it is typed: stored as a value when it is one, as an expression when it holds one, else kept and told. */
function JsonField({ ids, value, onChange }: TypedProps) {
  const [typed, setTyped] = useTyped(value, jsonIn, (one) => (one === undefined ? "" : typeof one === "string" ? one : JSON.stringify(one, null, 2)));
  const wrong = typeof jsonIn(typed) === "string" && !/^\s*("|\{\{[^}]*\}\}\s*$)/.test(typed);
  return (
    <div className="grid gap-1">
      <ExpressionField
        {...ids}
        lines={6}
        mono
        value={typed}
        onChange={(text) => {
          setTyped(text);
          onChange(jsonIn(text));
        }}
      />
      {wrong ? <p className="text-12 text-wait-ink">This is no JSON yet; it would be sent as a text.</p> : null}
    </div>
  );
}

/** What is typed for a value that has other forms too; when the value becomes another by itself, its usual form. */
function useTyped(value: Json | undefined, read: (text: string) => Json | undefined, write: (value: Json | undefined) => string) {
  const [typed, setTyped] = useState(() => write(value));
  const [last, setLast] = useState(value);
  if (value !== last) {
    setLast(value);
    if (JSON.stringify(value) !== JSON.stringify(read(typed))) setTyped(write(value));
  }
  return [typed, setTyped] as const;
}
