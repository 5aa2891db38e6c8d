import { expect, test } from "vitest";
import { isOwn, textsOf, valuesOf } from "./plain";
import { fieldsOf } from "./schema";

const FIELDS = fieldsOf({
  properties: {
    methods: { type: "array", items: { enum: ["POST", "PUT"] }, default: ["POST", "PUT"] },
    rate: { type: ["number", "null"], default: null },
    port: { type: "integer", default: 587 },
    header: { type: "string", default: "X-Signature" },
  },
});

test("what is stored is the same again when nothing was typed", () => {
  const stored = { methods: ["POST"], port: 25, header: "X-Shop" };

  expect(valuesOf(FIELDS, textsOf(FIELDS, { ...stored, rate: null }))).toEqual(stored);
});

test("numbers are numbers, what is none goes as it is typed, and an empty text is left out; a list without any is empty", () => {
  expect(valuesOf(FIELDS, { methods: "", rate: "0.5", port: "Infinity", header: "" })).toEqual({ methods: [], rate: 0.5, port: "Infinity" });
});

test("a field has something of its own when it differs from what is usual", () => {
  const own = (texts: Record<string, string>) => FIELDS.filter((field) => isOwn(field, texts)).map((field) => field.name);

  expect(own(textsOf(FIELDS, { methods: ["POST", "PUT"], port: 587, header: "X-Signature" }))).toEqual([]);
  expect(own({ methods: "POST", rate: "2", port: "587", header: "" })).toEqual(["methods", "rate"]);
});
