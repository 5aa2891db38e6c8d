"use client";

import { clsx } from "clsx";
import { Plus } from "lucide-react";
import { memo, useMemo, type KeyboardEvent, type ReactNode, type Ref } from "react";
import { AppTile } from "@/components/ui/tile";
import { CARD, GAP, layoutFlow, type FlowStep, type ListPath, type PlacedTrack } from "./layout";
import { Seam, type TrackState } from "./seam";
import { useCardDrag } from "./use-card-drag";

export type CardLook = "rest" | "queued" | "running" | "waiting" | "failed" | "skipped" | "succeeded" | "unknown" | "stale";

export type FlowCard = {
  app: string;
  action?: string;
  name: string;
  /** One line below the name: what it does, or what is wrong. */
  summary: ReactNode;
  look?: CardLook;
  /** At the right: an icon of its state, how long it took. */
  mark?: ReactNode;
  /** All of it in words, for a screen reader: “Step 2, Look up customer, HTTP, succeeded, 3.4 s”. */
  label: string;
};

type FlowProps = {
  trigger: string;
  steps: FlowStep[];
  cardOf: (id: string) => FlowCard;
  trackState: (track: PlacedTrack) => TrackState;
  selected: string | null;
  onSelect: (id: string) => void;
  /** Absent where nothing can be added. */
  onAdd?: (list: ListPath, index: number) => void;
  /** A card was moved by the mouse to before `index` of a list; absent where nothing moves. */
  onMove?: (id: string, list: ListPath, index: number) => void;
  onCardKey?: (id: string, event: KeyboardEvent<HTMLButtonElement>) => void;
  /** Beside a card, shown when it is hovered or focused. */
  menuOf?: (id: string) => ReactNode;
  rootRef?: Ref<HTMLDivElement>;
  /** How large it is drawn; 1 is its own size. */
  zoom?: number;
};

const LOOKS: Record<CardLook, string> = {
  rest: "border-line-strong bg-surface shadow-1",
  stale: "border-line-strong bg-surface shadow-1",
  succeeded: "border-line-strong bg-surface shadow-1",
  queued: "border-dashed border-line-strong",
  running: "breathe border-accent bg-surface shadow-1",
  waiting: "border-wait-solid bg-surface shadow-1",
  failed: "border-bad-solid bg-surface shadow-1",
  unknown: "border-odd-solid bg-surface shadow-1",
  skipped: "border-line",
};

const SUMMARIES: Partial<Record<CardLook, string>> = {
  running: "text-accent",
  waiting: "text-wait-ink",
  stale: "text-wait-ink",
  failed: "text-bad-ink",
  unknown: "text-odd-ink",
};

