"use client";

import * as Dialog from "@radix-ui/react-dialog";
import { Search } from "lucide-react";
import { useId, useState, type KeyboardEvent } from "react";
import { useHere } from "@/components/session/session-provider";
import { Keys } from "@/components/ui/keys";
import { useChoices } from "./use-choices";

type CommandBarProps = { onClose: () => void; onNewZip: () => void; onShortcuts: () => void };

/** Reaches everything by typing: what this page does, zips, places, things to do, connections, the latest runs. */
export default function CommandBar({ onClose, onNewZip, onShortcuts }: CommandBarProps) {
  const { workspace } = useHere();
  const [typed, setTyped] = useState("");
  const [chosen, setChosen] = useState(0);
  const choices = useChoices(typed, { onClose, onNewZip, onShortcuts });
  const list = useId();
  const at = Math.min(chosen, choices.length - 1);
  const move = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      setChosen((at + step + choices.length) % Math.max(1, choices.length));
      document.getElementById(`${list}-${(at + step + choices.length) % Math.max(1, choices.length)}`)?.scrollIntoView({ block: "nearest" });
    } else if (event.key === "Enter") {
      event.preventDefault();
      choices[at]?.act();
    }
  };
  return (
    <Dialog.Root open onOpenChange={onClose}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 bg-scrim" />
        <Dialog.Content aria-describedby="" className="fixed top-[132px] left-1/2 z-60 w-[min(640px,calc(100vw-32px))] -translate-x-1/2 overflow-hidden rounded-4 border border-line bg-raised shadow-3 max-sm:top-4">
          <Dialog.Title className="sr-only">Search or jump to</Dialog.Title>
          <div className="flex items-center gap-3 border-b border-line px-4">
            <Search aria-hidden size={16} strokeWidth={1.75} className="shrink-0 text-ink-3" />
            <input
              role="combobox"
              aria-expanded
              aria-controls={list}
              aria-activedescendant={choices[at] ? `${list}-${at}` : undefined}
              aria-label="Search or jump to"
              value={typed}
              onChange={(event) => {
                setTyped(event.target.value);
                setChosen(0);
              }}
              onKeyDown={move}
              placeholder="A zip, a page, something to do"
              className="h-12 min-w-0 flex-1 bg-transparent text-16 outline-none focus-visible:shadow-none"
            />
            <span dir="auto" className="max-w-44 truncate text-12 text-ink-3 max-sm:hidden">in {workspace.name}</span>
          </div>
          <ul id={list} role="listbox" aria-label="Matches" className="max-h-[min(420px,60vh)] overflow-y-auto p-1.5">
            {choices.map((choice, index) => (
              <li key={choice.key} role="presentation">
                {choice.group !== choices[index - 1]?.group ? <p aria-hidden className="px-2 pt-2 pb-1 text-12 text-ink-3">{choice.group}</p> : null}
                <div
                  id={`${list}-${index}`}
                  role="option"
                  aria-selected={index === at}
                  onMouseMove={() => setChosen(index)}
                  onClick={choice.act}
                  className="flex h-9 cursor-pointer items-center gap-2.5 rounded-2 px-2 aria-selected:bg-accent-surface max-sm:h-11"
                >
                  {choice.icon}
                  <span dir="auto" className="min-w-0 flex-1 truncate text-left">{choice.words}</span>
                  <span className="text-12 text-ink-3">{choice.aside}</span>
                </div>
              </li>
            ))}
            {choices.length === 0 ? <li className="px-2 py-6 text-center text-ink-3">Nothing is called “{typed}”.</li> : null}
          </ul>
          <p aria-hidden className="flex items-center gap-4 border-t border-line bg-well px-4 py-2 text-12 text-ink-3 max-sm:hidden">
            <span className="flex items-center gap-1.5"><Keys of="↑ ↓" /> move</span>
            <span className="flex items-center gap-1.5"><Keys of="↵" /> open</span>
            <span className="ml-auto flex items-center gap-1.5"><Keys of="Esc" /> close</span>
          </p>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
