import type { KeyboardEvent, ReactNode } from "react";

type SegmentedProps<T extends string> = {
  label: string;
  value: T;
  onChange: (value: T) => void;
  options: { value: T; label: ReactNode }[];
};

/** One of a few, all visible. */
export function Segmented<T extends string>({ label, value, onChange, options }: SegmentedProps<T>) {
  const move = (event: KeyboardEvent<HTMLDivElement>) => {
    const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    const at = (options.findIndex((option) => option.value === value) + by + options.length) % options.length;
    event.currentTarget.querySelectorAll("button")[at]?.focus();
    if (options[at]) onChange(options[at].value);
  };
  return (
    <div role="radiogroup" aria-label={label} onKeyDown={move} className="inline-flex shrink-0 rounded-2 bg-press p-0.5">
      {options.map((option) => (
        <button
          key={option.value}
          type="button"
          role="radio"
          aria-checked={option.value === value}
          tabIndex={option.value === value ? 0 : -1}
          onClick={() => onChange(option.value)}
          className="h-7 rounded-[5px] px-2.5 whitespace-nowrap text-ink-2 hover:text-ink aria-checked:bg-surface aria-checked:font-strong aria-checked:text-ink aria-checked:shadow-1"
        >
          {option.label}
        </button>
      ))}
    </div>
  );
}
