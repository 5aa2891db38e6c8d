"use client";

import { cloneElement, useState, type ComponentType, type HTMLAttributes, type ReactElement, type ReactNode } from "react";
import { useToast } from "./toast";

export type MenuItem = {
  words: string;
  icon?: ReactNode;
  keys?: string;
  danger?: boolean;
  disabled?: boolean;
  onSelect: () => void;
};
/** “line” separates what is done lightly from what is not. */
export type MenuEntry = MenuItem | "line";
export type MenuProps = { trigger: ReactElement<HTMLAttributes<HTMLElement>>; items: MenuEntry[]; align?: "start" | "end" };

const load = () => import("./open-menu").then((file) => file.default);

/**
 * A list of things to do, opened by a button. What draws it is loaded when the button is first used: a list of a
 * hundred rows has a hundred of these buttons, and few are ever pressed.
 */
export function Menu({ trigger, ...rest }: MenuProps) {
  const say = useToast();
  const [Open, setOpen] = useState<ComponentType<MenuProps> | null>(null);
  const open = () =>
    load().then(
      (component) => setOpen(() => component),
      () => say("The server does not answer, so the menu could not be opened. Nothing was lost; try again.", { bad: true }),
    );
  if (Open) return <Open trigger={trigger} {...rest} />;
  const ahead = () => void load().catch(() => undefined);
  return cloneElement(trigger, {
    "aria-haspopup": "menu",
    "aria-expanded": false,
    onPointerEnter: ahead,
    onFocus: ahead,
    onClick: () => void open(),
    onKeyDown: (event) => {
      if (event.key === "ArrowDown") void open();
    },
  });
}
