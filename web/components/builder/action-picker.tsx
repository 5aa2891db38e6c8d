"use client";

import { clsx } from "clsx";
import { useId, useState, type ReactNode } from "react";
import { Dialog } from "@/components/ui/dialog";
import { Input } from "@/components/ui/field";
import { AppTile } from "@/components/ui/tile";
import type { BuilderAppsQuery } from "@/gql/graphql";
import type { ActionKind } from "./step-panel";

type ActionPickerProps = {
  apps: NonNullable<BuilderAppsQuery["apps"]>;
  /** In place of the actions while it is not known which there are. */
  unread: ReactNode;
  onPick: (action: ActionKind) => void;
  onClose: () => void;
  focusAfter: () => HTMLElement | null | undefined;
};

/** All there is to do, found by typing, chosen by arrows; Enter takes the chosen one, at first the best match. */
export function ActionPicker({ apps, unread, onPick, onClose, focusAfter }: ActionPickerProps) {
  const list = useId();
  const [search, setSearch] = useState("");
  const [at, setAt] = useState(0);
  const needle = search.trim().toLowerCase();
  const found = apps
    .flatMap((app) => app.actions.map((action) => ({ app, action, rank: rankOf(needle, action.title, app.title, action.description) })))
    .filter(({ rank }) => rank >= 0)
    .sort((a, b) => a.rank - b.rank);
  const chosen = found[Math.min(at, found.length - 1)];
  const go = (by: number) => {
    const next = Math.max(0, Math.min(found.length - 1, at + by));
    setAt(next);
    document.getElementById(`${list}-${next}`)?.scrollIntoView({ block: "nearest" });
  };
  return (
    <Dialog open onOpenChange={onClose} title="Add a step" focusAfter={focusAfter}>
      <Input
        autoFocus
        role="combobox"
        aria-label="Search actions"
        aria-expanded
        aria-controls={list}
        aria-autocomplete="list"
        aria-activedescendant={chosen ? `${list}-${found.indexOf(chosen)}` : undefined}
        placeholder="What should happen?"
        value={search}
        onChange={(event) => {
          setSearch(event.target.value);
          setAt(0);
        }}
        onKeyDown={(event) => {
          if (event.key === "Enter" && chosen) onPick(chosen.action);
          else if (event.key === "ArrowDown") go(1);
          else if (event.key === "ArrowUp") go(-1);
          else return;
          event.preventDefault();
        }}
      />
      <div id={list} role="listbox" aria-label="Actions" aria-busy={unread !== null} className="mt-3 grid">
        {found.map(({ app, action }, index) => (
          <div
            key={`${action.app}/${action.key}`}
            id={`${list}-${index}`}
            role="option"
            aria-selected={found[index] === chosen}
            onMouseMove={() => setAt(index)}
            onClick={() => onPick(action)}
            className={clsx("flex w-full cursor-pointer items-center gap-3 rounded-2 px-2 py-2", found[index] === chosen && "bg-accent-surface")}
          >
            <AppTile app={action.app} action={action.key} />
            <span className="min-w-0">
              <strong className="block">{action.title}</strong>
              <span className="block text-12 text-ink-3">{app.title === action.title ? action.description : `${app.title} · ${action.description}`}</span>
            </span>
          </div>
        ))}
      </div>
      {unread}
      {unread === null && found.length === 0 ? <p role="status" className="py-6 text-center text-ink-3">Nothing does “{search}”.</p> : null}
    </Dialog>
  );
}

/** How well an action fits what is searched, 0 best; -1: not at all. Every word has to be somewhere. */
function rankOf(needle: string, title: string, app: string, description: string): number {
  const [name, all] = [title.toLowerCase(), `${app} ${title} ${description}`.toLowerCase()];
  if (!needle.split(/\s+/).every((word) => all.includes(word))) return -1;
  return name.startsWith(needle) ? 0 : name.includes(needle) ? 1 : 2;
}
