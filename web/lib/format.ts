/** Times, durations and sizes in the words of the interface. Pure: `now` is an argument. */

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** How long something took: 3 ms, 1.8 s, 4 min 33 s, 2 h 5 min. */
export function duration(ms: number): string {
  if (ms < 1_000) return `${Math.max(0, Math.round(ms))} ms`;
  if (ms < MINUTE) return `${(Math.floor(ms / 100) / 10).toFixed(1)} s`;
  const seconds = Math.floor(ms / 1_000);
  if (ms < HOUR) return joined(Math.floor(seconds / 60), "min", seconds % 60, "s");
  const minutes = Math.floor(seconds / 60);
  if (ms < DAY) return joined(Math.floor(minutes / 60), "h", minutes % 60, "min");
  const hours = Math.floor(minutes / 60);
  return joined(Math.floor(hours / 24), "d", hours % 24, "h");
}

function joined(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`;
}

/** When something was: relative under an hour, clock time on the same day, else the date. */
export function ago(iso: string, now: Date): string {
  const then = new Date(iso);
  const ms = now.getTime() - then.getTime();
  // A browser's clock may run behind the database's: what seems to be in the future has just been.
  if (ms < 5_000) return "just now";
  if (ms < MINUTE) return `${Math.floor(ms / 1_000)} s ago`;
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)} min ago`;
  const time = then.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  if (then.toDateString() === now.toDateString()) return `Today ${time}`;
  return `${dayWords(then, now)}, ${time}`;
}

/** 06:10 on the same day, else 21 Nov, 06:10. */
export function momentWords(iso: string, now: Date): string {
  const then = new Date(iso);
  const time = then.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  return then.toDateString() === now.toDateString() ? time : `${dayWords(then, now)}, ${time}`;
}

/** 21 Nov, with the year where it is another one. */
export function dayWords(day: Date, now: Date): string {
  return day.toLocaleDateString([], { day: "numeric", month: "short", ...(day.getFullYear() === now.getFullYear() ? {} : { year: "numeric" }) });
}

/** The exact moment with its zone, for hovering. */
export function exact(iso: string): string {
  return new Date(iso).toLocaleString([], { dateStyle: "medium", timeStyle: "long" });
}

/** 512 B, 4.2 KB, 1.0 MB. */
export function bytes(count: number): string {
  if (count < 1_000) return `${count} B`;
  if (count < 1_000_000) return `${(count / 1_000).toFixed(1)} KB`;
  return `${(count / 1_000_000).toFixed(1)} MB`;
}

/** 1 run, 2 runs. */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${number.toLocaleString()} ${number === 1 ? one : many}`;
}

/** An id short enough for a heading, still searchable: the prefix and its last six digits. */
export function shortId(id: string): string {
  return `${id.slice(0, 4)}…${id.slice(-6)}`;
}
