"use client";

import { useState } from "react";

/** The same array for as long as its items are the same, so that what is worked out from it is kept. */
export function useSameItems<Item>(items: readonly Item[]): readonly Item[] {
  const [kept, setKept] = useState(items);
  if (kept.length === items.length && kept.every((item, index) => item === items[index])) return kept;
  setKept(items);
  return items;
}
