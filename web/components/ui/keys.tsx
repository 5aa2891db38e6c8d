import { useKeyNames } from "@/lib/key-names";

/** Keys of a shortcut, separated by blanks: “⌘ K”, which all but a Mac show as “Ctrl K”. */
export function Keys({ of }: { of: string }) {
  const named = useKeyNames();
  return (
    <span className="inline-flex gap-0.5" aria-hidden>
      {named(of).split(" ").map((key, index) => (
        <kbd
          key={index}
          className="inline-flex h-[18px] min-w-[18px] items-center justify-center rounded-1 border border-line bg-surface px-1 font-mono text-11 text-ink-3"
        >
          {key}
        </kbd>
      ))}
    </span>
  );
}
