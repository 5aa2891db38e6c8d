"use client";

import { useCallback } from "react";
import { copyText } from "@/lib/clipboard";
import { useToast } from "./toast";

/** Copies a text; whether that was possible. Where it was not, that is said. */
export function useCopy(): (text: string) => Promise<boolean> {
  const say = useToast();
  return useCallback(
    async (text) => {
      try {
        await copyText(text);
        return true;
      } catch {
        say("This browser does not let the page copy. Select the text and copy it by hand.", { bad: true });
        return false;
      }
    },
    [say],
  );
}
