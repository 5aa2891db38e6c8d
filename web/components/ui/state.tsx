import { clsx } from "clsx";
import {
  Ban,
  CalendarX,
  CircleCheck,
  CircleDashed,
  CirclePause,
  CircleQuestionMark,
  CircleX,
  CopyCheck,
  FileX,
  Gauge,
  Handshake,
  Loader,
  OctagonX,
  Pencil,
  PowerOff,
  Radio,
  Scaling,
  ShieldX,
  SkipForward,
  type LucideIcon,
} from "lucide-react";

export type Tone = "ok" | "bad" | "wait" | "live" | "idle" | "odd" | "dead";

/** Every state is an icon, a word and a colour, the same wherever it is shown. */
export const STATES = {
  queued: { icon: CircleDashed, tone: "idle", word: "Queued" },
  running: { icon: Loader, tone: "live", word: "Running" },
  waiting: { icon: CirclePause, tone: "wait", word: "Waiting" },
  succeeded: { icon: CircleCheck, tone: "ok", word: "Succeeded" },
  failed: { icon: CircleX, tone: "bad", word: "Failed" },
  cancelled: { icon: Ban, tone: "idle", word: "Cancelled" },
  dead: { icon: OctagonX, tone: "dead", word: "Dead" },
  skipped: { icon: SkipForward, tone: "idle", word: "Skipped" },
  unknown: { icon: CircleQuestionMark, tone: "odd", word: "Outcome unknown" },
  started: { icon: Loader, tone: "live", word: "Running" },
  accepted: { icon: CircleCheck, tone: "ok", word: "Ran" },
  duplicate: { icon: CopyCheck, tone: "idle", word: "Duplicate" },
  conflict: { icon: CopyCheck, tone: "bad", word: "Key conflict" },
  draft: { icon: Pencil, tone: "live", word: "Draft" },
  zip_off: { icon: PowerOff, tone: "idle", word: "Zip off" },
  throttled: { icon: Gauge, tone: "wait", word: "Throttled" },
  bad_signature: { icon: ShieldX, tone: "bad", word: "Bad signature" },
  malformed: { icon: FileX, tone: "bad", word: "Malformed" },
  too_large: { icon: Scaling, tone: "bad", word: "Too large" },
  handshake: { icon: Handshake, tone: "idle", word: "Handshake" },
  missed: { icon: CalendarX, tone: "odd", word: "Missed" },
  live: { icon: Radio, tone: "ok", word: "Live" },
  paused: { icon: CirclePause, tone: "wait", word: "Paused" },
} as const satisfies Record<string, { icon: LucideIcon; tone: Tone; word: string }>;

export type State = keyof typeof STATES;

const TEXT: Record<Tone, string> = {
  ok: "text-ok-ink",
  bad: "text-bad-ink",
  wait: "text-wait-ink",
  live: "text-accent",
  idle: "text-idle-ink",
  odd: "text-odd-ink",
  dead: "text-bad-ink",
};

const GROUND: Record<Tone, string> = {
  ok: "border-ok-line bg-ok-surface text-ok-ink",
  bad: "border-bad-line bg-bad-surface text-bad-ink",
  wait: "border-wait-line bg-wait-surface text-wait-ink",
  live: "border-accent-line bg-accent-surface text-accent",
  idle: "border-idle-line bg-idle-surface text-idle-ink",
  odd: "border-odd-line bg-odd-surface text-odd-ink",
  dead: "border-bad-solid bg-bad-solid text-on-bad",
};

/** A state's name as the schema writes it (SUCCEEDED, BAD_SIGNATURE) in the words of STATES. */
export function stateOf(name: string): State {
  const key = name.toLowerCase();
  return key in STATES ? (key as State) : "unknown";
}

/** The icon alone; the word must stand elsewhere. */
export function StateIcon({ state, size = 16 }: { state: State; size?: number }) {
  const { icon: Icon, tone } = STATES[state];
  const moving = state === "running" || state === "started";
  return <Icon aria-hidden size={size} strokeWidth={1.75} className={clsx("shrink-0", TEXT[tone], moving && "spin")} />;
}

/** Icon and word in a row of a table; `detail` says more, for example a version or a reason. */
export function StateText({ state, detail }: { state: State; detail?: string }) {
  const { tone, word } = STATES[state];
  return (
    <span className={clsx("inline-flex max-w-full min-w-0 items-center gap-1.5 align-middle font-strong whitespace-nowrap", TEXT[tone])}>
      <StateIcon state={state} size={14} />
      <span className="truncate">{detail ? `${word} · ${detail}` : word}</span>
    </span>
  );
}

/** Icon and word on their own ground, for headers and panels. */
export function StateBadge({ state, detail }: { state: State; detail?: string }) {
  const { icon: Icon, tone, word } = STATES[state];
  return (
    <span
      className={clsx(
        "inline-flex h-6 shrink-0 items-center gap-[5px] rounded-2 border pr-2 pl-1.5 text-12 font-strong whitespace-nowrap",
        GROUND[tone],
      )}
    >
      <Icon aria-hidden size={14} strokeWidth={1.75} className={clsx((state === "running" || state === "started") && "spin")} />
      {detail ? `${word} · ${detail}` : word}
    </span>
  );
}
