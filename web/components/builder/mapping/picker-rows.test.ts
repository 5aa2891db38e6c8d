import { expect, test } from "vitest";
import type { Step } from "../draft";
import { pickerRows } from "./picker-rows";
import type { Scope } from "./values";
import { mappingOf, wordsOf } from "./sources";
import { tokensOf } from "./tokens";

const step = (id: string, name: string): Step => ({ id, app: "http", action: "request", name, input: {} });
const steps = [step("call", "Look up"), step("later", "Not run"), step("mine", "Mine")];
const scope: Scope = { trigger: { body: { name: "Ada", items: [{ sku: "x" }] }, headers: { host: "h" }, method: "POST" }, steps: { call: { status: 200, body: { id: 7 } } }, zip: { name: "Z" } };
const mapping = mappingOf(steps.slice(0, 2), "webhook", { scope }, () => ({ properties: { status: { type: "integer" }, kind: { enum: ["a", "b"] } } }));
const rows = (search = "", turned: string[] = []) => pickerRows(mapping, search, new Set(turned)).map(({ source, rows: own }) => [source.number, ...own.map((row) => `${"  ".repeat(row.depth)}${row.label}: ${row.words}`)]);

test("the nearest step comes first; what has not run shows what it declares", () => {
  expect(rows()).toEqual([
    [3, "status: number", "kind: a or b"],
    [2, "status: 200", "body: 1 field", "  id: 7"],
    [1, "body: 2 fields", "  name: Ada", "  items: list of 1", "headers: 1 field", "method: POST"],
  ]);
});

test("objects and lists fold and unfold", () => {
  expect(rows("", ["trigger.body", "steps.call.body"]).slice(1)).toEqual([
    [2, "status: 200", "body: 1 field"],
    [1, "body: 2 fields", "headers: 1 field", "method: POST"],
  ]);
  expect(rows("", ["trigger.body.items"])[2]).toContain("    [0]: 1 field");
});

test("a search looks at names, values and titles, at any depth", () => {
  expect(rows("sku")).toEqual([[1, "body.items[0].sku: x"]]);
  expect(rows("ada")).toEqual([[1, "body.name: Ada"]]);
  expect(rows("look up")).toEqual([[2, "status: 200", "body: 1 field", "body.id: 7"]]);
  expect(rows("steps.call.body.i")).toEqual([[2, "body.id: 7"]]);
  expect(rows("nowhere")).toEqual([]);
});

test("a name that is searched comes before values that hold it", () => {
  const given = mappingOf([], "webhook", { scope: { ...scope, trigger: { raw: "the sku", body: { sku: 1 } } } }, () => undefined);
  expect(pickerRows(given, "sku", new Set())[0]?.rows.map((row) => row.label)).toEqual(["body.sku", "raw"]);
});

test("a large event costs no more than a small one", () => {
  const wide = { ...scope, trigger: { body: Object.fromEntries(Array.from({ length: 5_000 }, (_, index) => [`key_${index}`, [index]])) } };
  const many = pickerRows(mappingOf([], "webhook", { scope: wide }, () => undefined), "", new Set());
  expect(many[0]?.rows).toHaveLength(101);
});

test("a token knows its source, its value, and whether it will be there", () => {
  const words = (text: string) => wordsOf(tokensOf(`{{ ${text} }}`)[0]!, mapping);
  expect(words("steps.call.body.id")).toMatchObject({ state: "known", number: 2, source: "Look up", label: "body.id", value: 7, problem: null });
  expect(words("trigger.body")).toMatchObject({ state: "known", number: 1, source: "Webhook", label: "body" });
  expect(words("steps.later.status")).toMatchObject({ state: "untested", number: 3, problem: null });
  expect(words("steps.call.body.none")).toMatchObject({ state: "missing", problem: expect.stringContaining("“body.none”") });
  expect(words('steps.call.body.none | default("x")')).toMatchObject({ state: "known", problem: null });
  expect(words("steps.mine.x")).toMatchObject({ state: "missing", problem: expect.stringContaining("“mine”") });
  expect(words("zip.name")).toMatchObject({ state: "known", number: null, value: "Z" });
});
