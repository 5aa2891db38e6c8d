"use client";

import { clsx } from "clsx";
import { Check, ChevronsUpDown, Eye, EyeOff } from "lucide-react";
import { useId, useState, type ComponentProps, type ReactNode } from "react";

const CONTROL = clsx(
  // Below 16 px a phone's browser zooms into what is typed in.
  "w-full rounded-2 border border-control bg-surface text-13 text-ink max-sm:text-16",
  "disabled:border-line disabled:text-ink-4 aria-invalid:border-bad-solid",
);

type FieldProps = {
  label: string;
  /** One sentence under the label. */
  hint?: ReactNode;
  /** What is wrong and how to put it right. */
  error?: string | null;
  /** Beside the label, for example “Optional”. */
  mark?: ReactNode;
  children: (ids: { id: string; "aria-describedby": string | undefined; "aria-invalid": true | undefined }) => ReactNode;
};

/** Label, control, and what there is to say about it; the control gets the ids that tie them together. */
export function Field({ label, hint, error, mark, children }: FieldProps) {
  const id = useId();
  const said = [hint ? `${id}-hint` : null, error ? `${id}-error` : null].filter(Boolean).join(" ");
  return (
    <div className="grid grid-cols-[minmax(0,1fr)_auto] items-baseline gap-x-2 gap-y-1.5">
      {/* An editor is no form control: its label leads to it by hand. */}
      <label id={`${id}-label`} htmlFor={id} onClick={() => document.getElementById(id)?.focus()} className="justify-self-start font-strong">
        {label}
      </label>
      {hint ? (
        <p id={`${id}-hint`} className="col-span-2 text-12 text-ink-3">
          {hint}
        </p>
      ) : null}
      <div className="col-span-2 grid min-w-0">{children({ id, "aria-describedby": said || undefined, "aria-invalid": error ? true : undefined })}</div>
      {error ? (
        <p id={`${id}-error`} className="col-span-2 text-12 text-bad-ink">
          {error}
        </p>
      ) : null}
      {/* Seen beside the label, reached after the control: a switch in it is about what the control holds. */}
      {mark ? <span className="col-start-2 row-start-1 text-12 text-ink-3">{mark}</span> : null}
    </div>
  );
}

export function Input({ className, ...rest }: ComponentProps<"input">) {
  return <input {...rest} className={clsx(CONTROL, "h-(--control-m) px-2.5 max-sm:h-(--control-l)", className)} />;
}

/** A secret, hidden unless its author wants to see what they type. */
export function PasswordInput({ className, ...rest }: ComponentProps<"input">) {
  const [shown, setShown] = useState(false);
  const Icon = shown ? EyeOff : Eye;
  return (
    <div className="relative">
      <Input {...rest} type={shown ? "text" : "password"} className={clsx("pr-11", className)} />
      <button type="button" aria-label="Show what is typed" aria-pressed={shown} onClick={() => setShown(!shown)} className="absolute inset-y-0 right-1 grid w-9 place-items-center rounded-2 text-ink-3 hover:text-ink">
        <Icon aria-hidden size={16} strokeWidth={1.75} />
      </button>
    </div>
  );
}

export function Textarea({ className, ...rest }: ComponentProps<"textarea">) {
  return <textarea rows={3} {...rest} className={clsx(CONTROL, "resize-y px-2.5 py-1.5", className)} />;
}

/** `className` is that of the box around it, which says how wide it is. */
export function Select({ className, ...rest }: ComponentProps<"select">) {
  return (
    <span className={clsx("relative grid w-full", className)}>
      <select {...rest} className={clsx(CONTROL, "h-(--control-m) appearance-none truncate pr-7 pl-2.5 max-sm:h-(--control-l)")} />
      <ChevronsUpDown aria-hidden size={14} strokeWidth={1.75} className="pointer-events-none absolute inset-y-0 right-2 my-auto text-ink-3" />
    </span>
  );
}

export function Checkbox({ label, className, ...rest }: ComponentProps<"input"> & { label: ReactNode }) {
  return (
    <label className={clsx("flex min-h-6 items-center gap-2", className)}>
      <span className="relative grid size-4 shrink-0">
        <input type="checkbox" {...rest} className="peer size-4 appearance-none rounded-1 border border-control bg-surface checked:border-accent checked:bg-accent" />
        <Check aria-hidden size={12} strokeWidth={3} className="pointer-events-none absolute inset-0 m-auto hidden text-on-accent peer-checked:block" />
      </span>
      <span>{label}</span>
    </label>
  );
}
