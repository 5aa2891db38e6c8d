import { clsx } from "clsx";
import type { ComponentProps } from "react";

const LOOKS = {
  plain: "disabled:border-line border-line-strong bg-surface text-ink hover:bg-hover",
  primary: "disabled:border-line border-(--solid) bg-solid text-on-solid hover:bg-solid-hover enabled:[&_kbd]:border-current/35 enabled:[&_kbd]:bg-transparent enabled:[&_kbd]:text-current",
  ghost: "border-transparent text-ink-2 hover:bg-hover hover:text-ink",
  danger: "border-bad-line bg-surface text-bad-ink hover:bg-bad-surface",
};

const SIZES = {
  small: "h-(--control-s) px-2 text-12 gap-1.5",
  medium: "h-(--control-m) px-[11px] text-13 gap-1.5 max-sm:h-(--control-l)",
  large: "h-(--control-l) px-4 text-14 gap-2",
};

type ButtonProps = ComponentProps<"button"> & {
  look?: keyof typeof LOOKS;
  size?: keyof typeof SIZES;
  /** A square button; it then needs an aria-label. */
  icon?: boolean;
  /** Work is under way: the button stays focusable and does nothing, also for a form that it would send. */
  busy?: boolean;
};

/** What does something. Its words say what happens, never “OK”. */
export function Button({ look = "plain", size = "medium", icon, busy, className, onClick, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      aria-busy={busy || undefined}
      onClick={busy ? (event) => event.preventDefault() : onClick}
      className={clsx(
        "inline-flex shrink-0 items-center justify-center rounded-2 border font-strong whitespace-nowrap",
        "transition-colors duration-(--t-1) disabled:bg-transparent disabled:text-ink-4",
        busy && "opacity-70",
        LOOKS[look],
        SIZES[size],
        icon && "aspect-square px-0!",
        className,
      )}
    />
  );
}
