"use client";

import { useState } from "react";

/** The value, and while there is none the last one there was: a question that fails later takes nothing away. */
export function useLast<Value>(value: Value | null | undefined): Value | null {
  const [kept, setKept] = useState<Value | null>(value ?? null);
  if (value === null || value === undefined || value === kept) return kept;
  setKept(value);
  return value;
}
