import { expect, test } from "vitest";
import { pathsOf, preview, valueAt, type Scope } from "./samples";

const scope: Scope = { trigger: { body: { name: "Ada", items: [{ sku: "a b", n: 2 }], "x y": null } }, steps: { call: { status: 200 } } };

test("paths read as expressions write them", () => {
  expect(pathsOf("trigger", scope.trigger).map(({ path }) => path)).toEqual([
    "trigger",
    "trigger.body",
    "trigger.body.name",
    "trigger.body.items",
    "trigger.body.items[0]",
    "trigger.body.items[0].sku",
    "trigger.body.items[0].n",
    'trigger.body["x y"]',
  ]);
});

test("every listed path leads to its value", () => {
  for (const { path, value } of pathsOf("trigger", scope.trigger)) expect(valueAt(scope, path)).toEqual(value);
  expect(valueAt(scope, "trigger.body.none")).toBeUndefined();
  expect(valueAt(scope, "trigger.body.name.length")).toBeUndefined();
  expect(valueAt(scope, "steps.constructor")).toBeUndefined();
});

test("a field shows what it would hold", () => {
  expect(preview("Hi {{ trigger.body.name }}, {{ steps.call.status }}", scope)).toBe("Hi Ada, 200");
  expect(preview("{{ trigger.body.name | upper }}", scope)).toBe("Ada | upper");
  expect(preview("{{ trigger.body.none }}", scope)).toBeNull();
  expect(preview("plain", scope)).toBeNull();
});
