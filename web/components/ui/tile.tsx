import { clsx } from "clsx";
import { Braces, CircleStop, Filter, Globe, Hand, Hourglass, Mail, Webhook, type LucideIcon } from "lucide-react";

/** Core apps have a glyph of their own; any other app has two letters on a tint picked by its key. */
const GLYPHS: Record<string, LucideIcon> = {
  webhook: Webhook,
  manual: Hand,
  http: Globe,
  email: Mail,
  data: Braces,
  "flow/filter": Filter,
  "flow/delay": Hourglass,
  "flow/stop": CircleStop,
};

const TINTS = [
  "bg-(--app-1) text-(--app-1-ink)",
  "bg-(--app-2) text-(--app-2-ink)",
  "bg-(--app-3) text-(--app-3-ink)",
  "bg-(--app-4) text-(--app-4-ink)",
  "bg-(--app-5) text-(--app-5-ink)",
  "bg-(--app-6) text-(--app-6-ink)",
  "bg-(--app-7) text-(--app-7-ink)",
  "bg-(--app-8) text-(--app-8-ink)",
];

const SIZES = {
  small: { box: "size-5 rounded-[5px] text-11", glyph: 12 },
  medium: { box: "size-8 rounded-2 text-14", glyph: 16 },
};

/** What stands for an app, or for one of its actions. */
export function AppTile({ app, action, size = "medium" }: { app: string; action?: string; size?: keyof typeof SIZES }) {
  const Glyph = GLYPHS[`${app}/${action}`] ?? GLYPHS[app];
  const { box, glyph } = SIZES[size];
  const tint = Glyph ? "bg-hover text-ink-2" : TINTS[hash(app) % TINTS.length];
  return (
    <span aria-hidden className={clsx("inline-flex shrink-0 items-center justify-center font-title", box, tint)}>
      {Glyph ? <Glyph size={glyph} strokeWidth={1.75} /> : app.slice(0, 1).toUpperCase() + app.slice(1, 2)}
    </span>
  );
}

function hash(text: string): number {
  let value = 0;
  for (const character of text) value = (value * 31 + (character.codePointAt(0) ?? 0)) >>> 0;
  return value;
}
