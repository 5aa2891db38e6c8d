// Writes out/csp.json: for each exported page the hashes of its inline scripts, which the api puts into that page's
// Content-Security-Policy. An export has a few inline scripts a page, and no other way to allow just those.
import { createHash } from "node:crypto";
import { readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";

const OUT = path.resolve(import.meta.dirname, "../out");
const INLINE = /<script(?![^>]*\bsrc=)[^>]*>([\s\S]*?)<\/script>/g;

const pages = {};
for (const file of await readdir(OUT, { recursive: true })) {
  if (!file.endsWith(".html")) continue;
  const html = await readFile(path.join(OUT, file), "utf8");
  const hashes = [...html.matchAll(INLINE)].map(([, code]) => `sha256-${createHash("sha256").update(code).digest("base64")}`);
  pages[file.split(path.sep).join("/")] = [...new Set(hashes)].sort();
}
await writeFile(path.join(OUT, "csp.json"), JSON.stringify(pages, null, 1) + "\n");
