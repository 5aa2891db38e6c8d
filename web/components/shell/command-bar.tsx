"use client";

import { Keyboard, Plus, SunMoon, type LucideIcon } from "lucide-react";
import { useRouter } from "next/navigation";
import * as Dialog from "@radix-ui/react-dialog";
import { useDeferredValue, useId, useMemo, useState, type KeyboardEvent, type ReactNode } from "react";
import { useQuery } from "urql";
import { useHere } from "@/components/session/session-provider";
import { Keys } from "@/components/ui/keys";
import { stateOf, StateIcon } from "@/components/ui/state";
import { CommandBarDocument } from "@/gql/graphql";
import { ago, shortId } from "@/lib/format";
import { useNow } from "@/lib/now";
import { toggleTheme } from "@/lib/theme";
import { PLACES } from "./rail";

type Choice = { key: string; group: "Zips" | "Do" | "Go to" | "Runs"; words: string; aside?: ReactNode; icon: ReactNode; act: () => void };
type CommandBarProps = { onClose: () => void; onNewZip: () => void; onShortcuts: () => void };

/** Reaches everything by typing: zips, places, things to do, the latest runs. The best match is chosen. */
export default function CommandBar({ onClose, onNewZip, onShortcuts }: CommandBarProps) {
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
            className="h-12 w-full border-b border-line bg-transparent px-4 text-16 outline-none focus-visible:shadow-none"
          />
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
                  className="flex h-9 cursor-pointer items-center gap-2.5 rounded-2 px-2 aria-selected:bg-hover"
                >
                  {choice.icon}
                  <span dir="auto" className="min-w-0 flex-1 truncate text-left">{choice.words}</span>
                  <span className="text-12 text-ink-3">{choice.aside}</span>
                </div>
              </li>
            ))}
            {choices.length === 0 ? <li className="px-2 py-6 text-center text-ink-3">Nothing is called “{typed}”.</li> : null}
          </ul>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function useChoices(typed: string, { onClose, onNewZip, onShortcuts }: CommandBarProps): Choice[] {
  const { workspace } = useHere();
  const router = useRouter();
  const now = useNow();
  const search = typed.trim();
  const asked = useDeferredValue(search);
  const [{ data }] = useQuery({ query: CommandBarDocument, variables: { workspaceId: workspace.id, search: asked || null } });
  return useMemo(() => {
    const go = (href: string) => () => {
      onClose();
      router.push(href);
    };
    const glyph = (Icon: LucideIcon) => <Icon aria-hidden size={16} strokeWidth={1.75} className="shrink-0 text-ink-3" />;
    const fixed: Choice[] = [
      { key: "new", group: "Do", words: "New zip", aside: <Keys of="N" />, icon: glyph(Plus), act: onNewZip },
      { key: "theme", group: "Do", words: "Switch light and dark", icon: glyph(SunMoon), act: () => { toggleTheme(); onClose(); } },
      { key: "keys", group: "Do", words: "Show all shortcuts", aside: <Keys of="?" />, icon: glyph(Keyboard), act: onShortcuts },
      ...PLACES.map(({ href, name, icon }): Choice => ({ key: href, group: "Go to", words: name, icon: glyph(icon), act: go(href) })),
    ];
    const zips = (data?.zips?.nodes ?? []).map((zip): Choice => ({
      key: zip.id, group: "Zips", words: zip.name, icon: <StateIcon state={stateOf(zip.state)} />, act: go(`/zips/${zip.id}`),
    }));
    const runs = (data?.runs?.nodes ?? []).map((run): Choice => ({
      key: run.id, group: "Runs", words: `${run.zip?.name ?? "A deleted zip"} ${shortId(run.id)}`, aside: ago(run.createdAt, now),
      icon: <StateIcon state={stateOf(run.status)} />, act: go(`/runs/${run.id}`),
    }));
    // A pasted id leads straight to what it names.
    const pasted = /^(run|zip)_[0-9a-f-]{36}$/.exec(search);
    if (pasted) return [{ key: search, group: "Go to", words: `Open ${search}`, icon: glyph(Keyboard), act: go(`/${pasted[1]}s/${search}`) }];
    const matches = (choice: Choice) => choice.words.toLocaleLowerCase().includes(search.toLocaleLowerCase());
    // Also what the server found: its answer may be to what was typed before, and Enter must not wait for the next.
    return [...zips, ...fixed, ...runs].filter(matches);
  }, [data, search, now, router, onClose, onNewZip, onShortcuts]);
}
