/** Expressions drawn as chips within the editor's text. The text itself stays what it is. */

import { StateEffect, StateField, type EditorState, type Extension, type Range } from "@codemirror/state";
import { Decoration, EditorView, ViewPlugin, WidgetType, type DecorationSet, type ViewUpdate } from "@codemirror/view";
import { EMPTY, shortValue } from "./values";
import { unknownWords, wordsOf, type Mapping, type TokenState, type TokenWords } from "./sources";
import { tokensOf, type Token } from "./tokens";

/** Other samples, or other names of steps: chips say something else, the text is the same. */
export const setMapping = StateEffect.define<Mapping>();

const mappingField = StateField.define<Mapping>({
  create: () => ({ sources: [], scope: EMPTY }),
  update: (mapping, change) => change.effects.find((effect) => effect.is(setMapping))?.value ?? mapping,
});

const tokensField = StateField.define<Token[]>({
  create: (state) => tokensOf(state.doc.toString()),
  update: (tokens, change) => (change.docChanged ? tokensOf(change.newDoc.toString()) : tokens),
});

export const tokensIn = (state: EditorState): readonly Token[] => state.field(tokensField);
export const wordsIn = (state: EditorState, token: Token): TokenWords => wordsOf(token, state.field(mappingField));

/** The token that is selected as a whole. */
export function selectedToken(state: EditorState): Token | undefined {
  const { from, to } = state.selection.main;
  return from === to ? undefined : tokensIn(state).find((token) => token.from === from && token.to === to);
}

/** A token and its filters in a sentence, for who does not see the chip. */
export function spoken(words: TokenWords, filters: readonly string[]): string {
  const where = words.number === null ? words.source : `Step ${words.number}, ${words.source}`;
  const changed = filters.length ? `, ${filters.join(", ")}` : "";
  const value = words.value === undefined ? unknownWords(words) : shortValue(words.value).slice(0, 200);
  return `${where} › ${words.label}${changed}: ${value}`;
}

const LOOKS: Record<TokenState, { box: string; number: string }> = {
  known: { box: "border-accent-line bg-accent-surface text-accent", number: "bg-accent-press text-accent" },
  untested: { box: "border-dashed border-line-strong bg-surface text-ink-2", number: "bg-hover text-ink-2" },
  missing: { box: "border-bad-line bg-bad-surface text-bad-ink", number: "bg-bad-line text-ink" },
};

class Chip extends WidgetType {
  constructor(
    readonly words: TokenWords,
    readonly filters: readonly string[],
    readonly selected: boolean,
    readonly hover: (chip: HTMLElement | null) => void,
  ) {
    super();
  }

  override eq(other: Chip): boolean {
    return this.selected === other.selected && this.words.state === other.words.state && spoken(this.words, this.filters) === spoken(other.words, other.filters);
  }

  override toDOM(view: EditorView): HTMLElement {
    const look = LOOKS[this.words.state];
    const chip = element("span", `mx-px inline-flex max-w-[calc(100%-4px)] cursor-default items-center overflow-hidden rounded-1 border align-bottom leading-[18px] select-none ${look.box} ${this.selected ? "ring-2 ring-accent" : ""}`);
    chip.dir = "ltr";
    chip.setAttribute("role", "img");
    chip.setAttribute("aria-label", spoken(this.words, this.filters));
    if (this.words.number !== null) chip.append(element("span", `shrink-0 px-1 font-mono text-11 leading-[18px] ${look.number}`, String(this.words.number)));
    chip.append(element("span", "mono min-w-0 truncate px-1", this.words.label));
    if (this.filters.length) chip.append(element("span", "mono min-w-0 shrink-2 truncate border-l border-current/30 px-1 text-ink-3", this.filters.join(" ")));
    chip.addEventListener("mousedown", (event) => {
      event.preventDefault();
      const token = tokenAt(view, chip);
      view.focus();
      if (token) view.dispatch({ selection: { anchor: token.from, head: token.to } });
    });
    chip.addEventListener("dblclick", () => {
      const token = tokenAt(view, chip);
      if (token) unfold(view, token);
    });
    chip.addEventListener("mouseenter", () => this.hover(chip));
    chip.addEventListener("mouseleave", () => this.hover(null));
    return chip;
  }

  override ignoreEvent(): boolean {
    return true;
  }
}

function element(name: string, className: string, text = ""): HTMLElement {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}

/** The token that a chip stands for. */
export function tokenAt(view: EditorView, chip: HTMLElement): Token | undefined {
  const at = view.posAtDOM(chip);
  return tokensIn(view.state).find((token) => token.from === at);
}

/** Shows a token as the text it is, the caret at the end of its path. */
export function unfold(view: EditorView, token: Token): void {
  const inside = view.state.sliceDoc(token.from, token.to);
  view.dispatch({ selection: { anchor: token.from + inside.replace(/\s*\}\}$/, "").length } });
}

/** Chips for every token but the one the caret stands in, which is being edited as text. */
export function chips(mapping: Mapping, hover: (chip: HTMLElement | null) => void): Extension {
  const plugin = ViewPlugin.fromClass(
    class {
      drawn: DecorationSet;

      constructor(view: EditorView) {
        this.drawn = draw(view, hover);
      }

      update(update: ViewUpdate): void {
        const renewed = update.transactions.some((one) => one.effects.some((effect) => effect.is(setMapping)));
        if (renewed || update.docChanged || update.selectionSet || update.focusChanged) this.drawn = draw(update.view, hover);
      }
    },
    { decorations: (chip) => chip.drawn },
  );
  return [mappingField.init(() => mapping), tokensField, plugin, EditorView.atomicRanges.of((view) => view.plugin(plugin)?.drawn ?? Decoration.none), LINES];
}

function draw(view: EditorView, hover: (chip: HTMLElement | null) => void): DecorationSet {
  const { state } = view;
  const { anchor, head } = state.selection.main;
  const selected = view.hasFocus ? selectedToken(state) : undefined;
  const drawn: Range<Decoration>[] = [];
  for (const token of tokensIn(state)) {
    const within = (position: number) => position > token.from && position < token.to;
    if (view.hasFocus && (within(head) || within(anchor))) {
      drawn.push(Decoration.mark({ class: "mono text-accent" }).range(token.from, token.to));
    } else if (state.doc.lineAt(token.from).to >= token.to) {
      const widget = new Chip(wordsIn(state, token), token.filters, token === selected, hover);
      drawn.push(Decoration.replace({ widget }).range(token.from, token.to));
    }
  }
  return Decoration.set(drawn);
}

/** Each line in the direction of what is written in it. */
const LINES = EditorView.decorations.compute(["doc"], (state) => {
  const lines = Array.from({ length: state.doc.lines }, (_, index) => Decoration.line({ attributes: { dir: "auto" } }).range(state.doc.line(index + 1).from));
  return Decoration.set(lines);
});
