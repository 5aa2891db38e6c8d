"use client";

import { createContext, useContext, useEffect, useMemo, useState, type ReactNode } from "react";
import { Provider, useQuery } from "urql";
import { Button } from "@/components/ui/button";
import { Trouble } from "@/components/ui/empty";
import { onDemand } from "@/components/ui/on-demand";
import { ViewerDocument, type ViewerQuery } from "@/gql/graphql";
import { createClient } from "@/lib/graphql/client";
import { session } from "@/lib/graphql/session";
import { Logo } from "@/components/shell/logo";
import { SignInForm } from "./sign-in-form";

const Zipper = onDemand(() => import("./zipper").then((file) => file.default));
const SignedOut = onDemand(() => import("./signed-out").then((file) => file.default));

type Viewer = NonNullable<ViewerQuery["viewer"]>;
type Here = { user: Viewer["user"]; workspace: Viewer["workspaces"][number] };

const HereContext = createContext<Here | null>(null);

/** Who is signed in, and the workspace everything on the page belongs to. Only below SessionProvider. */
export function useHere(): Here {
  const here = useContext(HereContext);
  if (!here) throw new Error("useHere is used outside SessionProvider");
  return here;
}

/** The way to the server for everything below it. Signed-out visitors are asked who they are first. */
export function SessionProvider({ children }: { children: ReactNode }) {
  const [client] = useState(createClient);
  return (
    <Provider value={client}>
      <Gate>{children}</Gate>
    </Provider>
  );
}

function Gate({ children }: { children: ReactNode }) {
  const [{ data, error, fetching }, load] = useQuery({ query: ViewerDocument });
  const [ended, setEnded] = useState(false);
  useEffect(
    () =>
      session.subscribe((signedIn) => {
        setEnded(!signedIn);
        if (signedIn) load({ requestPolicy: "network-only" });
      }),
    [load],
  );
  const here = useMemo<Here | null>(() => {
    const [workspace] = data?.viewer?.workspaces ?? [];
    return data?.viewer && workspace ? { user: data.viewer.user, workspace } : null;
  }, [data]);
  if (!here) {
    if (fetching && !ended) return <Opening />;
    if (error?.networkError) {
      return (
        <main className="grid min-h-dvh content-center justify-items-center bg-surface">
          <h1><Logo /></h1>
          <Trouble
            title="The server does not answer"
            action={<Button onClick={() => load({ requestPolicy: "network-only" })}>Try again</Button>}
          >
            Nothing is lost: what was accepted is stored and runs on. Check that Zipped is running, then try again.
          </Trouble>
        </main>
      );
    }
    return <SignInPage />;
  }
  return (
    <HereContext value={here}>
      {children}
      {ended ? <SignedOut email={here.user.email} /> : null}
    </HereContext>
  );
}

function Opening() {
  return (
    <div role="status" aria-label="Opening Zipped" className="grid min-h-dvh place-items-center">
      <Logo className="animate-[appear_1ms_300ms_both] text-ink-4" />
    </div>
  );
}

function SignInPage() {
  return (
    <div className="grid min-h-dvh bg-surface lg:grid-cols-[minmax(0,560px)_minmax(0,1fr)]">
      <main className="flex flex-col px-6 py-10 sm:px-24">
        <p className="-ml-[3px] flex items-center gap-2 text-16 font-title"><Logo /> Zipped</p>
        <div className="my-auto w-full max-w-[368px] py-10 max-lg:mx-auto">
          <SignInForm />
        </div>
      </main>
      <aside aria-label="What Zipped promises" className="relative overflow-hidden border-l border-line bg-bg max-lg:hidden">
        <Zipper />
        <p className="absolute bottom-14 left-14 max-w-[260px] text-14 text-ink-2">What Zipped has accepted is never lost, and a run finishes exactly once.</p>
      </aside>
    </div>
  );
}
