/** Dates and times as a calendar of the browser has them, without a zone, and as they are stored, with one. Pure but for the browser's zone. */

const two = (number: number) => String(number).padStart(2, "0");

/** `2026-12-24T18:00` with the offset that holds here on that day; null for what is no date and time. */
export function momentWithZone(local: string): string | null {
  const moment = new Date(local);
  if (!/^\d{4,6}-\d\d-\d\dT\d\d:\d\d/.test(local) || Number.isNaN(moment.getTime())) return null;
  const offset = -moment.getTimezoneOffset();
  const size = Math.abs(offset);
  return `${local.length === 16 ? `${local}:00` : local}${offset < 0 ? "-" : "+"}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}

/** A stored moment as the calendar shows it, in the zone that holds here; empty for an expression or anything else. */
export function localMoment(stored: string): string {
  const moment = new Date(stored);
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d.*([Zz]|[+-]\d\d:?\d\d)$/.test(stored) || Number.isNaN(moment.getTime())) return "";
  return `${moment.getFullYear()}-${two(moment.getMonth() + 1)}-${two(moment.getDate())}T${two(moment.getHours())}:${two(moment.getMinutes())}`;
}
