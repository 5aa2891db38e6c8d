import { clsx } from "clsx";
import { RadioRow, type RadioRowProps } from "./radio-row";

type ChoicesProps<T extends string> = Pick<RadioRowProps<T>, "label" | "value" | "onChange"> & {
  options: (RadioRowProps<T>["options"][number] & { /** How many there are, in words; left out while nobody has counted. */ count?: string })[];
};

/** One of several, each with its number: what a list holds, and what it is narrowed to. */
export function Choices<T extends string>({ options, ...rest }: ChoicesProps<T>) {
  return (
    <RadioRow
      {...rest}
      options={options.map(({ value, label, count }) => ({
        value,
        label: (
          <>
            {label}
            {count === undefined ? null : <span className="font-mono text-11 font-text text-ink-3">{count}</span>}
          </>
        ),
      }))}
      className="flex gap-1.5"
      optionClassName={clsx(
        "inline-flex h-7 items-center gap-1.5 rounded-2 border border-line-strong px-2 font-strong whitespace-nowrap hover:bg-hover",
        "aria-checked:border-control aria-checked:bg-hover max-sm:h-9 max-sm:px-3",
      )}
    />
  );
}
