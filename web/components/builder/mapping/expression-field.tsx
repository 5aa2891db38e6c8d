"use client";

import { clsx } from "clsx";
import { CircleAlert, CornerDownRight } from "lucide-react";
import { useContext, useEffect, useId, useMemo, useRef, useState, type ComponentProps } from "react";
import { Input, Textarea } from "@/components/ui/field";
import type { EditorHandle } from "./expression-editor";
import { LazyEditor, useEditor } from "./lazy-editor";
import { MappingContext } from "./mapping-context";
import { resultOf, type Piece } from "./values";
import { unknownWords, wordsOf } from "./sources";
import { tokensOf } from "./tokens";

const SHOWN = 1_000; // characters of a value

type ExpressionFieldProps = {
  id?: string;
  "aria-label"?: string;
  "aria-describedby"?: string;
  "aria-invalid"?: true;
  value: string;
  onChange: (value: string) => void;
  /** At least so many lines high; without it there is one line. */
  lines?: number;
  placeholder?: string;
  mono?: boolean;
  /** Takes the focus when it appears. */
  autoFocus?: boolean;
};

/** A text that may hold expressions: with the focus comes the data picker, below it stands what comes of it. */
export function ExpressionField({ value, onChange, lines, placeholder, mono, autoFocus, ...aria }: ExpressionFieldProps) {
  const tools = useContext(MappingContext);
  const box = useRef<HTMLDivElement>(null);
  const plain = useRef<HTMLInputElement & HTMLTextAreaElement>(null);
  const editor = useRef<EditorHandle>(null);
  const ready = useEditor(box);
  const name = useId();
  const [wanted] = useState(autoFocus);
  useEffect(() => {
    if (wanted) (editor.current ?? plain.current)?.focus();
  }, [wanted]);
  const focused = () => {
    if (!box.current) return;
    tools.onFocus({
      name,
      element: box.current,
      focus: () => (editor.current ?? plain.current)?.focus(),
      insert: (expression) => {
        if (editor.current) {
          editor.current.insert(expression);
          return;
        }
        const at = plain.current?.selectionStart ?? value.length;
        onChange(value.slice(0, at) + expression + value.slice(plain.current?.selectionEnd ?? at));
      },
    });
  };
  const shown = tools.open === name;
  const attributes = named({
    id: aria.id,
    "aria-label": aria["aria-label"],
    "aria-labelledby": aria.id && !aria["aria-label"] ? `${aria.id}-label` : undefined,
    "aria-describedby": aria["aria-describedby"],
    "aria-invalid": aria["aria-invalid"] ? "true" : undefined,
    "aria-autocomplete": "list",
    "aria-haspopup": "listbox",
    "aria-controls": shown ? tools.listId : undefined,
    "aria-activedescendant": shown ? (tools.activeId ?? undefined) : undefined,
  });
  const shared = { ...aria, value, placeholder, dir: "auto", spellCheck: false, className: mono ? "mono" : "", onFocus: focused } as const;
  return (
    <div ref={box} className="grid min-w-0 flex-1 gap-1">
      {ready ? (
        <LazyEditor
          ref={editor}
          value={value}
          onChange={(text, apart) => {
            if (apart) tools.apart();
            onChange(text);
            if (apart) tools.apart();
          }}
          mapping={tools.mapping}
          keys={tools}
          onTyped={tools.onTyped}
          onFocus={focused}
          onBlur={tools.onBlur}
          lines={lines}
          placeholder={placeholder}
          attributes={attributes}
          className={clsx(
            "w-full min-w-0 rounded-2 border bg-surface text-13 text-ink has-focus-visible:shadow-(--ring) max-sm:text-16 max-sm:[&_.cm-content]:py-[9px]!",
            aria["aria-invalid"] ? "border-bad-solid" : "border-control",
            mono && "mono",
          )}
        />
      ) : lines ? (
        <Textarea {...(shared as ComponentProps<"textarea">)} ref={plain} rows={lines} onChange={(event) => onChange(event.target.value)} />
      ) : (
        <Input {...shared} ref={plain} onChange={(event) => onChange(event.target.value)} />
      )}
      <Result text={value} />
    </div>
  );
}

const named = (values: Record<string, string | undefined>) => Object.fromEntries(Object.entries(values).filter((pair): pair is [string, string] => pair[1] !== undefined));

/** What the field would hold by the samples, and which of its values would not be there. */
function Result({ text }: { text: string }) {
  const { mapping, rendered } = useContext(MappingContext);
  const done = rendered.get(text);
  const [pieces, problems, isUntested] = useMemo(() => {
    const words = tokensOf(text).map((token) => ({ token, ...wordsOf(token, mapping) }));
    const result = resultOf(text, ({ from }) => words.find(({ token }) => token.from === from)?.value);
    let next = 0;
    const told = result?.map((piece) => {
      if (piece.kind === "text") return piece;
      const word = words[next++];
      return piece.kind === "unknown" && word ? { ...piece, text: `${word.label}, ${unknownWords(word)}` } : piece;
    });
    const untested = words.some(({ state }) => state === "untested");
    return [told ?? null, [...new Set(words.flatMap(({ problem }) => problem ?? []))], untested] as const;
  }, [text, mapping]);
  if (pieces === null) return null;
  const shown: Piece[] = done && "value" in done ? [{ kind: "value", text: typeof done.value === "string" ? done.value : JSON.stringify(done.value) }] : pieces;
  // What is not there because its step was never tested is no mistake.
  const wrong = problems.length || isUntested || !done || "value" in done ? problems : [done.message];
  return (
    <>
      <p className="flex min-w-0 items-start gap-1 text-12 text-ink-2">
        <CornerDownRight aria-label="As things are now:" role="img" size={12} className="mt-0.5 shrink-0 text-accent" />
        <span dir="auto" className="line-clamp-3 min-w-0 [overflow-wrap:anywhere] whitespace-pre-wrap">
          {shown.map((piece, index) => (piece.kind === "unknown" ? <i key={index} className="text-ink-3">{piece.text}</i> : <span key={index}>{piece.text.slice(0, SHOWN)}</span>))}
        </span>
      </p>
      {wrong.slice(0, 3).map((problem) => (
        <p key={problem} className="flex min-w-0 items-start gap-1 text-12 text-bad-ink">
          <CircleAlert aria-hidden size={12} className="mt-0.5 shrink-0" />
          <span className="min-w-0 [overflow-wrap:anywhere]">{problem}</span>
        </p>
      ))}
    </>
  );
}
