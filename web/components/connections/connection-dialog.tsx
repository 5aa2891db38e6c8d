"use client";

import { useId, useState } from "react";
import { useMutation } from "urql";
import { textsOf, valuesOf, type Texts } from "@/components/builder/plain";
import { PlainFields } from "@/components/builder/plain-fields";
import { fieldsOf, type Schema } from "@/components/builder/schema";
import { useHere } from "@/components/session/session-provider";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Field, Input, Select } from "@/components/ui/field";
import { CreateConnectionDocument, UpdateConnectionDocument } from "@/gql/graphql";
import { failure } from "@/lib/graphql/result";
import { useActKey } from "@/lib/keys";
import type { ConnectionItem, Kind } from "./connections-page";
import { UsedBy } from "./used-by";

type ConnectionDialogProps = {
  kinds: Kind[];
  connection: ConnectionItem | null;
  onClose: () => void;
  /** With the connection that was made or changed. */
  onSaved: (connectionId: string) => void;
};
type Issue = { path: string[]; message: string; fix: string };

/** Make or change a connection. A secret goes in and never comes out; left empty it stays as it is. */
export function ConnectionDialog({ kinds, connection, onClose, onSaved }: ConnectionDialogProps) {
  const { workspace } = useHere();
  const id = useId();
  const [kindKey, setKindKey] = useState(connection?.kind ?? kinds[0]?.key ?? "");
  const kind = kinds.find((one) => one.key === kindKey);
  const [name, setName] = useState(connection?.name ?? "");
  const [hosts, setHosts] = useState(connection?.hosts.join(", ") ?? "");
  const form = kind ? fieldsOf(kind.fields as Schema) : [];
  const [texts, setTexts] = useState<Texts>(() => textsOf(form, (connection?.fields ?? {}) as Record<string, unknown>));
  const [wrong, setWrong] = useState<string | null>(null);
  const [issues, setIssues] = useState<readonly Issue[]>([]);
  const [{ fetching: making }, create] = useMutation(CreateConnectionDocument);
  const [{ fetching: saving }, update] = useMutation(UpdateConnectionDocument);
  const key = useActKey();

  async function submit() {
    const hostList = hosts.split(/[\s,]+/).filter(Boolean);
    const shared = { name: name.trim(), fields: valuesOf(form, texts), hosts: kind?.bindsHosts ? hostList : [] };
    if (connection) {
      const { data, error } = await update({ input: { ...shared, connectionId: connection.id, revision: connection.revision, hosts: kind?.bindsHosts ? hostList : null } });
      settle(data?.updateConnection, failure(data?.updateConnection, error), connection.id);
    } else {
      const { data, error } = await create({ input: { ...shared, workspaceId: workspace.id, kind: kindKey, idempotencyKey: key.of([kindKey, shared]) } });
      if (data) key.answered();
      const made = data?.createConnection;
      settle(made, failure(made, error), made?.__typename === "CreateConnectionSuccess" ? made.connection.id : "");
    }
  }
  function settle(answer: { __typename: string; issues?: readonly Issue[] } | undefined, said: string | null, connectionId: string) {
    setIssues(answer?.issues ?? []);
    setWrong(said);
    if (!said) onSaved(connectionId);
  }
  const problemOf = (field: string) => {
    const found = issues.find((issue) => issue.path.at(-1) === field);
    return found ? `${found.message} ${found.fix}`.trim() : null;
  };
  const shown = new Set(["name", "hosts", ...form.map((one) => one.name)]);
  const elsewhere = wrong && !issues.some((issue) => shown.has(issue.path.at(-1) ?? ""));

  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={connection ? "Edit connection" : "New connection"}
      description={kind?.description}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit" form={id} busy={making || saving}>{connection ? "Save" : "Create connection"}</Button>
        </>
      }
    >
      <form
        id={id}
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          if (!making && !saving) void submit();
        }}
      >
        {elsewhere ? <p role="alert" className="rounded-2 border border-bad-line bg-bad-surface px-3 py-2 text-bad-ink">{wrong}</p> : null}
        {connection ? null : (
          <Field label="Kind">
            {(ids) => (
              <Select {...ids} value={kindKey} onChange={(event) => setKindKey(event.target.value)}>
                {kinds.map((one) => <option key={one.key} value={one.key}>{one.title}</option>)}
              </Select>
            )}
          </Field>
        )}
        <Field label="Name" error={problemOf("name")}>{(ids) => <Input {...ids} autoFocus dir="auto" maxLength={300} value={name} onChange={(event) => setName(event.target.value)} />}</Field>
        <PlainFields fields={form} texts={texts} stored={connection?.secretFields} errorOf={problemOf} onChange={(field, text) => setTexts((now) => ({ ...now, [field]: text }))} />
        {kind?.bindsHosts ? (
          <Field label="Hosts" hint="The secret is sent to these and to nobody else. A new host needs the secret entered again." error={problemOf("hosts")}>
            {(ids) => <Input {...ids} value={hosts} placeholder="api.example.com" onChange={(event) => setHosts(event.target.value)} />}
          </Field>
        ) : null}
        {connection ? (
          <section className="grid gap-1.5">
            <h3 className="font-strong">Used by</h3>
            {connection.usedBy.some((use) => use.zip) ? <UsedBy connection={connection} /> : <p className="text-ink-3">No zip yet. Choose it in a step that takes one.</p>}
          </section>
        ) : null}
      </form>
    </Dialog>
  );
}
