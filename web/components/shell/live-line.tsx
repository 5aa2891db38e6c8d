"use client";

import { useEffect, useState } from "react";
import { useIsLive } from "./use-is-live";

const SILENT_FOR = 2_000; // milliseconds a reconnection may take before it is worth a word

/** Says that the page is not live for the moment. */
export function LiveLine() {
  const isLive = useIsLive();
  const [isWorthAWord, setWorthAWord] = useState(false);
  useEffect(() => {
    if (isLive) return;
    const timer = setTimeout(() => setWorthAWord(true), SILENT_FOR);
    return () => {
      clearTimeout(timer);
      setWorthAWord(false);
    };
  }, [isLive]);
  return (
    <div role="status">
      {isWorthAWord ? (
        <p className="border-b border-wait-line bg-wait-surface px-6 py-1 text-12 text-wait-ink">
          Reconnecting. What you see may be a moment old; nothing is missed.
        </p>
      ) : null}
    </div>
  );
}
