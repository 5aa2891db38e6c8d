/**
 * The time by the server's clock, as far as its answers tell it: what a page counts from is the database's, and a
 * browser's clock may be a day off.
 */

const TRUSTED = 30_000; // milliseconds: an answer tells whole seconds and takes its while, so less than this is no news

let off = 0;

/** Takes the time from an answer's Date header. */
export function learnTime(date: string | null): void {
  const told = date ? Date.parse(date) : Number.NaN;
  if (Number.isNaN(told)) return;
  const difference = told - Date.now();
  off = Math.abs(difference) > TRUSTED ? difference : 0;
}

export const serverNow = (): Date => new Date(Date.now() + off);
