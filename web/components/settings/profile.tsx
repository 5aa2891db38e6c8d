"use client";

import { useState, type FormEvent } from "react";
import { useMutation } from "urql";
import { Button } from "@/components/ui/button";
import { Field, Input } from "@/components/ui/field";
import { Facts } from "@/components/ui/panel";
import { useToast } from "@/components/ui/toast";
import { UpdateProfileDocument, type SettingsPageQuery } from "@/gql/graphql";
import { failure } from "@/lib/graphql/result";

type ProfileProps = { viewer: NonNullable<SettingsPageQuery["viewer"]>; workspace: SettingsPageQuery["workspace"] };

/** Who one is here, and the workspace that everything belongs to. */
export function Profile({ viewer, workspace }: ProfileProps) {
  const say = useToast();
  const [name, setName] = useState(viewer.user.name);
  const [wrong, setWrong] = useState<string | null>(null);
  const [{ fetching }, update] = useMutation(UpdateProfileDocument);
  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const { data, error } = await update({ name });
    const answer = data?.updateProfile;
    const [issue] = answer?.__typename === "ValidationError" ? answer.issues : [];
    const said = issue ? `${issue.message} ${issue.fix}` : failure(answer, error);
    setWrong(said);
    if (answer?.__typename !== "UpdateProfileSuccess") return;
    setName(answer.user.name);
    say("Your name is saved.");
  }
  return (
    <div className="grid gap-5">
      <form onSubmit={submit} className="flex items-end gap-2">
        <div className="w-full min-w-0 max-w-[360px]">
          <Field label="Name" error={wrong}>
            {(ids) => <Input {...ids} dir="auto" autoComplete="name" maxLength={100} value={name} onChange={(event) => setName(event.target.value)} />}
          </Field>
        </div>
        <Button type="submit" busy={fetching} disabled={name.trim() === viewer.user.name && !wrong}>Save name</Button>
      </form>
      <Facts
        rows={[
          ["E-mail", viewer.user.email],
          ["Workspace", <span key="workspace" dir="auto">{workspace?.name}</span>],
          ["History", `Runs and events are kept ${workspace?.retentionDays ?? 30} days`],
        ]}
      />
    </div>
  );
}
