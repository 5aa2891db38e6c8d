/** How large a drawing is shown. Pure: shares of its own size, and measures in pixels. */

type Size = { width: number; height: number };

const LEVELS = [0.25, 0.5, 0.75, 1, 1.25, 1.5, 2];
const MARGIN = 24; // pixels around a drawing that is shown whole

export const SMALLEST = 0.25; // below it nothing of a card can be read
export const LARGEST = 2;

/** The next level above, or below, whatever it is now. */
export const larger = (zoom: number) => LEVELS.find((level) => level > zoom + 0.001) ?? LARGEST;
export const smaller = (zoom: number) => LEVELS.findLast((level) => level < zoom - 0.001) ?? SMALLEST;

/** So that all of a drawing is seen in a box: never larger than it is, and never too small to be made out. */
export function fit(drawing: Size, box: Size): number {
  const share = Math.min(1, (box.width - 2 * MARGIN) / drawing.width, (box.height - 2 * MARGIN) / drawing.height);
  return Math.max(SMALLEST, Math.floor(share * 100) / 100);
}

/** How far to scroll so that what was in the middle still is. */
export const keepMiddle = (scrolled: number, seen: number, before: number, after: number) => Math.max(0, ((scrolled + seen / 2) * after) / before - seen / 2);
