/** What keys do in a field with expressions; everything else is the browser's. */

import { EditorSelection, EditorState, Prec, type Extension } from "@codemirror/state";
import { Direction, EditorView, keymap, type Command } from "@codemirror/view";
import { selectedToken, tokensIn, unfold } from "./chips";

/** “into” goes from the field into the list; the others are keys. */
export type PickerKey = "into" | "ArrowDown" | "ArrowUp" | "ArrowLeft" | "ArrowRight" | "Enter" | "Escape";

export type EditorKeys = {
  undo: () => void;
  redo: () => void;
  /** Offers a key to the data picker; whether it took it. */
  pick: (key: PickerKey) => boolean;
};

/** The unfinished expression the caret stands in: where it begins and ends, and what is typed of its path. */
export function openExpression(state: EditorState): { from: number; to: number; typed: string } | null {
  const { head, empty } = state.selection.main;
  if (!empty) return null;
  const begun = /\{\{[ \t]*([^{}|]*)$/.exec(state.sliceDoc(Math.max(0, head - 2_000), head));
  if (!begun) return null;
  const rest = /^[^{}]*\}\}/.exec(state.sliceDoc(head, head + 2_000));
  return { from: head - begun[0].length, to: head + (rest?.[0].length ?? 0), typed: begun[1] ?? "" };
}

/** Over a chip in two steps: the first selects it, the second goes past it. */
const arrow =
  (right: boolean): Command =>
  (view) => {
    const { main } = view.state.selection;
    const forward = right === (view.textDirectionAt(main.head) === Direction.LTR);
    const chip = selectedToken(view.state);
    if (chip) {
      view.dispatch({ selection: { anchor: forward ? chip.to : chip.from }, scrollIntoView: true });
      return true;
    }
    const next = main.empty && foldedToken(view, main.head, forward);
    if (!next) return false;
    view.dispatch({ selection: EditorSelection.range(next.from, next.to), scrollIntoView: true });
    return true;
  };

/** The chip that begins (or ends) at the caret. */
function foldedToken(view: EditorView, head: number, forward: boolean) {
  return tokensIn(view.state).find((token) => (forward ? token.from : token.to) === head);
}

const erase =
  (forward: boolean): Command =>
  (view) => {
    const { main } = view.state.selection;
    const range = main.empty ? foldedToken(view, main.head, forward) : main;
    if (!range) return false;
    view.dispatch({ changes: { from: range.from, to: range.to }, userEvent: "delete.token", scrollIntoView: true });
    return true;
  };

function enter(view: EditorView, multiline: boolean): boolean {
  const chip = selectedToken(view.state);
  const open = openExpression(view.state);
  if (chip) unfold(view, chip);
  else if (open && open.to > view.state.selection.main.head) view.dispatch({ selection: { anchor: open.to } });
  else if (multiline) view.dispatch(view.state.replaceSelection("\n"), { scrollIntoView: true, userEvent: "input" });
  return true;
}

/** From an expression that is edited as text back to its chip. */
function leave(view: EditorView): boolean {
  const { head } = view.state.selection.main;
  const token = tokensIn(view.state).find((one) => head > one.from && head < one.to);
  if (token) view.dispatch({ selection: { anchor: token.to } });
  return token !== undefined;
}

