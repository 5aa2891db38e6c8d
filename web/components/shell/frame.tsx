"use client";

import { clsx } from "clsx";
import { usePathname } from "next/navigation";
import { useState, type ReactNode } from "react";
import { SessionProvider } from "@/components/session/session-provider";
import { onDemand } from "@/components/ui/on-demand";
import { useShortcuts } from "@/lib/shortcuts";
import { LiveLine } from "./live-line";
import { Dock, Rail } from "./rail";

// Opened by hand, so they need not come with the first page.
const CommandBar = onDemand(() => import("./command-bar").then((file) => file.default));
const NewZip = onDemand(() => import("@/components/zips/new-zip").then((file) => file.default));
const ShortcutList = onDemand(() => import("./shortcut-list").then((file) => file.default));

type Opened = "command" | "new-zip" | "shortcuts" | null;

/** What stands around every page: rail, dock, command bar, and the session all of it needs. */
export function Frame({ children }: { children: ReactNode }) {
  return (
    <SessionProvider>
      <Shell>{children}</Shell>
    </SessionProvider>
  );
}

function Shell({ children }: { children: ReactNode }) {
  const [opened, setOpened] = useState<Opened>(null);
  const closed = /^\/(zips|runs)\/./.test(usePathname());
  useShortcuts({
    "mod+k": () => setOpened("command"),
    "?": () => setOpened("shortcuts"),
    n: () => setOpened("new-zip"),
  });
  const close = () => setOpened(null);
  return (
    <div className={clsx("grid h-dvh max-sm:grid-cols-1", closed ? "grid-cols-[52px_minmax(0,1fr)]" : "grid-cols-[216px_minmax(0,1fr)]")}>
      <a href="#page" className="absolute -top-20 left-2 z-70 rounded-2 bg-surface px-3 py-2 focus:top-2">
        Skip to the page
      </a>
      <Rail closed={closed} onNewZip={() => setOpened("new-zip")} onCommand={() => setOpened("command")} />
      <main id="page" className="relative flex min-h-0 min-w-0 flex-col overflow-hidden border-l border-line bg-surface max-sm:border-0 max-sm:pb-14">
        <LiveLine />
        {children}
      </main>
      <Dock />
      {opened === "command" ? <CommandBar onClose={close} onNewZip={() => setOpened("new-zip")} onShortcuts={() => setOpened("shortcuts")} /> : null}
      {opened === "new-zip" ? <NewZip onClose={close} /> : null}
      {opened === "shortcuts" ? <ShortcutList onClose={close} /> : null}
    </div>
  );
}
