import { RadioRow, type RadioRowProps } from "./radio-row";

type SegmentedProps<T extends string> = Omit<RadioRowProps<T>, "className" | "optionClassName">;

/** One of a few, all visible. */
export function Segmented<T extends string>(props: SegmentedProps<T>) {
  return (
    <RadioRow
      {...props}
      className="inline-flex shrink-0 rounded-2 bg-press p-0.5"
      optionClassName="h-7 rounded-[5px] px-2.5 whitespace-nowrap text-ink-2 hover:text-ink aria-checked:bg-surface aria-checked:font-strong aria-checked:text-ink aria-checked:shadow-1"
    />
  );
}
