import { expect, test } from "vitest";
import { jsonIn } from "./json-text";

test("an expression that is a value of its own needs no quotes", () => {
  expect(jsonIn('{"id": {{ trigger.body.id }}, "tags": [{{ steps.a.tag | upper }}, 1]}')).toEqual({
    id: "{{ trigger.body.id }}",
    tags: ["{{ steps.a.tag | upper }}", 1],
  });
});

test("within a text an expression may hold quotes of its own", () => {
  expect(jsonIn('{"to": "Dear {{ trigger.body.name | default("friend") }}, \\"hello\\"", "n": {{ zip.name | default("x") }}}')).toEqual({
    to: 'Dear {{ trigger.body.name | default("friend") }}, "hello"',
    n: '{{ zip.name | default("x") }}',
  });
  expect(jsonIn('"{{ zip.name | default(\\"x\\") }}"')).toBe('{{ zip.name | default("x") }}');
});

test("one expression is itself, an empty text nothing, and what is no JSON a text", () => {
  expect(jsonIn(" {{ trigger.body }} ")).toBe("{{ trigger.body }}");
  expect(jsonIn("  ")).toBeUndefined();
  expect(jsonIn('{"a": 1')).toBe('{"a": 1');
  expect(jsonIn('{"id": {{ trigger.body.id } }')).toBe('{"id": {{ trigger.body.id } }');
  expect(jsonIn("null")).toBeNull();
});
