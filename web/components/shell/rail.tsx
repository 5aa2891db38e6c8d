"use client";

import { clsx } from "clsx";
import { Activity, Inbox, LogOut, Plug, Plus, Search, Settings, SunMoon, Workflow, type LucideIcon } from "lucide-react";
import Link from "@/components/ui/link";
import { usePathname } from "next/navigation";
import { useHere } from "@/components/session/session-provider";
import { useSignOut } from "@/components/session/use-sign-out";
import { Button } from "@/components/ui/button";
import { Keys } from "@/components/ui/keys";
import { Menu } from "@/components/ui/menu";
import { toggleTheme } from "@/lib/theme";
import { Logo } from "./logo";

export const PLACES: { href: string; name: string; icon: LucideIcon }[] = [
  { href: "/zips", name: "Zips", icon: Workflow },
  { href: "/runs", name: "Runs", icon: Activity },
  { href: "/events", name: "Events", icon: Inbox },
  { href: "/connections", name: "Connections", icon: Plug },
  { href: "/settings", name: "Settings", icon: Settings },
];

type RailProps = { closed: boolean; onNewZip: () => void; onCommand: () => void };

/** The way around: at the left, closed where the page needs the room, a dock at the bottom of a phone. */
export function Rail({ closed, onNewZip, onCommand }: RailProps) {
  const { workspace } = useHere();
  return (
    <nav aria-label="Main" className={clsx("flex min-w-0 flex-col max-sm:hidden", closed ? "items-center py-2.5" : "p-2.5")}>
      <div className={clsx("flex h-8 items-center gap-2.5", !closed && "px-1.5")}>
        <Logo />
        {closed ? null : <span className="truncate font-title" dir="auto">{workspace.name}</span>}
      </div>
      <div className={clsx("mt-3.5 grid gap-2", closed && "justify-items-center")}>
        {closed ? (
          <Button icon aria-label="New zip" onClick={onNewZip}><Plus aria-hidden size={16} /></Button>
        ) : (
          <Button onClick={onNewZip} className="justify-start!">
            <Plus aria-hidden size={16} /> <span className="flex-1 text-left">New zip</span> <Keys of="N" />
          </Button>
        )}
        <button
          type="button"
          onClick={onCommand}
          aria-label="Search or jump to"
          className={clsx("flex h-8 items-center gap-2 rounded-2 text-ink-3 hover:bg-hover", closed ? "w-8 justify-center" : "border border-line bg-surface px-2")}
        >
          <Search aria-hidden size={16} strokeWidth={1.75} />
          {closed ? null : (<><span className="min-w-0 flex-1 truncate text-left">Search or jump</span><Keys of="⌘ K" /></>)}
        </button>
      </div>
      <Places closed={closed} />
      <Person closed={closed} />
    </nav>
  );
}

/** The same places on a phone. */
export function Dock() {
  const pathname = usePathname();
  return (
    <nav aria-label="Main" className="fixed inset-x-0 bottom-0 z-20 grid grid-cols-5 border-t border-line bg-surface sm:hidden">
      {PLACES.map(({ href, name, icon: Icon }) => (
        <Link
          key={href}
          href={href}
          aria-current={pathname.startsWith(href) ? "page" : undefined}
          className="grid h-14 content-center justify-items-center gap-0.5 text-11 text-ink-3 aria-[current]:font-strong aria-[current]:text-ink"
        >
          <Icon aria-hidden size={18} strokeWidth={1.75} />
          {name}
        </Link>
      ))}
    </nav>
  );
}

function Places({ closed }: { closed: boolean }) {
  const pathname = usePathname();
  return (
    <ul className="mt-4 grid gap-0.5">
      {PLACES.map(({ href, name, icon: Icon }) => (
        <li key={href}>
          <Link
            href={href}
            aria-label={closed ? name : undefined}
            title={closed ? name : undefined}
            aria-current={pathname.startsWith(href) ? "page" : undefined}
            className={clsx(
              "flex h-8 items-center gap-2.5 rounded-2 text-ink-2 hover:bg-hover aria-[current]:bg-press aria-[current]:font-strong aria-[current]:text-ink",
              closed ? "w-8 justify-center" : "px-2",
            )}
          >
            <Icon aria-hidden size={16} strokeWidth={1.75} />
            {closed ? null : name}
          </Link>
        </li>
      ))}
    </ul>
  );
}

function Person({ closed }: { closed: boolean }) {
  const { user } = useHere();
  const signOut = useSignOut();
  return (
    <div className={clsx("mt-auto border-t border-line pt-2", !closed && "w-full")}>
      <Menu
        align="start"
        trigger={
          <button type="button" aria-label={`${user.name}, account`} className={clsx("flex h-9 items-center gap-2 rounded-2 hover:bg-hover", closed ? "w-9 justify-center" : "w-full px-1.5")}>
            <span aria-hidden className="inline-flex size-6 shrink-0 items-center justify-center rounded-full bg-(--app-6) text-11 font-title text-(--app-6-ink)">
              {initials(user.name)}
            </span>
            {closed ? null : <span className="truncate" dir="auto">{user.name}</span>}
          </button>
        }
        items={[
          { words: "Switch light and dark", icon: <SunMoon aria-hidden size={16} strokeWidth={1.75} />, onSelect: toggleTheme },
          { words: "Sign out", icon: <LogOut aria-hidden size={16} strokeWidth={1.75} />, onSelect: () => void signOut() },
        ]}
      />
    </div>
  );
}

function initials(name: string): string {
  const words = name.trim().split(/\s+/);
  return words
    .slice(0, 2)
    .map((word) => [...word][0]?.toUpperCase() ?? "")
    .join("");
}
