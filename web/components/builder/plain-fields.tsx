import { Checkbox, Field, Input, Select } from "@/components/ui/field";
import { isList, type Texts } from "./plain";
import { inWords, type FormField } from "./schema";

type PlainFieldsProps = {
  fields: readonly FormField[];
  texts: Texts;
  /** What is wrong with a field and how to put it right. */
  errorOf: (name: string) => string | null;
  /** Secret fields that hold something already; it is never shown. */
  stored?: readonly string[];
  onChange: (name: string, text: string) => void;
};

/** A form without expressions, drawn from a schema. */
export function PlainFields({ fields, texts, errorOf, stored = [], onChange }: PlainFieldsProps) {
  return fields.map((field) => (
    <PlainField key={field.name} field={field} text={texts[field.name] ?? ""} error={errorOf(field.name)} isStored={stored.includes(field.name)} onChange={(text) => onChange(field.name, text)} />
  ));
}

type PlainFieldProps = { field: FormField; text: string; error: string | null; isStored: boolean; onChange: (text: string) => void };

function PlainField({ field, text, error, isStored, onChange }: PlainFieldProps) {
  const { label, schema, hint, required } = field;
  const secret = hint.secret ?? false;
  const usual = schema.default === undefined || schema.default === null ? undefined : String(schema.default);
  if (isList(field)) return <Several field={field} text={text} error={error} onChange={onChange} />;
  return (
    <Field label={label} mark={required ? null : "Optional"} hint={hint.help ?? schema.description} error={error}>
      {(ids) =>
        schema.enum ? (
          <Select {...ids} value={text || (usual ?? "")} onChange={(event) => onChange(event.target.value)}>
            {schema.enum.map((one) => <option key={String(one)} value={String(one)}>{inWords(String(one))}</option>)}
          </Select>
        ) : (
          <Input
            {...ids}
            type={secret ? "password" : "text"}
            autoComplete="off"
            spellCheck={false}
            value={text}
            placeholder={isStored ? "Stored; left empty it stays" : (hint.placeholder ?? usual)}
            onChange={(event) => onChange(event.target.value)}
          />
        )
      }
    </Field>
  );
}

/** Any of a few, all visible. */
function Several({ field: { label, schema }, text, error, onChange }: Omit<PlainFieldProps, "isStored">) {
  const chosen = text.split(" ");
  const options = (schema.items?.enum ?? []).map(String);
  return (
    <fieldset className="grid gap-1.5">
      <legend className="pb-1.5 font-strong">{label}</legend>
      {schema.description ? <p className="text-12 text-ink-3">{schema.description}</p> : null}
      <div className="flex flex-wrap gap-x-4">
        {options.map((option) => (
          <Checkbox key={option} label={option} checked={chosen.includes(option)} onChange={({ target }) => onChange(options.filter((one) => (one === option ? target.checked : chosen.includes(one))).join(" "))} />
        ))}
      </div>
      {error ? <p role="alert" className="text-12 text-bad-ink">{error}</p> : null}
    </fieldset>
  );
}
