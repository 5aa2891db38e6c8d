import { clsx } from "clsx";
import type { ComponentProps, ReactNode } from "react";

/** A table with hairlines, whose head stays while its rows scroll. Where there is room its columns are as wide as the heads say, whatever is in them. */
export function Table({ label, head, children }: { label: string; head: ReactNode; children: ReactNode }) {
  return (
    <table aria-label={label} className="w-full border-separate border-spacing-0 xl:table-fixed">
      <thead>
        <tr className="h-8 text-left text-12 text-ink-3">{head}</tr>
      </thead>
      <tbody>{children}</tbody>
    </table>
  );
}

export function Head({ className, right, ...rest }: ComponentProps<"th"> & { right?: boolean }) {
  return (
    <th
      scope="col"
      {...rest}
      className={clsx("sticky top-0 z-10 border-b border-line bg-surface px-3 font-text first:pl-6 last:pr-6 max-sm:first:pl-4 max-sm:last:pr-4", right && "text-right", className)}
    />
  );
}

export function Row({ className, ...rest }: ComponentProps<"tr">) {
  return <tr {...rest} className={clsx("group/row h-(--row) hover:bg-hover focus-within:bg-hover max-sm:h-(--row-touch)", className)} />;
}

export function Cell({ className, right, ...rest }: ComponentProps<"td"> & { right?: boolean }) {
  return (
    <td
      {...rest}
      className={clsx("border-b border-line px-3 first:pl-6 last:pr-6 max-sm:first:pl-4 max-sm:last:pr-4", right && "text-right tabular-nums", className)}
    />
  );
}
