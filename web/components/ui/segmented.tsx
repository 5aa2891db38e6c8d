import { clsx } from "clsx";
import { RadioRow, type RadioRowProps } from "./radio-row";

type SegmentedProps<T extends string> = Omit<RadioRowProps<T>, "className" | "optionClassName"> & { /** In the head of a box. */ small?: boolean };

/** One of a few, all visible. */
export function Segmented<T extends string>({ small, ...props }: SegmentedProps<T>) {
  return (
    <RadioRow
      {...props}
      className="inline-flex shrink-0 rounded-2 bg-press p-0.5"
      optionClassName={clsx(small ? "h-6 px-2 text-12" : "h-7 px-2.5", "rounded-[5px] whitespace-nowrap text-ink-2 hover:text-ink aria-checked:bg-surface aria-checked:font-strong aria-checked:text-ink aria-checked:shadow-1")}
    />
  );
}
