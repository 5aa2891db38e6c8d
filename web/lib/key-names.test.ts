import { expect, test } from "vitest";
import { plainNames } from "./key-names";

test("a keyboard without ⌘ is not told to press it", () => {
  expect(plainNames("⌘ ⇧ Z")).toBe("Ctrl Shift Z");
  expect(plainNames("Alt ↑ ↓")).toBe("Alt ↑ ↓");
});
