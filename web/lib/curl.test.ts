import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { curl } from "./curl";

const url = "http://127.0.0.1:8000/hooks/abc";

test("a body that names a file is no file", () => {
  expect(curl({ method: "POST", url, headers: [], body: "@/etc/passwd" })).toBe(`curl -X POST '${url}' \\\n  --data-raw '@/etc/passwd'`);
});

test("an address that looks like many is one", () => {
  expect(curl({ method: "GET", url: `${url}?a=[1-9999]&b={1,2}`, headers: [] })).toBe(`curl -X GET --globoff '${url}?a=[1-9999]&b={1,2}'`);
});

test.each(["it's", "$(id) `id` \"\\", "two\nlines", "\u001b[201~\nid #'\\ \r\u007f", "!!", "-x"])("a shell reads what was meant: %j", (text) => {
  const command = curl({ method: "POST", url, headers: [{ name: "x", value: text }], body: text }).replace(/^curl /, "printf '%s\\0' ");
  const words = execFileSync("bash", ["-c", command], { encoding: "utf8" }).split("\0");
  expect(words).toEqual(["-X", "POST", url, "-H", `x: ${text}`, "--data-raw", text, ""]);
  expect(command).not.toMatch(/[\u0001-\u0008\u000b-\u001f\u007f]/);
});
