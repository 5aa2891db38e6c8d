import { expect, test } from "vitest";
import { begin, change, insert, move, moveTo, redo, setInput, stepFromText, undo, type Draft, type Step } from "./draft";

const step = (id: string, input: Step["input"] = {}): Step => ({ id, app: "http", action: "request", name: id, input });
const draft: Draft = { name: "Z", steps: [step("a"), step("b")] };

test("a new step gets an id that says what it is and that nobody has", () => {
  const [once, first] = insert(draft, 1, { app: "http", action: "request", name: "Call", input: {} });
  const [twice, second] = insert(once, 0, { app: "http", action: "request", name: "Call", input: {} });
  expect([first, second]).toEqual(["request", "request_2"]);
  expect(twice.steps.map(({ id }) => id)).toEqual(["request_2", "a", "request", "b"]);
});

test("undo takes back what was typed into one field at once, redo brings it again", () => {
  let history = begin(draft);
  for (const url of ["h", "ht", "htt"]) history = change(history, setInput(history.present, "a", "url", url), "a.url");
  history = change(history, setInput(history.present, "a", "method", "GET"), "a.method");
  history = undo(history);
  expect(history.present.steps[0]?.input).toEqual({ url: "htt" });
  history = undo(history);
  expect(history.present).toBe(draft);
  expect(undo(history)).toBe(history);
  history = redo(redo(redo(history)));
  expect(history.present.steps[0]?.input).toEqual({ url: "htt", method: "GET" });
});

test("steps move within their list and stop at its ends", () => {
  expect(move(draft, "a", 1).steps.map(({ id }) => id)).toEqual(["b", "a"]);
  expect(move(draft, "a", -1)).toBe(draft);
  expect(move(draft, "b", 1)).toBe(draft);
  const three: Draft = { name: "", steps: [step("a"), step("b"), step("c")] };
  const order = (moved: Draft) => moved.steps.map(({ id }) => id).join("");
  expect([0, 1, 2, 3].map((index) => order(moveTo(three, "a", index)))).toEqual(["abc", "abc", "bac", "bca"]);
  expect([0, 1, 2, 3].map((index) => order(moveTo(three, "c", index)))).toEqual(["cab", "acb", "abc", "abc"]);
  expect(moveTo(three, "nobody", 0)).toBe(three);
});

test("text from elsewhere is a step or nothing", () => {
  expect(stepFromText(JSON.stringify({ id: "x", app: "http", action: "request", input: { url: "u" } }))).toMatchObject({ name: "request", input: { url: "u" } });
  for (const text of ["", "[]", "null", "{}", '{"app":"http"}', '{"app":"http","action":"request","input":null}']) expect(stepFromText(text)).toBeNull();
});
