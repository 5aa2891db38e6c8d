import { expect, test } from "vitest";
import { pathText, tokensOf } from "./tokens";

const read = (text: string) => tokensOf(text).map(({ from, to, path, filters }) => [text.slice(from, to), path, filters]);

test("every expression is found with its path and filters", () => {
  expect(read('Hi {{ trigger.body.name }}, {{steps.call.body["a b"][0]|upper | round( 2 )}}!')).toEqual([
    ["{{ trigger.body.name }}", ["trigger", "body", "name"], []],
    ['{{steps.call.body["a b"][0]|upper | round( 2 )}}', ["steps", "call", "body", "a b", 0], ["upper", "round( 2 )"]],
  ]);
  expect(read("{{ trigger.headers.content-type | default('}} \\' |', -1.5e3, null) }}")).toEqual([
    ["{{ trigger.headers.content-type | default('}} \\' |', -1.5e3, null) }}", ["trigger", "headers", "content-type"], ["default('}} \\' |', -1.5e3, null)"]],
  ]);
  expect(read("{{ trigger.body.größe }}")).toEqual([["{{ trigger.body.größe }}", ["trigger", "body", "größe"], []]]);
});

test("an odd number of backslashes makes braces plain", () => {
  expect(read("\\{{ a }}")).toEqual([]);
  expect(read("\\\\{{ a }}")).toEqual([["{{ a }}", ["a"], []]]);
});

test("what can't be read is text, and what comes after it is still found", () => {
  for (const text of ["{{", "{{ }}", "{{ a. }}", "{{ a[ }}", "{{ a['x }}", "{{ a + 1 }}", "{{ a | }}", "{{ a | f( }}", "{{ a | f(b) }}", "{{ a }", "{{ 1 }}"]) expect(read(text)).toEqual([]);
  expect(read("{{ a + {{ b }}")).toEqual([["{{ b }}", ["b"], []]]);
});

test("a path is written so that it is read again", () => {
  for (const path of [["a"], ["a", "b-c", 0], ["a", 'say "x"', "", "größe", "1"]]) expect(tokensOf(`{{ ${pathText(path)} }}`)[0]?.path).toEqual(path);
});

test("a long text without an end is read in no time", () => {
  expect(tokensOf("{{ a | ".repeat(20_000))).toEqual([]);
  expect(tokensOf(`${"\\".repeat(100_000)}{{ a }}`)).toHaveLength(1);
});
