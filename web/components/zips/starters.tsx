"use client";

import { Plus } from "lucide-react";
import { Button } from "@/components/ui/button";
import { AppTile } from "@/components/ui/tile";
import { count } from "@/lib/format";
import { STARTERS, type Starter } from "./starter-list";
import { useCreateZip } from "./use-create-zip";

/** The first run: three zips to start from, and the way to an empty one. */
export function Starters() {
  const { create, creating, wrong } = useCreateZip();
  return (
    <section aria-labelledby="starters" className="mx-auto grid max-w-[1032px] gap-8 px-6 py-14 max-sm:px-4 max-sm:py-8">
      <header className="grid max-w-[560px] gap-2">
        <h2 id="starters" className="text-28 font-title">Build your first zip</h2>
        <p className="text-14 text-ink-2">
          A zip is one trigger and the steps that follow it. Each of these works at once, without an account anywhere.
        </p>
      </header>
      {wrong ? <p role="alert" className="text-bad-ink">{wrong}</p> : null}
      <ul className="grid overflow-hidden rounded-4 border border-line-strong lg:grid-cols-3">
        {STARTERS.map((starter) => (
          <li key={starter.key} className="border-line not-last:border-b lg:not-last:border-r lg:not-last:border-b-0">
            <button
              type="button"
              disabled={creating}
              onClick={() => create({ name: starter.title, trigger: starter.trigger, definition: starter.definition })}
              className="group flex size-full flex-col text-left focus-visible:shadow-(--ring-inset)"
            >
              <Drawing starter={starter} />
              <span className="flex w-full flex-1 flex-col gap-1 px-6 pt-5 pb-6 group-hover:bg-hover">
                <strong className="text-16 font-title">{starter.title}</strong>
                <span className="flex-1 text-ink-2">{starter.does}</span>
                <span className="flex items-center justify-between pt-4">
                  <span className="text-12 text-ink-3">{count(starter.definition.steps.length, "step")} and {starter.trigger === "webhook" ? "a webhook" : "your hand"}</span>
                  <span className="inline-flex h-(--control-m) items-center rounded-2 border border-line-strong bg-surface px-[11px] font-strong">Use this</span>
                </span>
              </span>
            </button>
          </li>
        ))}
      </ul>
      <p className="flex flex-wrap items-center gap-3 text-ink-2">
        <Button disabled={creating} onClick={() => create({ name: "Untitled zip", trigger: "webhook" })}><Plus aria-hidden size={16} strokeWidth={1.75} /> Start with an empty zip</Button>
        <span>It begins with a webhook. “New zip” asks for a name, and for another trigger.</span>
      </p>
    </section>
  );
}

const TRIGGERS = { webhook: ["Webhook", "Anything that sends a request"], manual: ["By hand", "Whenever you press “Run now”"] } as const;

/** The trigger and what follows it, as the builder will draw them. */
function Drawing({ starter }: { starter: Starter }) {
  const [name, says] = TRIGGERS[starter.trigger];
  return (
    <span aria-hidden className="block w-full border-b border-line bg-bg px-6 py-6 max-lg:hidden">
      <Card app={starter.trigger} name={name} says={says} />
      <span className="mx-auto block h-7 w-[7px] border-x border-(--seam-open)" />
      <Card app={starter.app} action={starter.action} name={starter.definition.steps[0]?.name ?? ""} says={starter.shows} />
    </span>
  );
}

function Card({ app, action, name, says }: { app: string; action?: string; name: string; says: string }) {
  return (
    <span className="flex h-[56px] items-center gap-3 rounded-3 border border-line-strong bg-surface px-3">
      <AppTile app={app} action={action} />
      <span className="min-w-0">
        <span className="block truncate font-strong">{name}</span>
        <span className="block truncate text-12 text-ink-3">{says}</span>
      </span>
    </span>
  );
}
