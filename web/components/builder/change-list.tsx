import { AppTile } from "@/components/ui/tile";
import { plain, type Change, type Step } from "./draft";

const WORDS: Record<Change["kind"], string> = { added: "Added", removed: "Removed", changed: "Changed", moved: "Moved" };
const TONES: Record<Change["kind"], string> = { added: "text-ok-ink", removed: "text-bad-ink", changed: "text-accent", moved: "text-ink-2" };

/** Steps that differ, and for a changed one each value before and after. */
export function ChangeList({ changes }: { changes: Change[] }) {
  if (changes.length === 0) return <p className="text-ink-3">No step differs.</p>;
  return (
    <ul className="overflow-hidden rounded-2 border border-line">
      {changes.map(({ kind, step, was }) => (
        <li key={kind + step.id} className="border-line px-3 py-2 not-last:border-b">
          <p className="flex items-center gap-2">
            <AppTile size="small" app={step.app} action={step.action} />
            <strong dir="auto" className="min-w-0 flex-1 truncate">{step.name}</strong>
            <span className={`font-strong ${TONES[kind]}`}>{WORDS[kind]}</span>
          </p>
          {was ? (
            <dl className="mono mt-1 grid gap-1 pl-7">
              {valuesThatDiffer(was, step).map(({ name, before, after }) => (
                <div key={name} className="grid gap-0.5">
                  <dt className="text-ink-3">{name}</dt>
                  <dd className="break-all"><del className="text-bad-ink no-underline before:content-['−_']">{before}</del></dd>
                  <dd className="break-all"><ins className="text-ok-ink no-underline before:content-['+_']">{after}</ins></dd>
                </div>
              ))}
            </dl>
          ) : null}
        </li>
      ))}
    </ul>
  );
}

function valuesThatDiffer(was: Step, is: Step): { name: string; before: string; after: string }[] {
  const flat = (step: Step): Record<string, unknown> => {
    const { input, settings, id, app, action, ...rest } = plain(step);
    void id; void app; void action;
    return { ...rest, ...input, ...settings };
  };
  const [before, after] = [flat(was), flat(is)];
  const words = (value: unknown) => (value === undefined ? "nothing" : typeof value === "string" ? value : JSON.stringify(value)).slice(0, 500);
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]))
    .map((name) => ({ name, before: words(before[name]), after: words(after[name]) }));
}
