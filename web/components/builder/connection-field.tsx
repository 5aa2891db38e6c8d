"use client";

import { CircleCheck, CircleX, Plus } from "lucide-react";
import { useState } from "react";
import { useClient } from "urql";
import { Button } from "@/components/ui/button";
import { Field, Select } from "@/components/ui/field";
import Link from "@/components/ui/link";
import { onDemand } from "@/components/ui/on-demand";
import { useToast } from "@/components/ui/toast";
import { ConnectionKindsDocument, type BuilderConnectionsQuery } from "@/gql/graphql";
import { ago, exact } from "@/lib/format";
import { failure } from "@/lib/graphql/result";
import { useNow } from "@/lib/now";
import type { Kind } from "@/components/connections/connections-page";
import type { Step } from "./draft";
import type { ActionKind } from "./step-panel";

export type ConnectionItem = NonNullable<BuilderConnectionsQuery["connections"]>["nodes"][number];

const ConnectionDialog = onDemand(() => import("@/components/connections/connection-dialog").then((file) => file.ConnectionDialog));

type ConnectionFieldProps = {
  step: Step;
  action: ActionKind;
  connections: ConnectionItem[];
  onChange: (id: string | null) => void;
  onMade: () => void;
};

/** As whom a step calls: a connection that is there, or one that is made without leaving the zip. */
export function ConnectionField({ step, action, connections, onChange, onMade }: ConnectionFieldProps) {
  const now = useNow();
  const say = useToast();
  const client = useClient();
  // Those that one is being made of.
  const [kinds, setKinds] = useState<Kind[] | null>(null);
  async function make() {
    const { data, error } = await client.query(ConnectionKindsDocument, {}).toPromise();
    if (data?.apps) setKinds(data.apps.flatMap((app) => app.connectionKinds).filter((kind) => action.connectionKinds.includes(kind.key)));
    else say(failure(undefined, error) ?? "", { bad: true });
  }
  const fitting = connections.filter((one) => action.connectionKinds.includes(one.kind));
  const lastTest = fitting.find((one) => one.id === step.connection)?.lastTest;
  const Icon = lastTest?.isOk ? CircleCheck : CircleX;
  return (
    <>
      <Field
        label="Connection"
        mark={action.isConnectionRequired ? null : "Optional"}
        hint={<>Its secret is never shown to the step. <Link className="text-accent underline" href="/connections">All connections</Link></>}
      >
        {(ids) => (
          <div className="flex gap-2">
            <Select {...ids} className="min-w-0 flex-1" value={step.connection ?? ""} onChange={(event) => onChange(event.target.value || null)}>
              <option value="">None</option>
              {fitting.map((one) => <option key={one.id} value={one.id}>{one.name}</option>)}
            </Select>
            <Button onClick={make}><Plus aria-hidden size={14} /> New connection</Button>
          </div>
        )}
      </Field>
      {lastTest ? (
        <p title={exact(lastTest.testedAt)} className={`-mt-3 flex items-start gap-1.5 text-12 ${lastTest.isOk ? "text-ok-ink" : "text-bad-ink"}`}>
          <Icon aria-hidden size={14} strokeWidth={1.75} className="shrink-0" />
          <span className="min-w-0 [overflow-wrap:anywhere]">{lastTest.isOk ? `Works, tested ${ago(lastTest.testedAt, now)}` : lastTest.message}</span>
        </p>
      ) : null}
      {kinds ? (
        <ConnectionDialog
          kinds={kinds}
          connection={null}
          onClose={() => setKinds(null)}
          onSaved={(id) => {
            setKinds(null);
            onMade();
            onChange(id);
          }}
        />
      ) : null}
    </>
  );
}
