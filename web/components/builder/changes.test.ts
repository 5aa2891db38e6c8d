import { expect, test } from "vitest";
import { changes, differences } from "./changes";
import { insert, remove, update, type Step } from "./draft";

const step = (id: string, input: Step["input"] = {}): Step => ({ id, app: "http", action: "request", name: id, input });

test("publishing lists what is added, removed, changed and moved, and nothing else", () => {
  const from = [step("a"), step("b"), step("c"), step("d", { x: { p: 1, q: 2 } })];
  expect(changes(from, from)).toEqual([]);
  expect(changes(from, [...from.slice(0, 3), step("d", { x: { q: 2, p: 1 } })])).toEqual([]);
  const to = insert(update(remove({ name: "", steps: from }, "a"), "d", { name: "D" }), 0, { ...step("n"), id: "n" })[0].steps;
  expect(changes(from, to).map(({ kind, step: one, number }) => [kind, one.id, number])).toEqual([["added", "n", 2], ["changed", "d", 5], ["removed", "a", 2]]);
});

test("of many steps only those have moved that were pulled out", () => {
  const many = Array.from({ length: 200 }, (_, index) => step(`s${index}`));
  const [first, ...others] = many;
  expect(changes(many, [...others, first!]).map(({ kind, step: { id } }) => [kind, id])).toEqual([["moved", "s0"]]);
  expect(changes(many.slice(0, 2), [many[1]!, many[0]!]).map(({ kind }) => kind)).toEqual(["moved"]);
});

test("what a version writes out and a draft leaves out is no change", () => {
  const typed = step("a", { url: "https://example.com" });
  const stored = {
    ...typed,
    connection: null,
    skip: false,
    note: "",
    settings: { timeoutSeconds: undefined, retry: { attempts: 9 }, onError: "stop", onUnknown: "repeat" },
  } satisfies Step;

  expect(changes([stored], [typed])).toEqual([]);
  expect(changes([stored], [{ ...typed, settings: { retry: { attempts: 2 } } }]).map((one) => one.kind)).toEqual(["changed"]);
});

test("of a changed step each value that differs is told by its place", () => {
  const was = step("a", { url: "u", fields: { text: "one", kept: 1 }, list: [1] });
  const is = { ...step("a", { url: "u", fields: { text: 1, kept: 1, more: null }, list: [1, 2] }), settings: { retry: { attempts: 2 } } };
  expect(differences(was, is)).toEqual([
    { path: ["input", "fields", "text"], before: "one", after: 1 },
    { path: ["input", "fields", "more"], before: undefined, after: null },
    { path: ["input", "list"], before: [1], after: [1, 2] },
    { path: ["settings", "retry", "attempts"], before: undefined, after: 2 },
  ]);
  expect(differences(is, { ...is, connection: null, skip: false })).toEqual([]);
});
