"use client";

import { ArrowRight } from "lucide-react";
import { AppTile } from "@/components/ui/tile";
import { STARTERS } from "./starter-list";
import { useCreateZip } from "./use-create-zip";

/** The first run: three zips to start from, and the way to an empty one. */
export function Starters() {
  const { create, creating, wrong } = useCreateZip();
  return (
    <section aria-labelledby="starters" className="mx-auto grid max-w-[640px] gap-6 px-6 py-12">
      <header className="grid gap-1">
        <h2 id="starters" className="text-28 font-title">Build your first zip</h2>
        <p className="text-14 text-ink-2">
          A zip is one trigger and the steps that follow it. Each of these works at once, without an account anywhere.
        </p>
      </header>
      {wrong ? <p role="alert" className="text-bad-ink">{wrong}</p> : null}
      <ul className="grid overflow-hidden rounded-3 border border-line">
        {STARTERS.map((starter) => (
          <li key={starter.key} className="border-line not-last:border-b">
            <button
              type="button"
              disabled={creating}
              onClick={() => create({ name: starter.title, trigger: starter.trigger, definition: starter.definition })}
              className="flex w-full items-center gap-3 px-4 py-3 text-left hover:bg-hover focus-visible:shadow-(--ring-inset)"
            >
              <AppTile app={starter.app} action={starter.action} />
              <span className="min-w-0 flex-1">
                <strong className="block">{starter.title}</strong>
                <span className="block text-12 text-ink-3">{starter.does}</span>
              </span>
              <ArrowRight aria-hidden size={16} strokeWidth={1.75} className="shrink-0 text-ink-3" />
            </button>
          </li>
        ))}
      </ul>
      <button type="button" disabled={creating} onClick={() => create({ name: "Untitled zip", trigger: "webhook" })} className="justify-self-start font-strong text-accent hover:text-accent-hover">
        Or start with an empty zip
      </button>
    </section>
  );
}
