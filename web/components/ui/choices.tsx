import { clsx } from "clsx";
import type { KeyboardEvent, ReactNode } from "react";

type ChoicesProps<T extends string> = {
  label: string;
  value: T;
  onChange: (value: T) => void;
  options: { value: T; label: ReactNode; /** How many there are, in words; left out while nobody has counted. */ count?: string }[];
};

/** One of several, each with its number: what a list holds, and what it is narrowed to. */
export function Choices<T extends string>({ label, value, onChange, options }: ChoicesProps<T>) {
  const move = (event: KeyboardEvent<HTMLDivElement>) => {
    const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    const at = (options.findIndex((option) => option.value === value) + by + options.length) % options.length;
    event.currentTarget.querySelectorAll("button")[at]?.focus();
    if (options[at]) onChange(options[at].value);
  };
  return (
    <div role="radiogroup" aria-label={label} onKeyDown={move} className="flex gap-1.5">
      {options.map((option) => (
        <button
          key={option.value}
          type="button"
          role="radio"
          aria-checked={option.value === value}
          tabIndex={option.value === value ? 0 : -1}
          onClick={() => onChange(option.value)}
          className={clsx(
            "inline-flex h-7 items-center gap-1.5 rounded-2 border border-line-strong px-2 font-strong whitespace-nowrap hover:bg-hover",
            "aria-checked:border-control aria-checked:bg-hover max-sm:h-9 max-sm:px-3",
          )}
        >
          {option.label}
          {option.count === undefined ? null : <span className="font-mono text-11 font-text text-ink-3">{option.count}</span>}
        </button>
      ))}
    </div>
  );
}
