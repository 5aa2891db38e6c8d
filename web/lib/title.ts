"use client";

import { useEffect } from "react";

/** The browser's title, for pages whose name is known only once they are loaded. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · Zipped`;
  }, [title]);
}

/** Marks the page's icon with a tone (public/state-….svg), so that a tab in the background tells how it goes. */
export function useStateIcon(tone: string | null): void {
  useEffect(() => {
    const icon = document.querySelector<HTMLLinkElement>("link[rel=icon]");
    if (!tone || !icon) return;
    const before = icon.href;
    icon.href = `/state-${tone}.svg`;
    return () => {
      icon.href = before;
    };
  }, [tone]);
}
