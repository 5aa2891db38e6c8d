"use client";

import { useState, type FormEvent } from "react";
import { useMutation, useQuery } from "urql";
import { Button } from "@/components/ui/button";
import { Field, Input, PasswordInput } from "@/components/ui/field";
import { SignInDocument, SignUpDocument, SignUpOpenDocument } from "@/gql/graphql";
import { failure } from "@/lib/graphql/result";
import { session } from "@/lib/graphql/session";

const FIELDS = ["email", "name", "password"] as const;

/** What is wrong, by field; what belongs to none of them is under “form”. */
type Wrong = Partial<Record<(typeof FIELDS)[number] | "form", string>>;

/** Sign in, or make an account where the instance allows it. A given `email` stays as it is. */
export function SignInForm({ email: fixed }: { email?: string }) {
  const [making, setMaking] = useState(false);
  const [wrong, setWrong] = useState<Wrong>({});
  const [{ fetching: signingIn }, signIn] = useMutation(SignInDocument);
  const [{ fetching: signingUp }, signUp] = useMutation(SignUpDocument);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string) => String(form.get(name) ?? "");
    const given = { email: fixed ?? text("email"), password: text("password") };
    const { data, error } = making ? await signUp({ ...given, name: text("name") }) : await signIn(given);
    const answer = data && ("signUp" in data ? data.signUp : data.signIn);
    const said = failure(answer, error);
    setWrong(said ? byField(said, answer) : {});
    if (!said) session.began();
  }

  return (
    <form onSubmit={submit} className="grid gap-4" noValidate>
      {fixed ? null : <h1 className="pb-4 text-28 font-title">{making ? "Create your account" : "Sign in"}</h1>}
      {wrong.form ? (
        <p role="alert" className="rounded-2 border border-bad-line bg-bad-surface px-3 py-2 text-bad-ink">
          {wrong.form}
        </p>
      ) : null}
      <Field label="E-mail" error={wrong.email}>
        {(ids) => <Input {...ids} name="email" type="email" autoComplete="username" required defaultValue={fixed} readOnly={Boolean(fixed)} className="h-(--control-l)!" />}
      </Field>
      {making ? (
        <Field label="Name" error={wrong.name}>
          {(ids) => <Input {...ids} name="name" autoComplete="name" required className="h-(--control-l)!" />}
        </Field>
      ) : null}
      <Field label="Password" error={wrong.password} hint={making ? "At least 10 characters." : undefined}>
        {(ids) => <PasswordInput {...ids} name="password" required autoFocus={Boolean(fixed)} autoComplete={making ? "new-password" : "current-password"} className="h-(--control-l)!" />}
      </Field>
      <Button type="submit" look="primary" size="large" busy={signingIn || signingUp}>
        {making ? "Create account" : "Sign in"}
      </Button>
      {fixed ? null : (
        <OtherWay
          making={making}
          onSwitch={() => {
            setMaking(!making);
            setWrong({});
          }}
        />
      )}
    </form>
  );
}

/** Says how one comes to an account here: an instance that makes none for strangers does not offer it. */
function OtherWay({ making, onSwitch }: { making: boolean; onSwitch: () => void }) {
  const [{ data }] = useQuery({ query: SignUpOpenDocument });
  const open = data?.isSignUpOpen;
  return (
    <p className="min-h-5 text-ink-3">
      {making || open ? (
        <button type="button" className="text-accent hover:text-accent-hover" onClick={onSwitch}>
          {making ? "I have an account" : "Create an account"}
        </button>
      ) : open === false ? (
        "New here? Ask whoever runs this Zipped for an account."
      ) : null}
    </p>
  );
}

type Answer = { __typename: string; path?: readonly string[] | null; issues?: readonly { path: readonly string[]; message: string; fix: string }[] };

function byField(said: string, answer: Answer | undefined): Wrong {
  const fieldOf = (path: readonly string[] | null | undefined) => FIELDS.find((field) => field === path?.at(-1));
  const wrong: Wrong = {};
  for (const issue of answer?.issues ?? []) wrong[fieldOf(issue.path) ?? "form"] = `${issue.message} ${issue.fix}`.trim();
  return Object.keys(wrong).length ? wrong : { [fieldOf(answer?.path) ?? "form"]: said };
}
