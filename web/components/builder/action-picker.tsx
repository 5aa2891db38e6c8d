"use client";

import { useId, useState } from "react";
import { Dialog } from "@/components/ui/dialog";
import { Input } from "@/components/ui/field";
import { AppTile } from "@/components/ui/tile";
import type { BuilderAppsQuery } from "@/gql/graphql";
import type { ActionKind } from "./step-panel";

type ActionPickerProps = { apps: NonNullable<BuilderAppsQuery["apps"]>; onPick: (action: ActionKind) => void; onClose: () => void; focusAfter: () => HTMLElement | null | undefined };

/** All there is to do, found by typing; Enter takes the first. */
export function ActionPicker({ apps, onPick, onClose, focusAfter }: ActionPickerProps) {
  const list = useId();
  const [search, setSearch] = useState("");
  const needle = search.trim().toLowerCase();
  const found = apps.flatMap((app) => app.actions.map((action) => ({ app, action }))).filter(({ app, action }) => `${app.title} ${action.title} ${action.description}`.toLowerCase().includes(needle));
  return (
    <Dialog open onOpenChange={onClose} title="Add a step" focusAfter={focusAfter}>
      <Input
        autoFocus
        aria-label="Search actions"
        aria-controls={list}
        placeholder="What should happen?"
        value={search}
        onChange={(event) => setSearch(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter" && found[0]) onPick(found[0].action);
        }}
      />
      <ul id={list} aria-label="Actions" className="mt-3 grid">
        {found.map(({ app, action }) => (
          <li key={`${action.app}/${action.key}`}>
            <button type="button" onClick={() => onPick(action)} className="flex w-full items-center gap-3 rounded-2 px-2 py-2 text-left hover:bg-hover">
              <AppTile app={action.app} action={action.key} />
              <span className="min-w-0">
                <strong className="block">{action.title}</strong>
                <span className="block text-12 text-ink-3">{app.title === action.title ? action.description : `${app.title} · ${action.description}`}</span>
              </span>
            </button>
          </li>
        ))}
        {found.length === 0 ? <li className="py-6 text-center text-ink-3">Nothing does “{search}”.</li> : null}
      </ul>
    </Dialog>
  );
}
