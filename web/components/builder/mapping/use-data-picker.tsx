"use client";

import { useCallback, useId, useMemo, useRef, useState, type ReactNode } from "react";
import { DataPicker, type PickerHandle } from "./data-picker";
import type { MappedField, MappingTools } from "./mapping-context";

type Lent = Pick<MappingTools, "mapping" | "undo" | "redo" | "apart" | "rendered"> & { onGo: (source: string) => void };

/** The one data picker of a panel: it stands beside whichever field has the focus, and puts values into it. */
export function useDataPicker({ mapping, undo, redo, apart, rendered, onGo }: Lent): { tools: MappingTools; picker: ReactNode; used: boolean } {
  const listId = useId();
  const [field, setField] = useState<MappedField | null>(null);
  const [used, setUsed] = useState(false);
  const [typed, setTyped] = useState<string | null>(null);
  const [activeId, setActiveId] = useState<string | null>(null);
  const handle = useRef<PickerHandle>(null);
  const close = useCallback(() => setField(null), []);
  const open = field?.name ?? null;
  const tools = useMemo(
    (): MappingTools => ({
      mapping,
      rendered,
      undo,
      redo,
      apart,
      open,
      listId,
      activeId,
      onFocus: (next) => {
        setField(next);
        setUsed(true);
      },
      onBlur: (to) => {
        if (!handle.current?.contains(to)) close();
      },
      onTyped: setTyped,
      pick: (key) => handle.current?.pick(key) ?? false,
    }),
    [mapping, rendered, undo, redo, apart, open, listId, activeId, close],
  );
  const picker = field ? (
    <DataPicker
      key={listId}
      ref={handle}
      id={listId}
      mapping={mapping}
      field={field.element}
      typed={typed}
      onPick={field.insert}
      onActive={setActiveId}
      onGo={(source) => {
        close();
        onGo(source);
      }}
      onReturn={field.focus}
      onClose={close}
    />
  ) : null;
  return { tools, picker, /** It was there at least once. */ used };
}