export function editorKeys(keys: EditorKeys, multiline: boolean): Extension {
  const offered = (key: PickerKey, otherwise: Command = () => false) => ({ key, run: (view: EditorView) => keys.pick(key) || otherwise(view) });
  return [
    Prec.high(
      keymap.of([
        offered("ArrowDown", (view) => multiline && !onEdge(view, true) ? false : keys.pick("into")),
        offered("ArrowUp"),
        offered("ArrowRight", arrow(true)),
        offered("ArrowLeft", arrow(false)),
        offered("Enter", (view) => enter(view, multiline)),
        { key: "Escape", run: (view) => leave(view) || keys.pick("Escape") },
        { key: "Backspace", run: erase(false) },
        { key: "Delete", run: erase(true) },
        { key: "Mod-a", run: selectAll },
      ]),
    ),
    braces,
    multiline ? [] : ONE_LINE,
    EditorView.domEventHandlers({
      keydown(event) {
        const key = event.key.toLowerCase();
        if (!(event.metaKey || event.ctrlKey) || event.altKey || (key !== "z" && key !== "y")) return false;
        event.preventDefault();
        if (key === "y" || event.shiftKey) keys.redo();
        else keys.undo();
        return true;
      },
      beforeinput: (event, view) => beforeInput(event, view, keys),
      // A chip can't be composed over: it goes first.
      compositionstart: (_, view) => {
        if (isOverChip(view)) view.dispatch(view.state.replaceSelection(""));
        return false;
      },
    }),
  ];
}

const selectAll: Command = (view) => {
  view.dispatch({ selection: { anchor: 0, head: view.state.doc.length } });
  return true;
};

/** Whether what is selected holds a chip, which browsers neither delete nor type over reliably. A caret selects nothing. */
function isOverChip({ state }: EditorView): boolean {
  const { from, to, empty } = state.selection.main;
  return !empty && tokensIn(state).some((token) => token.from < to && token.to > from);
}

function beforeInput(event: InputEvent, view: EditorView, keys: EditorKeys): boolean {
  if (event.inputType === "historyUndo" || event.inputType === "historyRedo") {
    event.preventDefault();
    if (event.inputType === "historyUndo") keys.undo();
    else keys.redo();
    return true;
  }
  const typed = event.inputType === "insertText" ? event.data : event.inputType.startsWith("deleteContent") ? "" : null;
  if (typed === null || event.isComposing || !isOverChip(view)) return false;
  event.preventDefault();
  view.dispatch(view.state.replaceSelection(typed), { userEvent: typed ? "input.type" : "delete.token", scrollIntoView: true });
  return true;
}

/** Whether the caret stands in the last (or first) line, from where the next arrow leaves the text. */
function onEdge(view: EditorView, bottom: boolean): boolean {
  const { head } = view.state.selection.main;
  const moved = view.moveVertically(EditorSelection.cursor(head), bottom);
  return view.state.doc.lineAt(moved.head).number === view.state.doc.lineAt(head).number && (moved.head === head || moved.head === (bottom ? view.state.doc.length : 0));
}

/** `{{` closes itself, `=` in an empty field begins an expression, and closing braces are typed over. */
const braces = EditorView.inputHandler.of((view, from, to, text) => {
  const before = view.state.sliceDoc(Math.max(0, from - 3), from);
  const after = view.state.sliceDoc(to, to + 100);
  const begin = (insert: string) => {
    view.dispatch({ changes: { from, to, insert }, selection: { anchor: from + insert.length - 3 }, userEvent: "input" });
    return true;
  };
  if (text === "=" && view.state.doc.length === to - from) return begin("{{  }}");
  if (text === "{" && before.endsWith("{") && !/[\\{]\{$/.test(before) && !after.startsWith("}")) return begin("{  }}");
  if (text === " " && before.endsWith("{{ ")) return true;
  const closing = text === "}" ? /^[ \t]*\}/.exec(after) : null;
  if (!closing || !/\{\{[^{}]*\}?$/.test(view.state.sliceDoc(Math.max(0, from - 2_000), from))) return false;
  const blanks = closing[0].length - 1;
  const spare = /[ \t]$/.test(before) ? blanks : 0;
  view.dispatch({ changes: { from: to, to: to + spare }, selection: { anchor: to + blanks - spare + 1 } });
  return true;
});

/** Where there is one line, what is pasted becomes one. */
const ONE_LINE = EditorState.transactionFilter.of((change) => {
  if (!change.docChanged || change.newDoc.lines === 1) return change;
  const breaks = [...change.newDoc.toString().matchAll(/\s*\n\s*/g)].map((found) => ({ from: found.index, to: found.index + found[0].length, insert: " " }));
  return [change, { changes: breaks, sequential: true }];
});
