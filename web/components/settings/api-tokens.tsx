"use client";

import { useState } from "react";
import { useMutation } from "urql";
import { useHere } from "@/components/session/session-provider";
import { Button } from "@/components/ui/button";
import { CopyButton } from "@/components/ui/copy-button";
import { Field, Input, Select } from "@/components/ui/field";
import { useToast } from "@/components/ui/toast";
import { CreateApiTokenDocument, RevokeApiTokenDocument, type ApiTokenScope, type SettingsPageQuery } from "@/gql/graphql";
import { ago, dayWords, exact } from "@/lib/format";
import { failure } from "@/lib/graphql/result";
import { useNow } from "@/lib/now";

type Token = NonNullable<NonNullable<SettingsPageQuery["workspace"]>["apiTokens"]>["nodes"][number];

const SCOPES: Record<ApiTokenScope, string> = { READ: "Read", WRITE: "Read and write", ADMIN: "Everything" };

/** Ways in for programs, of this workspace alone. A token is shown once. */
export function ApiTokens({ tokens, onChanged }: { tokens: Token[]; onChanged: () => void }) {
  const { workspace } = useHere();
  const now = useNow();
  const say = useToast();
  const [name, setName] = useState("");
  const [scope, setScope] = useState<ApiTokenScope>("READ");
  const [days, setDays] = useState("90");
  const [made, setMade] = useState<string | null>(null);
  const [wrong, setWrong] = useState<string | null>(null);
  const [{ fetching }, create] = useMutation(CreateApiTokenDocument);
  const [, revoke] = useMutation(RevokeApiTokenDocument);
  async function make() {
    const { data, error } = await create({ input: { workspaceId: workspace.id, name: name.trim(), scope, expiresInDays: days ? Number(days) : null } });
    const said = failure(data?.createApiToken, error);
    setWrong(said);
    if (data?.createApiToken.__typename !== "CreateApiTokenSuccess") return;
    setMade(data.createApiToken.token);
    setName("");
    onChanged();
  }
  async function end(token: Token) {
    const { data, error } = await revoke({ apiTokenId: token.id });
    const said = failure(data?.revokeApiToken, error);
    say(said ?? `“${token.name}” opens nothing any more.`, { bad: Boolean(said) });
    if (!said) onChanged();
  }
  return (
    <div className="grid gap-4">
      {tokens.length ? (
        <ul className="overflow-hidden rounded-2 border border-line">
          {tokens.map((token) => (
            <li key={token.id} className="flex items-center gap-3 border-line px-3 py-2 not-last:border-b">
              <div className="min-w-0 flex-1">
                <p className="truncate font-strong" dir="auto">{token.name} <span className="mono font-text text-ink-3">…{token.hint}</span></p>
                <p className="text-12 text-ink-3" title={token.expiresAt ? `Until ${exact(token.expiresAt)}` : undefined}>
                  {SCOPES[token.scope]}, {token.lastUsedAt ? `used ${ago(token.lastUsedAt, now)}` : "never used"}
                  {token.expiresAt ? `, until ${dayWords(new Date(token.expiresAt), now)}` : ""}
                </p>
              </div>
              <Button size="small" onClick={() => end(token)}>Revoke</Button>
            </li>
          ))}
        </ul>
      ) : null}
      {made ? (
        <div className="grid gap-1 rounded-2 border border-ok-line bg-ok-surface px-3 py-2">
          <p className="text-ok-ink">Copy it now: it is not shown again.</p>
          <p className="mono flex items-center gap-2 break-all">{made} <CopyButton text={made} label="Copy the token" /></p>
        </div>
      ) : null}
      <div className="grid items-end gap-3 sm:grid-cols-[minmax(0,1fr)_160px_140px_auto]">
        <Field label="New token for">{(ids) => <Input {...ids} dir="auto" maxLength={100} value={name} placeholder="Nightly export" onChange={(event) => setName(event.target.value)} />}</Field>
        <Field label="It may">
          {(ids) => (
            <Select {...ids} value={scope} onChange={(event) => setScope(event.target.value as ApiTokenScope)}>
              {Object.entries(SCOPES).map(([value, words]) => <option key={value} value={value}>{words}</option>)}
            </Select>
          )}
        </Field>
        <Field label="For">
          {(ids) => (
            <Select {...ids} value={days} onChange={(event) => setDays(event.target.value)}>
              <option value="30">30 days</option>
              <option value="90">90 days</option>
              <option value="365">A year</option>
              <option value="">Ever</option>
            </Select>
          )}
        </Field>
        <Button busy={fetching} onClick={make}>Make token</Button>
      </div>
      {wrong ? <p role="alert" className="text-bad-ink">{wrong}</p> : null}
    </div>
  );
}
