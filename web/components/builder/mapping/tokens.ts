/**
 * The expressions of a text, as zipped/engine/expression.py reads them: `{{ path | filter(literal, …) }}`.
 * Pure. What can't be read here is no token and stays text; what is wrong with it is the server's to say.
 */

export type Part = string | number;

export type Token = {
  /** Where it stands in the text, braces included. */
  from: number;
  to: number;
  path: Part[];
  /** Each filter as it is written: `round(2)`. */
  filters: string[];
};

const MAX_TOKENS = 1_000; // of one text, as in the engine

const SPACE = /[ \t\r\n]*/y;
const NAME = /[\p{L}_][\p{L}\p{N}_-]*/uy;
const INDEX = /\d{1,9}(?!\d)/y;
const STRING = /"(?:[^"\\]|\\[^])*"|'(?:[^'\\]|\\[^])*'/y;
const LITERAL = /"(?:[^"\\]|\\[^])*"|'(?:[^'\\]|\\[^])*'|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;
const ESCAPES: Record<string, string> = { "\\": "\\", '"': '"', "'": "'", n: "\n", r: "\r", t: "\t" };

/** Every expression that can be read, in its order. */
export function tokensOf(text: string): Token[] {
  const found: Token[] = [];
  for (let at = text.indexOf("{{"); at >= 0 && found.length < MAX_TOKENS; ) {
    const token = isEscaped(text, at) ? null : tokenAt(text, at);
    if (token) found.push(token);
    at = text.indexOf("{{", token?.to ?? at + 2);
  }
  return found;
}

/** An odd number of backslashes before the braces makes them plain text. */
function isEscaped(text: string, at: number): boolean {
  let slashes = 0;
  while (text[at - 1 - slashes] === "\\") slashes += 1;
  return slashes % 2 === 1;
}

function tokenAt(text: string, from: number): Token | null {
  const reader = new Reader(text, from + 2);
  const path = reader.path();
  if (!path) return null;
  const filters: string[] = [];
  while (reader.takes("|")) {
    const filter = reader.filter();
    if (filter === null) return null;
    filters.push(filter);
  }
  return reader.takes("}}") ? { from, to: reader.at, path, filters } : null;
}

class Reader {
  constructor(
    readonly text: string,
    public at: number,
  ) {}

  path(): Part[] | null {
    const first = this.reads(NAME);
    if (first === null) return null;
    const parts: Part[] = [first];
    for (;;) {
      if (this.takes(".")) {
        const name = this.reads(NAME);
        if (name === null) return null;
        parts.push(name);
      } else if (this.takes("[")) {
        const index = this.reads(INDEX);
        const key = index === null ? this.reads(STRING) : null;
        if (index === null && key === null) return null;
        parts.push(index === null ? plain(key ?? "") : Number(index));
        if (!this.takes("]")) return null;
      } else {
        return parts;
      }
    }
  }

  filter(): string | null {
    this.reads(SPACE);
    const from = this.at;
    if (this.reads(NAME) === null) return null;
    const end = this.at;
    if (!this.takes("(")) return this.text.slice(from, end);
    if (!this.takes(")")) {
      do {
        if (this.reads(LITERAL) === null) return null;
      } while (this.takes(","));
      if (!this.takes(")")) return null;
    }
    return this.text.slice(from, this.at);
  }

  takes(sign: string): boolean {
    this.skip();
    if (!this.text.startsWith(sign, this.at)) return false;
    this.at += sign.length;
    return true;
  }

  reads(pattern: RegExp): string | null {
    this.skip();
    return this.match(pattern);
  }

  private skip(): void {
    this.match(SPACE);
  }

  private match(pattern: RegExp): string | null {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0] ?? null;
    if (found !== null) this.at += found.length;
    return found;
  }
}

const plain = (quoted: string) => quoted.slice(1, -1).replaceAll(/\\([^])/g, (_, escape: string) => ESCAPES[escape] ?? escape);

const BARE = /^[\p{L}_][\p{L}\p{N}_-]*$/u;

/** A path as an author would write it: `body.items[0]["a b"]`. */
export function pathText(path: readonly Part[]): string {
  return path.reduce<string>((told, part) => {
    if (typeof part === "number") return `${told}[${part}]`;
    if (!BARE.test(part)) return `${told}[${JSON.stringify(part)}]`;
    return told ? `${told}.${part}` : part;
  }, "");
}
