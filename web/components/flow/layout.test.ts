import { expect, test } from "vitest";
import { CARD, GAP, layoutFlow } from "./layout";

test("a sequence stands on one centre line", () => {
  const layout = layoutFlow("trigger", [{ id: "a" }, { id: "b" }]);
  const pitch = CARD.height + GAP;
  expect(layout.cards).toEqual([
    { id: "trigger", x: 0.5, y: 0 },
    { id: "a", x: 0.5, y: pitch },
    { id: "b", x: 0.5, y: 2 * pitch },
  ]);
  expect(layout.tracks.map(({ from, to }) => [from, to])).toEqual([
    ["trigger", "a"],
    ["a", "b"],
    ["b", null],
  ]);
  expect(layout.pluses.map(({ list, index, after }) => ({ list, index, after }))).toEqual([
    { list: [], index: 0, after: "trigger" },
    { list: [], index: 1, after: "a" },
    { list: [], index: 2, after: "b" },
  ]);
});

test("an empty flow offers one place below its trigger", () => {
  const layout = layoutFlow("trigger", []);
  expect(layout.pluses).toEqual([{ list: [], index: 0, after: "trigger", x: 0.5, y: CARD.height + GAP }]);
});

test("branches stand side by side without touching and merge below", () => {
  const layout = layoutFlow("trigger", [
    { id: "paths", branches: [{ label: "Large", steps: [{ id: "a" }, { id: "b" }] }, { label: "Else", steps: [] }] },
    { id: "after" },
  ]);
  const at = (id: string) => layout.cards.find((card) => card.id === id);
  expect(at("a")?.x).toBe(at("b")?.x);
  const [large, other] = layout.labels;
  expect(large && other && other.x - large.x).toBeGreaterThanOrEqual(CARD.width);
  expect(at("after")?.x).toBe(0.5);
  expect(at("after")!.y).toBeGreaterThan(at("b")!.y + CARD.height);
  expect(layout.pluses.filter((plus) => plus.list.length > 0).map((plus) => [plus.list, plus.index])).toEqual([
    [["paths", 0], 0],
    [["paths", 0], 1],
    [["paths", 0], 2],
    [["paths", 1], 0],
  ]);
});

test("two hundred steps are laid out", () => {
  const steps = Array.from({ length: 200 }, (_, index) => ({ id: `s${index}` }));
  expect(layoutFlow("trigger", steps).cards).toHaveLength(201);
});
