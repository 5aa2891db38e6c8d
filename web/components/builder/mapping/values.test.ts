import { expect, test } from "vitest";
import type { Json } from "../draft";
import { resultOf, shortValue, valueAt, type Scope } from "./values";

const scope: Scope = { trigger: { body: { name: "Ada", items: [{ sku: "a b", n: 2 }], "x y": null } }, steps: { call: { status: 200 } }, zip: {} };

test("a path leads to its own value and to nothing that JSON does not hold", () => {
  expect(valueAt(scope, ["trigger", "body", "items", 0, "sku"])).toBe("a b");
  expect(valueAt(scope, ["trigger", "body", "x y"])).toBeNull();
  for (const path of [["trigger", "body", "none"], ["trigger", "body", "name", "length"], ["trigger", "body", "items", "0"], ["trigger", "body", "items", "length"], ["steps", "constructor"]]) {
    expect(valueAt(scope, path)).toBeUndefined();
  }
});

test("a field's result says what is written, what is a value, and what is not known", () => {
  const valueOf = ({ path }: { path: (string | number)[] }) => valueAt(scope, path);
  expect(resultOf("Hi {{ trigger.body.name }}, {{ steps.later.x }}.", valueOf)).toEqual([
    { kind: "text", text: "Hi " },
    { kind: "value", text: "Ada" },
    { kind: "text", text: ", " },
    { kind: "unknown", text: "steps.later.x" },
    { kind: "text", text: "." },
  ]);
  expect(resultOf("{{ trigger.body.name | upper }}", valueOf)).toEqual([{ kind: "value", text: "Ada (upper)" }]);
  expect(resultOf("{{ trigger.body.items }}", valueOf)).toEqual([{ kind: "value", text: '[{"sku":"a b","n":2}]' }]);
  expect(resultOf("plain {{ not + this }}", valueOf)).toBeNull();
});

test("values in a few words", () => {
  const values: Json[] = [null, "", "Ada", 0, true, [], [1], {}, { a: 1, b: 2 }];
  expect(values.map(shortValue)).toEqual(["null", "empty", "Ada", "0", "true", "list of 0", "list of 1", "0 fields", "2 fields"]);
});
