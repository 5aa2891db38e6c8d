import type { ReactNode } from "react";

type HeaderProps = {
  title: ReactNode;
  /** Beside the title: a number, a state. */
  aside?: ReactNode;
  /** At the right: at most one primary action. */
  children?: ReactNode;
};

/** The top of a page. */
export function Header({ title, aside, children }: HeaderProps) {
  return (
    <header className="flex h-(--header) shrink-0 items-center gap-2 border-b border-line pr-5 pl-6 max-sm:px-4">
      <h1 dir="auto" className="min-w-0 truncate text-16 font-title">
        {title}
      </h1>
      {aside}
      <div className="ml-auto flex shrink-0 items-center gap-2">{children}</div>
    </header>
  );
}
