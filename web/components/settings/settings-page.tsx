"use client";

import { useEffect, useRef, useState, type FormEvent, type ReactNode } from "react";
import { useMutation, useQuery } from "urql";
import { useHere } from "@/components/session/session-provider";
import { Header } from "@/components/shell/header";
import { Button } from "@/components/ui/button";
import { SkeletonRows, Trouble } from "@/components/ui/empty";
import { Checkbox, Field, PasswordInput } from "@/components/ui/field";
import { Segmented } from "@/components/ui/segmented";
import { useToast } from "@/components/ui/toast";
import { ChangePasswordDocument, SettingsPageDocument } from "@/gql/graphql";
import { failure } from "@/lib/graphql/result";
import { singleKeys } from "@/lib/shortcuts";
import { chosenTheme, setTheme } from "@/lib/theme";
import { ApiTokens } from "./api-tokens";
import { SETTINGS, type SettingsPart } from "./parts";
import { Profile } from "./profile";
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
          <div className="flex max-w-[1040px] gap-12 px-6 py-8 max-sm:px-4">
            <Places />
            <div className="grid min-w-0 max-w-[760px] flex-1 gap-10">
              <Part id="profile"><Profile viewer={data.viewer} workspace={data.workspace} /></Part>
              <Part id="appearance"><Appearance /></Part>
              <Part id="password"><Password onChanged={reload} /></Part>
              <Part id="sessions"><Sessions sessions={data.viewer.sessions?.nodes ?? []} onChanged={reload} /></Part>
              <Part id="tokens"><ApiTokens tokens={data.workspace?.apiTokens?.nodes ?? []} onChanged={reload} /></Part>
            </div>
          </div>
        )}
      </div>
    </>
  );
}

/** The way to each part; where there is no room for it the page is short enough to scroll. */
function Places() {
  return (
    <nav aria-label="Settings" className="sticky top-8 -ml-2 w-40 shrink-0 self-start max-lg:hidden">
      <ul className="grid gap-0.5">
        {SETTINGS.map(({ id, title }) => (
          <li key={id}>
            <a href={`#${id}`} className="flex h-8 items-center rounded-2 px-2 text-ink-2 hover:bg-hover hover:text-ink">{title}</a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function Part({ id, children }: { id: SettingsPart; children: ReactNode }) {
  const part = useRef<HTMLElement>(null);
  // The browser looks for the address's part before there is anything to scroll to.
  useEffect(() => {
    if (location.hash === `#${id}`) part.current?.scrollIntoView();
  }, [id]);
  return (
    <section ref={part} id={id} aria-labelledby={`${id}-title`} className="grid scroll-mt-8 gap-3">
      <h2 id={`${id}-title`} className="text-16 font-title">{SETTINGS.find((one) => one.id === id)?.title}</h2>
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
      <Field label="Current password" error={wrong?.field === "currentPassword" ? wrong.message : null}>{(ids) => <PasswordInput {...ids} name="current" autoComplete="current-password" required />}</Field>
      <Field label="New password" hint="At least 10 characters. Other devices are signed out." error={wrong && wrong.field !== "currentPassword" ? wrong.message : null}>
        {(ids) => <PasswordInput {...ids} name="new" autoComplete="new-password" required />}
      </Field>
      <Button type="submit" busy={fetching} className="justify-self-start">Change password</Button>
    </form>
  );
}
