/** Keys of a shortcut, separated by blanks: “⌘ K”. */
export function Keys({ of }: { of: string }) {
  return (
    <span className="inline-flex gap-0.5" aria-hidden>
      {of.split(" ").map((key, index) => (
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
