/** JSON as people type it, in which an expression may stand wherever a value or a piece of a text does. */

import type { Json } from "./draft";
import { tokensOf } from "./mapping/tokens";

/**
 * The value of a text; undefined of an empty one, the text itself of what is no JSON. An expression that is a value of
 * its own becomes the text that holds nothing else, which keeps the type of what it finds: `{"id": {{ trigger.body.id }}}`.
 */
export function jsonIn(text: string): Json | undefined {
  if (text.trim() === "") return undefined;
  for (const written of [text, quoted(text)]) {
    try {
      return JSON.parse(written) as Json;
    } catch {
      // the next way to read it, at last as a text
    }
  }
  return text;
}

/** Each expression as the text it is in JSON: with quotes where it stands alone, and its own quotes escaped. */
function quoted(text: string): string {
  let made = "";
  let at = 0;
  let inside = false;
  for (const { from, to } of tokensOf(text)) {
    const before = text.slice(at, from);
    for (const [mark] of before.matchAll(/\\[^]|"/g)) if (mark === '"') inside = !inside;
    const expression = JSON.stringify(text.slice(from, to));
    made += before + (inside ? expression.slice(1, -1) : expression);
    at = to;
  }
  return made + text.slice(at);
}
