"use client";

import type { LucideIcon } from "lucide-react";
import { useEffect, useRef } from "react";

/** Something the page at hand can do, for the command bar; `keys` is its shortcut, if it has one. */
export type Command = { words: string; icon: LucideIcon; keys?: string; act: () => void };

const offers = new Set<() => Command[]>();

/** Offers commands in the command bar while the component is there. */
export function useCommands(commands: Command[]): void {
  const latest = useRef(commands);
  useEffect(() => {
    latest.current = commands;
  });
  useEffect(() => {
    const offer = () => latest.current;
    offers.add(offer);
    return () => void offers.delete(offer);
  }, []);
}

/** What can be done on the page as it is now. */
export const commandsHere = (): Command[] => [...offers].flatMap((offer) => offer());