/** A zip drawn as a zip: cards on a seam, from the trigger down. */
export function Flow({ trigger, steps, cardOf, trackState, selected, onSelect, onAdd, onMove, onCardKey, menuOf, rootRef, zoom = 1 }: FlowProps) {
  const layout = useMemo(() => layoutFlow(trigger, steps), [trigger, steps]);
  const { drag, begin } = useCardDrag(layout.pluses, onMove && ((id, plus) => onMove(id, plus.list, plus.index)));
  const left = layout.left + 24;
  const width = left + layout.right + 24;
  const height = layout.height + 48;
  return (
    <div className="mx-auto shrink-0" style={{ width: width * zoom, height: height * zoom }}>
      <div ref={rootRef} data-flow className="relative origin-top-left" style={{ width, height, transform: zoom === 1 ? undefined : `scale(${zoom})` }}>
        <svg aria-hidden className="absolute inset-0 overflow-visible" width={width} height={layout.height}>
          <g transform={`translate(${left} 0)`}>
            <Seam tracks={onAdd ? layout.tracks : layout.tracks.filter((track) => track.to !== null)} stateOf={trackState} />
          </g>
        </svg>
        <ol aria-label="Steps">
          {layout.cards.map(({ id, x, y }, index) => (
            <li
              key={id}
              onPointerDown={id === trigger ? undefined : (event) => begin(id, event)}
              className={clsx("group absolute", drag?.id === id && "z-10 cursor-grabbing opacity-80 select-none")}
              style={{ left: left + x - CARD.width / 2 - 0.5, top: y, width: CARD.width, height: CARD.height, transform: drag?.id === id ? `translate(${drag.x}px, ${drag.y}px)` : undefined }}
            >
              <KeptCard card={cardOf(id)} id={id} number={index + 1} selected={selected === id} hasMenu={menuOf !== undefined && id !== trigger} onSelect={onSelect} onKey={onCardKey} />
              {menuOf ? (
                <div className="absolute top-[9px] right-1.5 opacity-0 group-focus-within:opacity-100 group-hover:opacity-100 has-data-[state=open]:opacity-100">
                  {menuOf(id)}
                </div>
              ) : null}
            </li>
          ))}
        </ol>
        {layout.labels.map(({ text, x, y }) => (
          <span key={`${x}-${y}`} className="absolute inline-flex h-6 -translate-x-1/2 items-center rounded-full border border-line-strong bg-surface px-2.5 text-12 whitespace-nowrap text-ink-2" style={{ left: left + x, top: y }}>
            {text}
          </span>
        ))}
        {onAdd && steps.length === 0 ? (
          <button
            type="button"
            aria-label="Add a step after 1"
            onClick={() => onAdd([], 0)}
            className="absolute flex items-center justify-center gap-2 rounded-3 border border-dashed border-control text-ink-2 hover:border-accent hover:text-accent"
            style={{ left: left - CARD.width / 2, top: CARD.height + GAP, width: CARD.width, height: CARD.height }}
          >
            <Plus aria-hidden size={14} /> Add a step
          </button>
        ) : onAdd ? (
          layout.pluses.map(({ list, index, x, y }) => (
              <button
                key={`${list.join("/")}-${index}`}
                type="button"
                aria-label={`Add a step after ${index + 1}`}
                onClick={() => onAdd(list, index)}
                className="group/plus absolute flex size-6 -translate-1/2 items-center justify-center rounded-full"
                style={{ left: left + x, top: y }}
              >
                <span
                  className={clsx(
                    "flex items-center justify-center rounded-full border",
                    drag?.plus?.index === index && drag.plus.list.join() === list.join()
                      ? "h-1.5 w-16 border-accent bg-accent *:hidden"
                      : "size-[18px] border-line-strong bg-surface text-ink-3 group-hover/plus:border-accent group-hover/plus:text-accent",
                  )}
                >
                  <Plus aria-hidden size={12} />
                </span>
              </button>
          ))
        ) : null}
      </div>
    </div>
  );
}

type CardProps = {
  id: string;
  number: number;
  card: FlowCard;
  selected: boolean;
  /** Beside its mark stands a menu, now and then. */
  hasMenu: boolean;
  onSelect: (id: string) => void;
  onKey?: (id: string, event: KeyboardEvent<HTMLButtonElement>) => void;
};

/**
 * Of two hundred cards one has changed. What a card does when it is pressed depends on nothing but its id and whether
 * it is selected, so other functions for the same are no change.
 */
const KeptCard = memo(
  Card,
  (one, other) =>
    one.id === other.id && one.number === other.number && one.selected === other.selected && one.card.label === other.card.label && one.card.name === other.card.name && one.card.look === other.card.look && one.card.mark === other.card.mark && one.card.summary === other.card.summary,
);

function Card({ id, number, card, selected, hasMenu, onSelect, onKey }: CardProps) {
  const look = card.look ?? "rest";
  return (
    <button
      type="button"
      data-step={id}
      aria-label={card.label}
      aria-current={selected || undefined}
      onClick={() => onSelect(id)}
      onKeyDown={onKey ? (event) => onKey(id, event) : undefined}
      className={clsx(
        "flex h-full w-full items-center gap-2.5 rounded-3 border pr-3 pl-[13px] text-left transition-colors duration-(--t-2)",
        LOOKS[look],
        selected && "border-accent! ring-1 ring-accent",
      )}
    >
      <span className={clsx(look === "skipped" && "opacity-55")}>
        <AppTile app={card.app} action={card.action} />
      </span>
      <span className="min-w-0 flex-1">
        <span className="flex min-w-0 items-center gap-1.5">
          <span
            className={clsx(
              "inline-flex h-4 min-w-4 shrink-0 items-center justify-center rounded-1 px-[3px] font-mono text-11",
              selected ? "bg-accent-press text-accent" : "bg-hover text-ink-2",
            )}
          >
            {number}
          </span>
          <strong dir="auto" className={clsx("min-w-0 flex-1 truncate text-left", look === "skipped" && "text-ink-3", look === "queued" && "text-ink-2")}>
            {card.name}
          </strong>
          {card.mark ? <span className={clsx("flex shrink-0 items-center gap-1.5 text-12 text-ink-3", hasMenu && "group-focus-within:pr-5.5 group-hover:pr-5.5")}>{card.mark}</span> : null}
        </span>
        <span className={clsx("mt-px block truncate text-12", SUMMARIES[look] ?? "text-ink-3")}>{card.summary}</span>
      </span>
    </button>
  );
}
