import { createRequest } from "@urql/core";
import { expect, test } from "vitest";
import { asIs, written } from "./as-is";

const QUERY = "mutation Save($input: JSON) { save(input: $input) { id } }";

test.each([[{ toJSON: "x" }], [[{ toJSON: 1, deep: { toJSON: { toJSON: null } } }]], ["text"], [0], [false], [{ b: 1, a: '"' }], [JSON.parse('{"__proto__":{"a":1},"constructor":2}')]])(
  "what people wrote is sent as it is: %j",
  (value) => {
    const { variables } = createRequest(QUERY, { input: asIs(value), zipId: "zip_1" });
    expect(written({ query: QUERY, variables })).toBe(JSON.stringify({ query: QUERY, variables: { input: value, zipId: "zip_1" } }));
  },
);

test("nothing stays nothing", () => {
  expect(written({ variables: { a: asIs(null), b: asIs(undefined) } })).toBe('{"variables":{"a":null}}');
});

test("another text is another request", () => {
  const key = (value: unknown) => createRequest(QUERY, { input: asIs(value) }).key;
  expect(key({ toJSON: "x" })).toBe(key({ toJSON: "x" }));
  expect(key({ toJSON: "x" })).not.toBe(key({ toJSON: "y" }));
});
