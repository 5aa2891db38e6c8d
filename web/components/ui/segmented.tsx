import type { ReactNode } from "react";

type SegmentedProps<T extends string> = {
  label: string;
  value: T;
  onChange: (value: T) => void;
  options: { value: T; label: ReactNode }[];
};

/** One of a few, all visible. */
export function Segmented<T extends string>({ label, value, onChange, options }: SegmentedProps<T>) {
  return (
    <div role="radiogroup" aria-label={label} className="inline-flex rounded-2 bg-press p-0.5">
      {options.map((option) => (
        <button
          key={option.value}
          type="button"
          role="radio"
          aria-checked={option.value === value}
          onClick={() => onChange(option.value)}
          className="h-7 rounded-[5px] px-2.5 text-ink-2 hover:text-ink aria-checked:bg-surface aria-checked:font-strong aria-checked:text-ink aria-checked:shadow-1"
        >
          {option.label}
        </button>
      ))}
    </div>
  );
}
