"use client";

import { useEffect } from "react";

/** The browser's title, for pages whose name is known only once they are loaded. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · Zipped`;
  }, [title]);
}
