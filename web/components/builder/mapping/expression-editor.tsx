"use client";

import { Annotation, Compartment, EditorState, type Extension, type Transaction } from "@codemirror/state";
import { EditorView, placeholder as placeholderOf } from "@codemirror/view";
import { useEffect, useImperativeHandle, useRef, useState, type Ref } from "react";
import { ChipTip, type Tip } from "./chip-tip";
import { chips, selectedToken, setMapping, spoken, tokenAt, wordsIn } from "./chips";
import { editorKeys, openExpression, type EditorKeys } from "./editor-keys";
import type { Mapping } from "./sources";

export type EditorHandle = { insert: (expression: string) => void; focus: () => void };

export type EditorProps = {
  ref?: Ref<EditorHandle>;
  value: string;
  /** `apart`: a change that is undone by itself, not together with what was typed before. */
  onChange: (value: string, apart: boolean) => void;
  mapping: Mapping;
  keys: EditorKeys;
  /** What is typed of an expression that is not finished; null outside of one. */
  onTyped: (path: string | null) => void;
  onFocus: () => void;
  onBlur: (to: EventTarget | null) => void;
  /** At least so many lines high; without it there is one line. */
  lines?: number;
  placeholder?: string;
  /** id, aria-… */
  attributes: Record<string, string>;
  className: string;
};

const Ours = Annotation.define<boolean>(); // a change that came from outside and is not told back
const LINE = 20; // pixels
const TIP_STAYS = 150; // milliseconds after the pointer left, so that it can be reached
const APART = ["input.paste", "input.drop", "input.token", "delete.cut", "delete.token"];

/** A text in which expressions are chips. The value is the plain text, always; loaded only where a zip is edited. */
export function ExpressionEditor(props: EditorProps) {
  const { ref, value, mapping, attributes, lines, className } = props;
  const parent = useRef<HTMLDivElement>(null);
  const editor = useRef<EditorView | null>(null);
  const latest = useRef(props);
  // What was told and has not come back as the value yet: while somebody types fast, an older value is no change.
  const told = useRef<string[]>([]);
  const leaving = useRef<ReturnType<typeof setTimeout>>(undefined);
  const [tip, setTip] = useState<Tip | null>(null);
  const [said, setSaid] = useState("");
  const [attributesSlot] = useState(() => new Compartment());
  // A value that is stored with line breaks keeps them, whatever its field is.
  const [multiline] = useState(() => lines !== undefined || value.includes("\n"));
  useEffect(() => {
    latest.current = props;
  });

  useEffect(() => {
    if (!parent.current) return;
    const tipOf = (view: EditorView, chip: HTMLElement): Tip | null => {
      const token = tokenAt(view, chip);
      return token ? { chip, words: wordsIn(view.state, token), filters: token.filters } : null;
    };
    const view: EditorView = new EditorView({
      parent: parent.current,
      state: EditorState.create({
        doc: latest.current.value,
        selection: { anchor: latest.current.value.replaceAll("\r\n", "\n").length },
        extensions: [
          chips(latest.current.mapping, (chip) => {
            clearTimeout(leaving.current);
            if (chip) setTip(tipOf(view, chip));
            else leaving.current = setTimeout(() => setTip(null), TIP_STAYS);
          }),
          editorKeys({ undo: () => latest.current.keys.undo(), redo: () => latest.current.keys.redo(), pick: (key) => latest.current.keys.pick(key) }, multiline),
          EditorView.lineWrapping,
          EditorView.perLineTextDirection.of(true),
          attributesSlot.of(attributesOf(latest.current.attributes, multiline)),
          latest.current.placeholder ? placeholderOf(latest.current.placeholder) : [],
          LOOK,
          EditorView.theme({ ".cm-content": { minHeight: `${(latest.current.lines ?? 1) * LINE + 10}px` } }),
          EditorView.domEventHandlers({
            focus: () => latest.current.onFocus(),
            blur: (event) => latest.current.onBlur(event.relatedTarget),
          }),
          EditorView.updateListener.of((update) => {
            const own = update.transactions.filter((change) => change.docChanged && !change.annotation(Ours));
            if (own.length) {
              const text = update.state.doc.toString();
              told.current.push(text);
              latest.current.onChange(text, own.some(isApart));
            }
            if (!update.docChanged && !update.selectionSet && !update.focusChanged) return;
            latest.current.onTyped(update.view.hasFocus ? (openExpression(update.state)?.typed ?? null) : null);
            const token = update.view.hasFocus ? selectedToken(update.state) : undefined;
            setSaid(token ? `${spoken(wordsIn(update.state, token), token.filters)}. Enter edits it as text.` : "");
            setTip(null);
            if (!token) return;
            requestAnimationFrame(() => {
              const chip = [...update.view.contentDOM.querySelectorAll<HTMLElement>("[role=img]")].find((one) => tokenAt(update.view, one)?.from === token.from);
              if (chip) setTip(tipOf(update.view, chip));
            });
          }),
        ],
      }),
    });
    editor.current = view;
    return () => view.destroy();
  }, [attributesSlot, multiline]);

  useEffect(() => {
    const view = editor.current;
    const at = told.current.lastIndexOf(value);
    told.current = at < 0 ? [] : told.current.slice(at + 1);
    if (view && at < 0 && value !== view.state.doc.toString()) view.dispatch(replaced(view.state, value));
  }, [value]);
  useEffect(() => {
    const view = editor.current;
    if (!view) return;
    takeSelection(view);
    view.dispatch({ effects: setMapping.of(mapping) });
  }, [mapping]);
  const named = JSON.stringify(attributes);
  useEffect(() => {
    const view = editor.current;
    if (!view) return;
    takeSelection(view);
    view.dispatch({ effects: attributesSlot.reconfigure(attributesOf(JSON.parse(named) as Record<string, string>, multiline)) });
  }, [named, multiline, attributesSlot]);
  useImperativeHandle(ref, () => ({
    focus: () => editor.current?.focus(),
    insert: (expression) => {
      const view = editor.current;
      if (!view) return;
      const { from, to } = openExpression(view.state) ?? view.state.selection.main;
      view.dispatch({ changes: { from, to, insert: expression }, selection: { anchor: from + expression.length }, userEvent: "input.token", scrollIntoView: true });
      view.focus();
    },
  }));
  return (
    <>
      <div ref={parent} className={className} />
      <span role="status" className="sr-only">{said}</span>
      {tip ? <ChipTip tip={tip} onHover={() => clearTimeout(leaving.current)} onClose={() => setTip(null)} /> : null}
    </>
  );
}

