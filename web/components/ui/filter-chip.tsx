import { X } from "lucide-react";

/** One thing a list is narrowed by, and the way to take it off. */
export function FilterChip({ name, value, onRemove }: { name: string; value: string; onRemove: () => void }) {
  return (
    <span className="inline-flex h-7 shrink-0 items-center overflow-hidden rounded-2 border border-line-strong whitespace-nowrap max-sm:h-9">
      <span className="flex max-w-72 gap-1 px-2">
        <span className="text-ink-3">{name}</span>
        <span dir="auto" className="truncate font-strong">{value}</span>
      </span>
      <button type="button" onClick={onRemove} aria-label={`Remove the filter ${name}: ${value}`} className="flex h-full w-7 items-center justify-center border-l border-line text-ink-3 hover:bg-hover hover:text-ink focus-visible:shadow-(--ring-inset) max-sm:w-9">
        <X aria-hidden size={12} strokeWidth={1.75} />
      </button>
    </span>
  );
}
