import { expect, test } from "vitest";
import { fit, keepMiddle, larger, smaller } from "./zoom";

test("it goes by levels, from wherever it is, and ends at the last", () => {
  expect([0.25, 0.31, 1, 1.5, 2].map(larger)).toEqual([0.5, 0.5, 1.25, 2, 2]);
  expect([0.25, 0.31, 1, 1.5, 2].map(smaller)).toEqual([0.25, 0.25, 0.75, 1.25, 1.5]);
});

test("a drawing is shown whole, never enlarged, and two hundred steps as small as can be made out", () => {
  expect(fit({ width: 312, height: 500 }, { width: 900, height: 800 })).toBe(1);
  expect(fit({ width: 312, height: 1504 }, { width: 900, height: 800 })).toBe(0.5);
  expect(fit({ width: 1704, height: 500 }, { width: 900, height: 800 })).toBe(0.5);
  expect(fit({ width: 312, height: 19_400 }, { width: 900, height: 800 })).toBe(0.25);
});

test("what was in the middle stays there", () => {
  expect(keepMiddle(1_000, 800, 1, 0.5)).toBe(300);
  expect(keepMiddle(300, 800, 0.5, 1)).toBe(1_000);
  expect(keepMiddle(0, 800, 1, 0.5)).toBe(0);
});
