"use client";

import { useState, type FormEvent } from "react";
import { useMutation } from "urql";
import { Button } from "@/components/ui/button";
import { Field, Input } from "@/components/ui/field";
import { SignInDocument, SignUpDocument } from "@/gql/graphql";
import { session } from "@/lib/graphql/session";

type Wrong = { message: string; field: string | null };

/** Sign in, or make an account where the instance allows it. A given `email` stays as it is. */
export function SignInForm({ email: fixed }: { email?: string }) {
  const [making, setMaking] = useState(false);
  const [wrong, setWrong] = useState<Wrong | null>(null);
  const [{ fetching: signingIn }, signIn] = useMutation(SignInDocument);
  const [{ fetching: signingUp }, signUp] = useMutation(SignUpDocument);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string) => String(form.get(name) ?? "");
    const given = { email: fixed ?? text("email"), password: text("password") };
    const { data, error } = making ? await signUp({ ...given, name: text("name") }) : await signIn(given);
    const result = data && ("signUp" in data ? data.signUp : data.signIn);
    if (result && "message" in result) {
      setWrong({ message: result.message, field: result.path?.at(-1) ?? null });
    } else if (result) {
      session.began();
    } else {
      const said = error?.graphQLErrors[0]?.message;
      setWrong({ message: said ?? "The server does not answer. Nothing was changed; try again.", field: null });
    }
  }

  const errorOf = (field: string) => (wrong?.field === field ? wrong.message : null);
  const known = ["email", "name", "password"];
  return (
    <form onSubmit={submit} className="grid gap-4" noValidate>
      {fixed ? null : <h1 className="pb-4 text-28 font-title">{making ? "Create your account" : "Sign in"}</h1>}
      {wrong && !known.includes(wrong.field ?? "") ? (
        <p role="alert" className="rounded-2 border border-bad-line bg-bad-surface px-3 py-2 text-bad-ink">
          {wrong.message}
        </p>
      ) : null}
      <Field label="E-mail" error={errorOf("email")}>
        {(ids) => <Input {...ids} name="email" type="email" autoComplete="username" required defaultValue={fixed} readOnly={Boolean(fixed)} className="h-(--control-l)" />}
      </Field>
      {making ? (
        <Field label="Name" error={errorOf("name")}>
          {(ids) => <Input {...ids} name="name" autoComplete="name" required className="h-(--control-l)" />}
        </Field>
      ) : null}
      <Field label="Password" error={errorOf("password")} hint={making ? "At least 10 characters." : undefined}>
        {(ids) => (
          <Input {...ids} name="password" type="password" required autoComplete={making ? "new-password" : "current-password"} className="h-(--control-l)" />
        )}
      </Field>
      <Button type="submit" look="primary" size="large" busy={signingIn || signingUp}>
        {making ? "Create account" : "Sign in"}
      </Button>
      {fixed ? null : (
        <button
          type="button"
          className="justify-self-start text-accent hover:text-accent-hover"
          onClick={() => {
            setMaking(!making);
            setWrong(null);
          }}
        >
          {making ? "I have an account" : "Create an account"}
        </button>
      )}
    </form>
  );
}
