"use client";

import * as Radix from "@radix-ui/react-tabs";
import type { ReactNode } from "react";

type TabsProps = {
  value: string;
  onChange: (value: string) => void;
  tabs: { value: string; label: ReactNode; content: ReactNode }[];
  label: string;
};

/** Sides of one thing, one shown at a time. */
export function Tabs({ value, onChange, tabs, label }: TabsProps) {
  return (
    <Radix.Root value={value} onValueChange={onChange} className="flex min-h-0 flex-1 flex-col">
      <Radix.List aria-label={label} className="flex shrink-0 gap-5 border-b border-line px-5">
        {tabs.map((tab) => (
          <Radix.Trigger
            key={tab.value}
            value={tab.value}
            className={
              "relative -mx-1.5 inline-flex h-9 px-1.5 focus-visible:shadow-(--ring-inset) items-center gap-1.5 text-ink-3 hover:text-ink data-[state=active]:font-strong data-[state=active]:text-ink " +
              "data-[state=active]:after:absolute data-[state=active]:after:inset-x-1.5 data-[state=active]:after:-bottom-px data-[state=active]:after:h-0.5 data-[state=active]:after:bg-ink"
            }
          >
            {tab.label}
          </Radix.Trigger>
        ))}
      </Radix.List>
      {tabs.map((tab) => (
        <Radix.Content key={tab.value} value={tab.value} className="min-h-0 flex-1 overflow-y-auto outline-none">
          {tab.content}
        </Radix.Content>
      ))}
    </Radix.Root>
  );
}
