"use client";

import { createElement, useEffect, useState, type ComponentType, type RefObject } from "react";
import type { EditorProps } from "./expression-editor";

let loaded: ComponentType<EditorProps> | null = null;

/** Fetches what draws expressions as chips, which only the builder needs. */
export const loadEditor = () =>
  import("./expression-editor").then((file) => {
    loaded = file.ExpressionEditor;
    return loaded;
  });

/** The editor, where `useEditor` says that it is there. */
export const LazyEditor = (props: EditorProps) => (loaded ? createElement(loaded, props) : null);

/**
 * Whether the editor is there; until then, and where it can't be fetched, a plain field does. One that is just being
 * typed into is not taken away: it changes when the focus leaves it.
 */
export function useEditor(box: RefObject<HTMLElement | null>): boolean {
  const [ready, setReady] = useState(loaded !== null);
  useEffect(() => {
    if (ready) return;
    const element = box.current;
    const change = () => setReady(true);
    let gone = false;
    loadEditor().then(
      () => {
        if (gone) return;
        if (element?.contains(document.activeElement)) element.addEventListener("focusout", change, { once: true });
        else change();
      },
      () => undefined, // The server is away: the plain field stays, and the next one asks again.
    );
    return () => {
      gone = true;
      element?.removeEventListener("focusout", change);
    };
  }, [ready, box]);
  return ready;
}
