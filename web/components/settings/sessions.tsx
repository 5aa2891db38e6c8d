"use client";

import { useMutation } from "urql";
import { useSignOut } from "@/components/session/use-sign-out";
import { Button } from "@/components/ui/button";
import { useToast } from "@/components/ui/toast";
import { RevokeSessionDocument, type SettingsPageQuery } from "@/gql/graphql";
import { ago, exact } from "@/lib/format";
import { failure } from "@/lib/graphql/result";
import { useNow } from "@/lib/now";

type Session = NonNullable<NonNullable<SettingsPageQuery["viewer"]>["sessions"]>["nodes"][number];

/** Every device that is signed in, and the way to sign it out. */
export function Sessions({ sessions, onChanged }: { sessions: Session[]; onChanged: () => void }) {
  const now = useNow();
  const say = useToast();
  const signOut = useSignOut();
  const [, revoke] = useMutation(RevokeSessionDocument);
  async function end(session: Session) {
    const { data, error } = await revoke({ sessionId: session.id });
    const wrong = failure(data?.revokeSession, error);
    say(wrong ?? "That device is signed out.", { bad: Boolean(wrong) });
    if (!wrong) onChanged();
  }
  return (
    <ul className="overflow-hidden rounded-2 border border-line">
      {sessions.map((session) => (
        <li key={session.id} className="flex items-center gap-3 border-line px-3 py-2 not-last:border-b">
          <div className="min-w-0 flex-1">
            <p className="truncate font-strong" title={session.userAgent}>{deviceOf(session.userAgent)}</p>
            <p className="text-12 text-ink-3" title={exact(session.lastSeenAt)}>{session.ip}, {session.isCurrent ? "this one" : `last seen ${ago(session.lastSeenAt, now)}`}</p>
          </div>
          <Button size="small" aria-label={`Sign out ${session.isCurrent ? "here" : `on ${deviceOf(session.userAgent)}`}`} onClick={() => void (session.isCurrent ? signOut() : end(session))}>Sign out</Button>
        </li>
      ))}
    </ul>
  );
}

/** A browser's name and system, from what it says of itself. */
function deviceOf(userAgent: string): string {
  const browser = [["Edg/", "Edge"], ["Firefox/", "Firefox"], ["Chrome/", "Chrome"], ["Safari/", "Safari"], ["curl/", "curl"]].find(([mark]) => userAgent.includes(mark ?? ""))?.[1];
  const system = [["Android", "Android"], ["iPhone", "iPhone"], ["iPad", "iPad"], ["Mac OS", "macOS"], ["Windows", "Windows"], ["Linux", "Linux"]].find(([mark]) => userAgent.includes(mark ?? ""))?.[1];
  return [browser ?? (userAgent.slice(0, 60) || "Unknown program"), system].filter(Boolean).join(" on ");
}
