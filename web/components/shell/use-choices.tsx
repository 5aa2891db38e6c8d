import { Hash, Keyboard, LogOut, Plug, Plus, Settings, SunMoon, type LucideIcon } from "lucide-react";
import { useRouter } from "next/navigation";
import { useDeferredValue, useMemo, useState, type ReactNode } from "react";
import { useQuery } from "urql";
import { useHere } from "@/components/session/session-provider";
import { useSignOut } from "@/components/session/use-sign-out";
import { SETTINGS } from "@/components/settings/parts";
import { Keys } from "@/components/ui/keys";
import { stateOf, StateIcon } from "@/components/ui/state";
import { CommandBarDocument } from "@/gql/graphql";
import { commandsHere } from "@/lib/commands";
import { ago, shortId } from "@/lib/format";
import { useNow } from "@/lib/now";
import { toggleTheme } from "@/lib/theme";
import { PLACES } from "./rail";

/** A row of the command bar. */
export type Choice = { key: string; group: "On this page" | "Zips" | "Do" | "Go to" | "Connections" | "Runs"; words: string; aside?: ReactNode; icon: ReactNode; act: () => void };

/** Where an id of each kind leads. */
const BY_ID: Record<string, (id: string) => string> = {
  zip: (id) => `/zips/${id}`,
  run: (id) => `/runs/${id}`,
  evt: (id) => `/events?event=${id}`,
  con: (id) => `/connections?connection=${id}`,
};

type Doing = { onClose: () => void; onNewZip: () => void; onShortcuts: () => void };

/** What the command bar offers for what is typed, the best match first. */
export function useChoices(typed: string, { onClose, onNewZip, onShortcuts }: Doing): Choice[] {
  const { workspace } = useHere();
  const router = useRouter();
  const now = useNow();
  const signOut = useSignOut();
  // As it was when the bar was opened: the page below does not change meanwhile.
  const [here] = useState(commandsHere);
  const search = typed.trim();
  const asked = useDeferredValue(search);
  const [{ data }] = useQuery({ query: CommandBarDocument, variables: { workspaceId: workspace.id, search: asked || null } });
  return useMemo(() => {
    const then = (act: () => void) => () => {
      onClose();
      act();
    };
    const go = (href: string) => then(() => router.push(href));
    // A pasted id leads straight to what it names.
    const [, kind = ""] = /^([a-z]+)_[0-9a-f-]{36}$/.exec(search) ?? [];
    const place = Object.hasOwn(BY_ID, kind) ? BY_ID[kind] : undefined;
    if (place) return [{ key: search, group: "Go to", words: `Open ${search}`, icon: glyph(Hash), act: go(place(search)) }];
    const pageOwn = here.map((one): Choice => ({ key: one.words, group: "On this page", words: one.words, aside: one.keys ? <Keys of={one.keys} /> : null, icon: glyph(one.icon), act: then(one.act) }));
    const fixed: Choice[] = [
      { key: "new", group: "Do", words: "New zip", aside: <Keys of="N" />, icon: glyph(Plus), act: onNewZip },
      { key: "connect", group: "Do", words: "New connection", icon: glyph(Plug), act: go("/connections?connection=new") },
      { key: "theme", group: "Do", words: "Switch light and dark", icon: glyph(SunMoon), act: then(toggleTheme) },
      { key: "keys", group: "Do", words: "Show all shortcuts", aside: <Keys of="?" />, icon: glyph(Keyboard), act: onShortcuts },
      { key: "leave", group: "Do", words: "Sign out", icon: glyph(LogOut), act: then(() => void signOut()) },
      ...PLACES.map(({ href, name, icon }): Choice => ({ key: href, group: "Go to", words: name, icon: glyph(icon), act: go(href) })),
      ...SETTINGS.map(({ id, title }): Choice => ({ key: id, group: "Go to", words: `Settings: ${title}`, icon: glyph(Settings), act: go(`/settings#${id}`) })),
    ];
    const zips = (data?.zips?.nodes ?? []).map((zip): Choice => ({
      key: zip.id, group: "Zips", words: zip.name, icon: <StateIcon state={stateOf(zip.state)} />, act: go(`/zips/${zip.id}`),
    }));
    const connections = (data?.connections?.nodes ?? []).map((connection): Choice => ({
      key: connection.id, group: "Connections", words: connection.name, icon: glyph(Plug), act: go(`/connections?connection=${connection.id}`),
    }));
    const runs = (data?.runs?.nodes ?? []).map((run): Choice => ({
      key: run.id, group: "Runs", words: `${run.zip?.name ?? "A deleted zip"} ${shortId(run.id)}`, aside: ago(run.createdAt, now),
      icon: <StateIcon state={stateOf(run.status)} />, act: go(`/runs/${run.id}`),
    }));
    const matches = (choice: Choice) => choice.words.toLocaleLowerCase().includes(search.toLocaleLowerCase());
    // Also what the server found: its answer may be to what was typed before, and Enter must not wait for the next.
    return [...pageOwn, ...zips, ...fixed, ...connections, ...runs].filter(matches);
  }, [data, here, search, now, router, signOut, onClose, onNewZip, onShortcuts]);
}

const glyph = (Icon: LucideIcon) => <Icon aria-hidden size={16} strokeWidth={1.75} className="shrink-0 text-ink-3" />;
