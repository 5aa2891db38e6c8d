import type { KeyboardEvent, ReactNode } from "react";

export type RadioRowProps<T extends string> = {
  label: string;
  value: T;
  onChange: (value: T) => void;
  options: { value: T; label: ReactNode }[];
  className: string;
  optionClassName: string;
};

/** One of several in a row, reached by one Tab and chosen by the arrows; how it looks is its user's. */
export function RadioRow<T extends string>({ label, value, onChange, options, className, optionClassName }: RadioRowProps<T>) {
  const move = (event: KeyboardEvent<HTMLDivElement>) => {
    const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    const at = (options.findIndex((option) => option.value === value) + by + options.length) % options.length;
    event.currentTarget.querySelectorAll("button")[at]?.focus();
    if (options[at]) onChange(options[at].value);
  };
  return (
    <div role="radiogroup" aria-label={label} onKeyDown={move} className={className}>
      {options.map((option) => (
        <button
          key={option.value}
          type="button"
          role="radio"
          aria-checked={option.value === value}
          tabIndex={option.value === value ? 0 : -1}
          onClick={() => onChange(option.value)}
          className={optionClassName}
        >
          {option.label}
        </button>
      ))}
    </div>
  );
}
