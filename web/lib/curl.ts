type Request = { method: string; url: string; headers: readonly { name: string; value: string }[]; body?: string | null };

/**
 * A command that sends a request. What it is made of came from strangers and is pasted into a shell: nothing in it may be
 * a command, name a file of whoever pastes it (@…), or stand for many addresses ([1-9999]).
 */
export function curl({ method, url, headers, body }: Request): string {
  return [
    `curl -X ${quoted(method)} ${/[[\]{}]/.test(url) ? "--globoff " : ""}${quoted(url)}`,
    ...headers.map(({ name, value }) => `-H ${quoted(`${name}: ${value}`)}`),
    ...(body ? [`--data-raw ${quoted(body)}`] : []),
  ].join(" \\\n  ");
}

// With these a terminal could be told that the pasting is over.
const CONTROL = /[\u0001-\u0008\u000b-\u001f\u007f]/;

/** As one word of a shell, whatever it holds. */
function quoted(text: string): string {
  if (/^[A-Z]+$/.test(text)) return text;
  if (!CONTROL.test(text)) return `'${text.replaceAll("'", `'\\''`)}'`;
  const escaped = text.replace(/[\\']/g, "\\$&").replace(new RegExp(CONTROL, "g"), (sign) => `\\x${sign.charCodeAt(0).toString(16).padStart(2, "0")}`);
  return `$'${escaped}'`;
}
