"use client";

import { Ellipsis, History, Pause, Play, Redo2, Undo2, Upload } from "lucide-react";
import { Button } from "@/components/ui/button";
import Link from "@/components/ui/link";
import { Menu } from "@/components/ui/menu";
import { StateBadge, stateOf } from "@/components/ui/state";
import { usePause } from "@/components/zips/use-pause";
import type { BuilderQuery } from "@/gql/graphql";
import { useCommands, type Command } from "@/lib/commands";
import { SavingWords } from "./saving-words";
import type { DraftState } from "./use-draft";

type BuilderHeaderProps = { zip: NonNullable<BuilderQuery["zip"]>; state: DraftState; onOpen: (what: "publish" | "versions" | "run") => void };

/** The zip's name and state, and what is done with all of it. */
export function BuilderHeader({ zip, state, onOpen }: BuilderHeaderProps) {
  const { toggle, busy } = usePause(zip);
  const publishable = state.changedSinceLive || zip.state === "DRAFT" || state.saving !== "saved";
  const commands: Command[] = [
    ...(publishable ? [{ words: "Publish this zip", icon: Upload, keys: "⇧ P", act: () => onOpen("publish") }] : []),
    ...(zip.liveVersion ? [{ words: "Run this zip now", icon: Play, act: () => onOpen("run") }] : []),
    ...(zip.state === "DRAFT" ? [] : [{ words: zip.state === "LIVE" ? "Pause this zip" : "Resume this zip", icon: zip.state === "LIVE" ? Pause : Play, act: toggle }]),
    { words: "Versions of this zip", icon: History, act: () => onOpen("versions") },
  ];
  useCommands(commands);
  return (
    <header className="flex h-(--header) shrink-0 items-center gap-2 border-b border-line pr-5 pl-6 max-sm:px-4">
      <Link href="/zips" className="text-ink-3 hover:underline max-sm:hidden">Zips</Link>
      <span aria-hidden className="text-ink-4 max-sm:hidden">/</span>
      <h1 className="min-w-0 flex-1">
        <input
          aria-label="Name of the zip"
          dir="auto"
          maxLength={300}
          value={state.draft.name}
          onChange={(event) => state.change((draft) => ({ ...draft, name: event.target.value }), "name")}
          className="-ml-1 w-full max-w-[480px] truncate rounded-2 bg-transparent px-1 text-left text-16 font-title hover:bg-hover focus-visible:shadow-(--ring-inset)"
        />
      </h1>
      <SavingWords state={state} />
      <StateBadge state={stateOf(zip.state)} detail={zip.liveVersion ? `v${zip.liveVersion.number}` : undefined} />
      <span className="md:hidden">
        <Menu
          trigger={<Button look="ghost" icon aria-label="What can be done with this zip"><Ellipsis aria-hidden size={16} strokeWidth={1.75} /></Button>}
          items={[
            ...commands.map(({ words, icon: Icon, act }) => ({ words, icon: <Icon aria-hidden size={16} strokeWidth={1.75} />, onSelect: act })),
            "line",
            { words: "Undo", icon: <Undo2 aria-hidden size={16} strokeWidth={1.75} />, disabled: !state.canUndo, onSelect: state.undo },
            { words: "Redo", icon: <Redo2 aria-hidden size={16} strokeWidth={1.75} />, disabled: !state.canRedo, onSelect: state.redo },
          ]}
        />
      </span>
      <div className="flex shrink-0 items-center gap-1 max-md:hidden">
        <Button look="ghost" icon aria-label="Undo" disabled={!state.canUndo} onClick={state.undo}><Undo2 aria-hidden size={16} strokeWidth={1.75} /></Button>
        <Button look="ghost" icon aria-label="Redo" disabled={!state.canRedo} onClick={state.redo}><Redo2 aria-hidden size={16} strokeWidth={1.75} /></Button>
        <Button look="ghost" icon aria-label="Versions" onClick={() => onOpen("versions")}><History aria-hidden size={16} strokeWidth={1.75} /></Button>
        {zip.state === "DRAFT" ? null : (
          <Button look="ghost" icon aria-label={zip.state === "LIVE" ? "Pause the zip" : "Resume the zip"} busy={busy} onClick={toggle}>
            {zip.state === "LIVE" ? <Pause aria-hidden size={16} strokeWidth={1.75} /> : <Play aria-hidden size={16} strokeWidth={1.75} />}
          </Button>
        )}
        <Link href={`/runs?zip=${zip.id}`} className="px-2 text-ink-2 hover:underline">Runs</Link>
        <Button disabled={!zip.liveVersion} title={zip.liveVersion ? undefined : "Publish it first"} onClick={() => onOpen("run")}>Run now</Button>
        <Button look="primary" className="ml-1" disabled={!publishable} title={publishable ? undefined : "Nothing has changed since it was published"} onClick={() => onOpen("publish")}>Publish</Button>
      </div>
    </header>
  );
}
