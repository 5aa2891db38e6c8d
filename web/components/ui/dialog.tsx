"use client";

import { X } from "lucide-react";
import * as Radix from "@radix-ui/react-dialog";
import { useState, type ReactNode } from "react";
import { Button } from "./button";

const SIZES = { form: "max-w-[560px]", list: "max-w-[680px]", wide: "max-w-[960px]" };

type DialogProps = {
  open: boolean;
  /** Left out: it can't be closed without an answer. */
  onOpenChange?: (open: boolean) => void;
  title: string;
  /** One sentence for what this is about. */
  description?: ReactNode;
  children: ReactNode;
  /** Buttons; the main one last. */
  footer?: ReactNode;
  /** A form is narrow, a list of changes is not, and two of them side by side are wide. */
  size?: keyof typeof SIZES;
  /** What gets the focus when it closes; else what had it before. */
  focusAfter?: () => HTMLElement | null | undefined;
};

/** Something that must be answered before going on; focus is kept inside and given back. */
export function Dialog({ open, onOpenChange, title, description, children, footer, size = "form", focusAfter }: DialogProps) {
  // Nothing tells Radix what opened it, for it is opened by a key as often as by a button.
  const [before] = useState(() => document.activeElement);
  const [hasWork, setHasWork] = useState(false);
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-40 bg-scrim" />
        <Radix.Content
          aria-describedby={description ? undefined : ""}
          onInput={({ target }) => {
            if (!(target instanceof Element && target.matches("[role=combobox]"))) setHasWork(true);
          }}
          onInteractOutside={(event) => {
            // A click beside it does not throw away what was typed, and one on a message is none.
            if (hasWork || (event.target instanceof Element && event.target.closest("[data-toasts]"))) event.preventDefault();
          }}
          onCloseAutoFocus={(event) => {
            const next = focusAfter?.() ?? before;
            if (!(next instanceof HTMLElement) || !next.isConnected) return;
            event.preventDefault();
            next.focus();
          }}
          className={
            "fixed top-[10vh] left-1/2 z-50 flex max-h-[80vh] w-[calc(100vw-32px)] -translate-x-1/2 flex-col max-sm:top-4 max-sm:max-h-[calc(100dvh-32px)] " +
            `rounded-4 border border-line bg-raised shadow-3 outline-none ${SIZES[size]}`
          }
        >
          <header className="flex items-start gap-3 px-5 pt-4 pb-3">
            <div className="min-w-0 flex-1">
              <Radix.Title className="text-16 font-title">{title}</Radix.Title>
              {description ? <Radix.Description className="mt-1 text-14 text-ink-2">{description}</Radix.Description> : null}
            </div>
            {onOpenChange ? (
              <Radix.Close asChild>
                <Button look="ghost" icon aria-label="Close" className="-mt-1 -mr-2 max-sm:-mt-2 max-sm:-mr-3">
                  <X size={16} strokeWidth={1.75} />
                </Button>
              </Radix.Close>
            ) : null}
          </header>
          <div className="-mt-1 min-h-0 flex-1 overflow-y-auto px-5 pt-1 pb-5">{children}</div>
          {footer ? (
            <footer className="flex flex-wrap items-center justify-end gap-2 rounded-b-4 border-t border-line bg-well px-5 py-3">
              {footer}
            </footer>
          ) : null}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
