"use client";

import * as Radix from "@radix-ui/react-dropdown-menu";
import { clsx } from "clsx";
import { useRef } from "react";
import { Keys } from "./keys";
import type { MenuItem, MenuProps } from "./menu";

/** A menu that has just been asked for. */
export default function OpenMenu({ trigger, items, align = "end" }: MenuProps) {
  const chosen = useRef<() => void>(undefined);
  return (
    <Radix.Root defaultOpen>
      <Radix.Trigger asChild>{trigger}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          onCloseAutoFocus={() => {
            // Done once the button has the focus again: a dialog gives it back to whatever had it when it opened.
            const act = chosen.current;
            chosen.current = undefined;
            if (act) queueMicrotask(act);
          }}
          align={align}
          sideOffset={4}
          collisionPadding={8}
          className="z-50 min-w-44 rounded-3 border border-line bg-raised p-1 shadow-2"
        >
          {items.map((item, index) =>
            item === "line" ? <Radix.Separator key={index} className="my-1 h-px bg-line" /> : <Item key={item.words} item={item} onSelect={() => (chosen.current = item.onSelect)} />,
          )}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

function Item({ item: { words, icon, keys, danger, disabled }, onSelect }: { item: MenuItem; onSelect: () => void }) {
  return (
    <Radix.Item
      disabled={disabled}
      onSelect={onSelect}
      className={clsx(
        "flex h-8 items-center gap-2 rounded-2 px-2 outline-none data-[disabled]:text-ink-4 data-[highlighted]:bg-hover max-sm:h-11",
        danger ? "text-bad-ink" : "text-ink",
      )}
    >
      {icon}
      <span className="flex-1">{words}</span>
      {keys ? <Keys of={keys} /> : null}
    </Radix.Item>
  );
}
