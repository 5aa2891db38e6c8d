"use client";

import { ChevronRight } from "lucide-react";
import { useState } from "react";
import { useMutation } from "urql";
import { Button } from "@/components/ui/button";
import { Checkbox, Field, Input, Select } from "@/components/ui/field";
import { Box } from "@/components/ui/panel";
import { useToast } from "@/components/ui/toast";
import { UpdateTriggerDocument, type BuilderQuery } from "@/gql/graphql";
import { asIs } from "@/lib/graphql/as-is";
import { failure } from "@/lib/graphql/result";
import { isOwn, textsOf, valuesOf, type Texts } from "./plain";
import { PlainFields } from "./plain-fields";
import { fieldsOf, type Schema } from "./schema";

type Trigger = NonNullable<NonNullable<BuilderQuery["zip"]>["trigger"]>;
type Issue = { path: readonly string[]; message: string; fix: string };
type TriggerSettingsProps = {
  trigger: Trigger;
  /** Of a webhook's settings, with those of its signature in it. */
  schema: Schema;
};

/** How it is known who sends, which always stands there. */
const SIGNS = ["header", "prefix"];

/** Who may start the zip, and what of what they send is taken. It holds from the moment it is saved. */
export function TriggerSettings({ trigger, schema }: TriggerSettingsProps) {
  const say = useToast();
  const reception = fieldsOf(schema).filter((field) => field.name !== "signature");
  const signature = fieldsOf(schema.properties?.signature ?? {});
  const [verifier, setVerifier] = useState(trigger.verifier);
  const [texts, setTexts] = useState<Texts>(() => ({ ...textsOf(reception, settingsOf(trigger)), ...textsOf(signature, settingsOf(trigger).signature ?? {}) }));
  const [secret, setSecret] = useState("");
  const [keep, setKeep] = useState(false);
  const [wrong, setWrong] = useState<string | null>(null);
  const [issues, setIssues] = useState<readonly Issue[]>([]);
  const [asked, setMore] = useState<boolean | null>(null);
  const [{ fetching, data: saved }, update] = useMutation(UpdateTriggerDocument);
  // What was just saved is known before the zip is read anew.
  const stored = saved?.updateTrigger.__typename === "UpdateTriggerSuccess" && saved.updateTrigger.trigger.revision > trigger.revision ? saved.updateTrigger.trigger : trigger;
  const signed = verifier === "HMAC";
  const usual = signature.filter((field) => SIGNS.includes(field.name));
  const further = [...(signed ? signature.filter((field) => !SIGNS.includes(field.name)) : []), ...reception];
  const errorOf = (name: string) => {
    const found = issues.find((issue) => issue.path.includes(name));
    return found ? `${found.message} ${found.fix}`.trim() : null;
  };
  // What is set, or wrong, is never hidden unasked.
  const more = asked ?? further.some((field) => isOwn(field, texts));
  const change = (name: string, text: string) => setTexts((now) => ({ ...now, [name]: text }));
  async function save() {
    const { data, error } = await update({
      input: {
        triggerId: trigger.id,
        revision: stored.revision,
        verifier,
        settings: asIs({ ...valuesOf(reception, texts), signature: valuesOf(signature, texts) }),
        ...(signed && secret ? { secrets: [secret], keepSecrets: keep } : {}),
      },
    });
    const answer = data?.updateTrigger;
    const found = answer?.__typename === "ValidationError" ? answer.issues : [];
    setIssues(found);
    setWrong(failure(answer, error));
    if (found.some((issue) => further.some((field) => issue.path.includes(field.name)))) setMore(true);
    if (answer?.__typename !== "UpdateTriggerSuccess") return;
    setSecret("");
    say(signed ? "Saved. Only signed requests are taken from now on." : "Saved. Whoever knows the address can start this zip.");
  }
  const drawn = new Set([...(signed ? ["secrets", ...SIGNS] : []), ...(more ? further.map((field) => field.name) : [])]);
  const elsewhere = wrong && !(issues.length && issues.every((issue) => issue.path.some((part) => drawn.has(part))));
  return (
    <Box title="Who may start it">
      <form
        className="grid gap-4 p-3"
        onSubmit={(event) => {
          event.preventDefault();
          if (!fetching) void save();
        }}
      >
        <Field label="Check" hint={signed ? "The sender signs the body with a secret that both know." : "Open: whoever knows the address can start this zip."}>
          {(ids) => (
            <Select {...ids} value={verifier} onChange={(event) => setVerifier(event.target.value as typeof verifier)}>
              <option value="OPEN">None, the address is the secret</option>
              <option value="HMAC">Signature (HMAC)</option>
            </Select>
          )}
        </Field>
        {signed ? (
          <>
            <PlainFields fields={usual} texts={texts} errorOf={errorOf} onChange={change} />
            <Field label="Secret" hint={stored.secretCount ? `${stored.secretCount} stored; a secret is never shown again.` : "It is sealed when it is saved, and never shown again."} error={errorOf("secrets")}>
              {(ids) => <Input {...ids} type="password" autoComplete="off" value={secret} onChange={(event) => setSecret(event.target.value)} />}
            </Field>
            {stored.secretCount && secret ? <Checkbox label="The old secret stays good meanwhile" checked={keep} onChange={(event) => setKeep(event.target.checked)} /> : null}
          </>
        ) : null}
        <button type="button" aria-expanded={more} onClick={() => setMore(!more)} className="inline-flex items-center gap-1 justify-self-start rounded-2 text-ink-2">
          <ChevronRight aria-hidden size={14} className={more ? "rotate-90" : ""} /> {more ? "Fewer options" : "More options"}
        </button>
        {more ? <PlainFields fields={further} texts={texts} errorOf={errorOf} onChange={change} /> : null}
        {elsewhere ? <p role="alert" className="text-bad-ink">{wrong}</p> : null}
        <Button type="submit" busy={fetching} className="justify-self-start">Save</Button>
      </form>
    </Box>
  );
}

const settingsOf = (trigger: Trigger) => trigger.settings as Record<string, unknown> & { signature?: Record<string, unknown> };
