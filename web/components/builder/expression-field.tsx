"use client";

import { clsx } from "clsx";
import { CornerDownRight } from "lucide-react";
import { createContext, useContext, useRef, type ComponentProps } from "react";
import { Input, Textarea } from "@/components/ui/field";
import { preview, type Scope } from "./samples";
import { isExpression } from "./schema";

type Target = { insert: (text: string) => void; field: HTMLElement };
type Picker = { scope: Scope; open: (target: Target) => void };

/** The data picker of the panel, and the samples it shows. */
export const PickerContext = createContext<Picker>({ scope: { trigger: {}, steps: {} }, open: () => undefined });

type ExpressionFieldProps = Omit<ComponentProps<"input">, "onChange" | "value"> & {
  value: string;
  onChange: (value: string) => void;
  lines?: number;
};

/** A text that may hold `{{ expressions }}`: with the focus comes the data picker, below it stands what comes of it. */
export function ExpressionField({ value, onChange, lines, className, ...rest }: ExpressionFieldProps) {
  const { scope, open } = useContext(PickerContext);
  const field = useRef<HTMLInputElement & HTMLTextAreaElement>(null);
  const insert = (text: string) => {
    const element = field.current;
    const at = element?.selectionStart ?? value.length;
    const end = element?.selectionEnd ?? at;
    onChange(value.slice(0, at) + text + value.slice(end));
    requestAnimationFrame(() => {
      element?.focus();
      element?.setSelectionRange(at + text.length, at + text.length);
    });
  };
  const result = isExpression(value) ? preview(value, scope) : null;
  const shared = {
    ...rest,
    ref: field,
    value,
    dir: "auto",
    spellCheck: false,
    className: clsx(isExpression(value) && "mono border-accent-line! bg-accent-surface!", className),
    onFocus: () => field.current && open({ insert, field: field.current }),
  } as const;
  return (
    <div className="grid min-w-0 flex-1 gap-1">
      {lines ? (
        <Textarea {...(shared as ComponentProps<"textarea">)} rows={lines} onChange={(event) => onChange(event.target.value)} />
      ) : (
        <Input {...shared} onChange={(event) => onChange(event.target.value)} />
      )}
      {result === null ? null : (
        <p className="flex min-w-0 items-start gap-1 text-12 text-ink-3">
          <CornerDownRight aria-label="By the last event:" size={12} className="mt-0.5 shrink-0" />
          <span className="line-clamp-2 min-w-0 [overflow-wrap:anywhere]">{result}</span>
        </p>
      )}
    </div>
  );
}
