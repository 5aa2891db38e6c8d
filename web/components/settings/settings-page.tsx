"use client";

import { useState, type FormEvent, type ReactNode } from "react";
import { useMutation, useQuery } from "urql";
import { useHere } from "@/components/session/session-provider";
import { Header } from "@/components/shell/header";
import { Button } from "@/components/ui/button";
import { SkeletonRows, Trouble } from "@/components/ui/empty";
import { Checkbox, Field, Input } from "@/components/ui/field";
import { Facts } from "@/components/ui/panel";
import { Segmented } from "@/components/ui/segmented";
import { useToast } from "@/components/ui/toast";
import { ChangePasswordDocument, SettingsPageDocument } from "@/gql/graphql";
import { failure } from "@/lib/graphql/result";
import { singleKeys } from "@/lib/shortcuts";
import { chosenTheme, setTheme } from "@/lib/theme";
import { ApiTokens } from "./api-tokens";
import { Sessions } from "./sessions";

/** What belongs to the person and to the workspace. */
export function SettingsPage() {
  const { workspace } = useHere();
  const [{ data, error, fetching }, load] = useQuery({ query: SettingsPageDocument, variables: { workspaceId: workspace.id } });
  const reload = () => load({ requestPolicy: "network-only" });
  return (
    <>
      <Header title="Settings" />
      <div className="min-h-0 flex-1 overflow-y-auto">
        {!data?.viewer ? (
          error ? <Trouble title="The settings could not be loaded" action={<Button onClick={reload}>Try again</Button>} /> : fetching ? <SkeletonRows rows={4} /> : null
        ) : (
          <div className="mx-auto grid max-w-[760px] gap-10 px-6 py-8">
            <Part title="You">
              <Facts rows={[["Name", <span key="name" dir="auto">{data.viewer.user.name}</span>], ["E-mail", data.viewer.user.email], ["Workspace", <span key="workspace" dir="auto">{data.workspace?.name}</span>], ["History", `Runs and events are kept ${data.workspace?.retentionDays ?? 30} days`]]} />
            </Part>
            <Part title="Appearance"><Appearance /></Part>
            <Part title="Password"><Password onChanged={reload} /></Part>
            <Part title="Signed in on"><Sessions sessions={data.viewer.sessions?.nodes ?? []} onChanged={reload} /></Part>
            <Part title="API tokens"><ApiTokens tokens={data.workspace?.apiTokens?.nodes ?? []} onChanged={reload} /></Part>
          </div>
        )}
      </div>
    </>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="grid gap-3">
      <h2 className="text-16 font-title">{title}</h2>
      {children}
    </section>
  );
}

function Appearance() {
  const [keys, setKeys] = useState(singleKeys.on);
  const [theme, setShown] = useState(chosenTheme);
  return (
    <div className="grid gap-3">
      <div>
        <Segmented
          label="Light or dark"
          value={theme}
          onChange={(next) => {
            setTheme(next);
            setShown(next);
          }}
          options={[
            { value: "system", label: "As the system" },
            { value: "light", label: "Light" },
            { value: "dark", label: "Dark" },
          ]}
        />
      </div>
      <Checkbox
        label="Shortcuts without ⌘ or Ctrl, such as N for a new zip"
        checked={keys}
        onChange={(event) => {
          singleKeys.set(event.target.checked);
          setKeys(event.target.checked);
        }}
      />
    </div>
  );
}

function Password({ onChanged }: { onChanged: () => void }) {
  const say = useToast();
  const [wrong, setWrong] = useState<{ message: string; field: string | undefined } | null>(null);
  const [{ fetching }, change] = useMutation(ChangePasswordDocument);
  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = event.currentTarget;
    const given = new FormData(form);
    const { data, error } = await change({ currentPassword: String(given.get("current")), newPassword: String(given.get("new")) });
    const answer = data?.changePassword;
    const said = failure(answer, error);
    setWrong(said ? { message: said, field: answer && "path" in answer ? answer.path?.at(-1) : undefined } : null);
    if (answer?.__typename !== "ChangePasswordSuccess") return;
    form.reset();
    say(answer.endedSessions ? `Changed. ${answer.endedSessions} other devices were signed out.` : "Changed.");
    onChanged();
  }
  return (
    <form onSubmit={submit} className="grid max-w-[360px] gap-4">
      <Field label="Current password" error={wrong?.field === "currentPassword" ? wrong.message : null}>{(ids) => <Input {...ids} name="current" type="password" autoComplete="current-password" required />}</Field>
      <Field label="New password" hint="At least 10 characters. Other devices are signed out." error={wrong && wrong.field !== "currentPassword" ? wrong.message : null}>
        {(ids) => <Input {...ids} name="new" type="password" autoComplete="new-password" required />}
      </Field>
      <Button type="submit" busy={fetching} className="justify-self-start">Change password</Button>
    </form>
  );
}
