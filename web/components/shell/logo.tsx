import { clsx } from "clsx";

/** The mark: two bars and the slider between them. */
export function Logo({ className }: { className?: string }) {
  return (
    <svg role="img" aria-label="Zipped" width="24" height="24" viewBox="0 0 24 24" className={clsx("shrink-0", className)} fill="currentColor">
      <path d="M3 4h18v4.2H3zM3 15.8h18V20H3z" />
      <path d="M16.2 8.2H21L7.8 15.8H3z" />
    </svg>
  );
}
