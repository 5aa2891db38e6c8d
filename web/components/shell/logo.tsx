import { clsx } from "clsx";

/** The mark: two bars and the slider between them. */
export function Logo({ className }: { className?: string }) {
  return (
    <svg role="img" aria-label="Zipped" width="24" height="24" viewBox="0 0 20 20" className={clsx("shrink-0", className)} fill="currentColor">
      <path d="M2.5 2.5h15v3.6h-15zM2.5 13.9h15v3.6h-15z" />
      <path d="M11.9 8.2H17L8.1 11.8H3z" />
    </svg>
  );
}
