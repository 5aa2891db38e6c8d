"use client";

import { useEffect, useState } from "react";
import { onLiveState, type LiveState } from "@/lib/graphql/client";

const SILENT_FOR = 2_000; // milliseconds a reconnection may take before it is worth a word

/** Says that the page is not live for the moment. */
export function LiveLine() {
  const [state, setState] = useState<LiveState>("live");
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = onLiveState((next) => {
      clearTimeout(timer);
      if (next === "live") setState("live");
      else timer = setTimeout(() => setState("reconnecting"), SILENT_FOR);
    });
    return () => {
      clearTimeout(timer);
      stop();
    };
  }, []);
  return (
    <div role="status">
      {state === "reconnecting" ? (
        <p className="border-b border-wait-line bg-wait-surface px-6 py-1 text-12 text-wait-ink">
          Reconnecting. What you see may be a moment old; nothing is missed.
        </p>
      ) : null}
    </div>
  );
}
