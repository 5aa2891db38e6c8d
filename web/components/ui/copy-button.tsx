"use client";

import { Check, Copy } from "lucide-react";
import { useState } from "react";
import { Button } from "./button";
import { useCopy } from "./use-copy";

const SAID_FOR = 1_500; // milliseconds

/** Copies `text`; says so on itself. */
export function CopyButton({ text, children, label }: { text: string; children?: string; label?: string }) {
  const [done, setDone] = useState(false);
  const copy = useCopy();
  const Icon = done ? Check : Copy;
  return (
    <Button
      look="ghost"
      size="small"
      icon={!children}
      aria-label={children ? undefined : done ? "Copied" : label}
      onClick={async () => {
        if (!(await copy(text))) return;
        setDone(true);
        setTimeout(() => setDone(false), SAID_FOR);
      }}
    >
      <Icon aria-hidden size={14} strokeWidth={1.75} />
      {done && children ? "Copied" : children}
    </Button>
  );
}