/**
 * What is selected in the page and not told to the editor yet, as when a program selects right after it has focused:
 * a change of something else would put the editor's older selection over it.
 */
function takeSelection(view: EditorView): void {
  const selected = document.getSelection();
  if (!view.hasFocus || view.composing || !selected?.anchorNode || !selected.focusNode || selected.isCollapsed) return;
  if (!view.contentDOM.contains(selected.anchorNode) || !view.contentDOM.contains(selected.focusNode)) return;
  view.dispatch({ selection: { anchor: view.posAtDOM(selected.anchorNode, selected.anchorOffset), head: view.posAtDOM(selected.focusNode, selected.focusOffset) } });
}

const isApart = (change: Transaction) => APART.some((kind) => change.isUserEvent(kind));

function attributesOf(attributes: Record<string, string>, multiline: boolean): Extension {
  return EditorView.contentAttributes.of({ "aria-multiline": String(multiline), spellcheck: "false", ...attributes });
}

/** The smallest change to another text, so that the caret stays where it is. */
function replaced(state: EditorState, text: string) {
  const old = state.doc.toString();
  const next = text.replaceAll("\r\n", "\n");
  let from = 0;
  while (from < Math.min(old.length, next.length) && old[from] === next[from]) from += 1;
  let end = 0;
  while (end < Math.min(old.length, next.length) - from && old[old.length - 1 - end] === next[next.length - 1 - end]) end += 1;
  return { changes: { from, to: old.length - end, insert: next.slice(from, next.length - end) }, annotations: Ours.of(true) };
}

const LOOK = EditorView.theme({
  "&": { backgroundColor: "transparent" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "inherit", lineHeight: `${LINE}px`, overflow: "auto", maxHeight: "320px" },
  // A chip that is wider than the field is cut, not the field made wider.
  ".cm-content": { padding: "5px 0", minWidth: "0", caretColor: "var(--ink)" },
  ".cm-content:focus-visible": { boxShadow: "none" },
  ".cm-line": { padding: "0 10px" },
  ".cm-placeholder": { color: "var(--ink-3)" },
});
