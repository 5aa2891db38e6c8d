import { clsx } from "clsx";
import type { PlacedTrack } from "./layout";

export type TrackState = "open" | "closed" | "skipped";

/**
 * The track between steps: an open double line while nothing has passed, closed teeth once data has. Wide strokes
 * under narrower ones, so that forks and merges need no joints. Purely a drawing; the list of steps says it in words.
 */
export function Seam({ tracks, stateOf }: { tracks: PlacedTrack[]; stateOf: (track: PlacedTrack) => TrackState }) {
  const order: TrackState[] = ["open", "skipped", "closed"];
  const sorted = tracks
    .map((track) => ({ track, state: stateOf(track) }))
    .sort((a, b) => order.indexOf(a.state) - order.indexOf(b.state));
  return (
    <g fill="none">
      {sorted.map(({ track, state }) => (
        <Track key={`${track.from}>${track.to ?? ""}`} path={track.path} state={state} />
      ))}
    </g>
  );
}

function Track({ path, state }: { path: string; state: TrackState }) {
  if (state === "skipped") return <path d={path} className="stroke-(--line-strong)" strokeWidth={1} strokeDasharray="3 4" />;
  const closed = state === "closed";
  return (
    <>
      <path d={path} className={clsx(closed ? "stroke-(--bg)" : "stroke-(--seam-open)")} strokeWidth={7} />
      <path d={path} className={clsx(closed ? "stroke-(--seam-closed)" : "stroke-(--bg)")} strokeWidth={5} />
      {closed ? <path d={path} className="stroke-(--bg)" strokeWidth={3} strokeDasharray="1 3" /> : null}
    </>
  );
}
