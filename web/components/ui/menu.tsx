"use client";

import { clsx } from "clsx";
import { DropdownMenu } from "radix-ui";
import type { ReactNode } from "react";

/** A list of things to do, opened by a button. */
export function Menu({ trigger, children, align = "end" }: { trigger: ReactNode; children: ReactNode; align?: "start" | "end" }) {
  return (
    <DropdownMenu.Root>
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align={align}
          sideOffset={4}
          className="z-50 min-w-44 rounded-3 border border-line bg-raised p-1 shadow-2"
        >
          {children}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

type MenuItemProps = { children: ReactNode; icon?: ReactNode; keys?: string; danger?: boolean; disabled?: boolean; onSelect: () => void };

export function MenuItem({ children, icon, keys, danger, disabled, onSelect }: MenuItemProps) {
  return (
    <DropdownMenu.Item
      disabled={disabled}
      onSelect={onSelect}
      className={clsx(
        "flex h-8 items-center gap-2 rounded-2 px-2 outline-none data-[disabled]:text-ink-4 data-[highlighted]:bg-hover max-sm:h-11",
        danger ? "text-bad-ink" : "text-ink",
      )}
    >
      {icon}
      <span className="flex-1">{children}</span>
      {keys ? <Keys of={keys} /> : null}
    </DropdownMenu.Item>
  );
}

export function MenuLine() {
  return <DropdownMenu.Separator className="my-1 h-px bg-line" />;
}

/** Keys of a shortcut, separated by blanks: “⌘ K”. */
export function Keys({ of }: { of: string }) {
  return (
    <span className="inline-flex gap-0.5" aria-hidden>
      {of.split(" ").map((key) => (
        <kbd
          key={key}
          className="inline-flex h-[18px] min-w-[18px] items-center justify-center rounded-1 border border-line bg-surface px-1 font-mono text-11 text-ink-3"
        >
          {key}
        </kbd>
      ))}
    </span>
  );
}
