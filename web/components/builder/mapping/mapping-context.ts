"use client";

import { createContext } from "react";
import type { Json } from "../draft";
import type { PickerKey } from "./editor-keys";
import type { Mapping } from "./sources";
import { EMPTY } from "./values";

/** A field that values are put into. */
export type MappedField = { name: string; element: HTMLElement; insert: (expression: string) => void; focus: () => void };

/** What the server makes of a text: its value, or why there is none. */
export type Rendered = { value: Json } | { message: string };

/** What the panel of a step lends to its fields. */
export type MappingTools = {
  mapping: Mapping;
  /** Texts with filters as the server renders them; those it was not asked for yet are missing. */
  rendered: ReadonlyMap<string, Rendered>;
  undo: () => void;
  redo: () => void;
  /** What follows is undone by itself. */
  apart: () => void;
  /** The name of the field that has the picker, and the option that is chosen there. */
  open: string | null;
  listId: string;
  activeId: string | null;
  onFocus: (field: MappedField) => void;
  onBlur: (to: EventTarget | null) => void;
  onTyped: (path: string | null) => void;
  pick: (key: PickerKey) => boolean;
};

export const MappingContext = createContext<MappingTools>({
  mapping: { sources: [], scope: EMPTY },
  rendered: new Map(),
  undo: () => undefined,
  redo: () => undefined,
  apart: () => undefined,
  open: null,
  listId: "",
  activeId: null,
  onFocus: () => undefined,
  onBlur: () => undefined,
  onTyped: () => undefined,
  pick: () => false,
});
