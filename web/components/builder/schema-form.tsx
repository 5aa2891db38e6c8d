"use client";

import { ChevronRight } from "lucide-react";
import { useState } from "react";
import { Checkbox, Field, Input, Select } from "@/components/ui/field";
import { ConditionsField } from "./conditions-field";
import type { Json } from "./draft";
import { ExpressionField } from "./expression-field";
import { KeyValueField } from "./key-value-field";
import { fieldsOf, isExpression, isShown, widgetOf, type FormField, type Schema } from "./schema";
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
  const [more, setMore] = useState(advanced.some((field) => input[field.name] !== undefined));
  const one = (field: FormField) => (
    <SchemaField
      key={field.name}
      field={field}
      value={input[field.name]}
      problem={problems.find((problem) => problem.path[0] === field.name)}
      onChange={(value) => onChange(field.name, value)}
    />
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

function SchemaField({ field, value, problem, onChange }: OneProps) {
  const widget = widgetOf(field);
  const error = problem ? `${problem.message} ${problem.fix}`.trim() : null;
  const hint = field.hint.help ?? field.schema.description;
  if (widget === "checkbox" && !isExpression(value)) {
    const checked = typeof value === "boolean" ? value : field.schema.default === true;
    return (
      <div className="grid gap-1">
        <Checkbox label={field.label} checked={checked} onChange={(event) => onChange(event.target.checked)} />
        {hint ? <p className="pl-6 text-12 text-ink-3">{hint}</p> : null}
        {error ? <p className="pl-6 text-12 text-bad-ink">{error}</p> : null}
      </div>
    );
  }
  return (
    <Field label={field.label} hint={hint} error={error} mark={field.required ? null : "Optional"}>
      {(ids) => <Control ids={ids} widget={widget} field={field} value={value} onChange={onChange} />}
    </Field>
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
      if (isExpression(value)) return <ExpressionField {...ids} value={value} onChange={setText} />;
      return (
        <div className="flex gap-2">
          <Input
            {...ids}
            inputMode="decimal"
            value={text}
            placeholder={schema.default === undefined ? undefined : String(schema.default)}
            onChange={(event) => {
              const typed = event.target.value;
              onChange(typed === "" ? undefined : /^-?\d+(\.\d+)?$/.test(typed) ? Number(typed) : typed);
            }}
          />
        </div>
      );
    case "keyvalue":
      return <KeyValueField ids={ids} value={value} onChange={onChange} />;
    case "conditions":
      return <ConditionsField value={value} schema={schema} onChange={onChange} />;
    case "json":
      return <JsonField ids={ids} value={value} onChange={onChange} />;
    case "list":
      return (
        <ExpressionField
          {...ids}
          value={Array.isArray(value) ? value.join(", ") : text}
          placeholder={hint.placeholder}
          onChange={(next) => onChange(next === "" ? undefined : listOf(next))}
        />
      );
    case "textarea":
      return <ExpressionField {...ids} lines={4} value={text} placeholder={hint.placeholder} onChange={setText} />;
    default:
      return <ExpressionField {...ids} value={text} placeholder={hint.placeholder} onChange={setText} />;
  }
}

/** An option as it is read: “all” is “All”, “set_fields” is “Set fields”, GET stays GET. */
const inWords = (option: string) => option.slice(0, 1).toUpperCase() + option.slice(1).replaceAll("_", " ");

/** Several values with commas between them; an expression may hold commas of its own. */
function listOf(text: string): Json {
  return text.includes(",") && !text.includes("{{") ? text.split(/,\s*/) : text;
}

/** JSON as it is typed: stored as a value when it is one, as an expression when it holds one, else kept and told. */
function JsonField({ ids, value, onChange }: { ids: Ids; value: Json | undefined; onChange: (value: Json | undefined) => void }) {
  const [typed, setTyped] = useState(() => (value === undefined ? "" : typeof value === "string" ? value : JSON.stringify(value, null, 2)));
  const [wrong, setWrong] = useState(false);
  const take = (text: string) => {
    setTyped(text);
    if (text.trim() === "") {
      setWrong(false);
      onChange(undefined);
      return;
    }
    try {
      onChange(JSON.parse(text) as Json);
      setWrong(false);
    } catch {
      setWrong(!/^\s*\{\{[^}]*\}\}\s*$/.test(text));
      onChange(text);
    }
  };
  return (
    <div className="grid gap-1">
      <ExpressionField {...ids} lines={6} className="mono" value={typed} onChange={take} />
      {wrong ? <p className="text-12 text-wait-ink">This is no JSON yet; it would be sent as a text.</p> : null}
    </div>
  );
}
