import { expect, test } from "vitest";
import { ActKey } from "./keys";

test("the same act keeps its name until an answer came; another act has another one", () => {
  const act = new ActKey();
  const first = act.of({ name: "Orders" });
  expect(first).toMatch(/^[0-9a-f]{32}$/);
  expect(act.of({ name: "Orders" })).toBe(first);

  const renamed = act.of({ name: "Refunds" });
  expect(renamed).not.toBe(first);
  act.answered();
  expect(act.of({ name: "Refunds" })).not.toBe(renamed);
});
