import { pathText, tokensOf } from "./tokens";

/** A text with its expressions drawn as chips, to be read and not edited. */
export function TextWithChips({ text, numberOf }: { text: string; numberOf: (stepId: string) => number | null }) {
  const tokens = tokensOf(text);
  return tokens.map(({ from, to, path, filters }, index) => {
    const [first, second] = path;
    const number = first === "trigger" ? 1 : first === "steps" ? numberOf(String(second)) : null;
    const label = pathText(number === null ? path : path.slice(first === "steps" ? 2 : 1)) || pathText(path);
    return (
      <span key={from}>
        {text.slice(tokens[index - 1]?.to ?? 0, from)}
        <span dir="ltr" className="mx-px inline-flex max-w-full items-center overflow-hidden rounded-1 border border-accent-line bg-accent-surface align-bottom leading-4 text-accent">
          {number === null ? null : <span className="shrink-0 bg-accent-press px-1 font-mono text-11 leading-4">{number}</span>}
          <span className="mono min-w-0 truncate px-1">{[label, ...filters].join(" | ")}</span>
        </span>
        {index === tokens.length - 1 ? text.slice(to) : null}
      </span>
    );
  }).concat(tokens.length ? [] : [<span key="all">{text}</span>]);
}
