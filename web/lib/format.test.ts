import { describe, expect, test } from "vitest";
import { ago, bytes, count, duration, shortId } from "./format";

describe("duration", () => {
  test.each([
    [0, "0 ms"],
    [-3, "0 ms"],
    [3.4, "3 ms"],
    [1_849, "1.8 s"],
    [59_999, "59.9 s"],
    [60_000, "1 min"],
    [273_000, "4 min 33 s"],
    [7_500_000, "2 h 5 min"],
    [90_000_000, "1 d 1 h"],
  ])("%d ms is %s", (ms, words) => expect(duration(ms)).toBe(words));
});

describe("ago", () => {
  const now = new Date(2026, 10, 22, 18, 0, 0);
  const before = (ms: number) => new Date(now.getTime() - ms).toISOString();
  test("moments ago, and a clock that runs behind", () => {
    expect(ago(before(1_000), now)).toBe("just now");
    expect(ago(before(-90_000), now)).toBe("just now");
    expect(ago(before(12_000), now)).toBe("12 s ago");
    expect(ago(before(18 * 60_000), now)).toBe("18 min ago");
  });
  test("the same day shows the time, another day its date", () => {
    expect(ago(before(2 * 3_600_000), now)).toMatch(/^Today /);
    expect(ago(before(48 * 3_600_000), now)).not.toMatch(/^Today /);
  });
});

test("sizes, counts and ids", () => {
  expect(bytes(999)).toBe("999 B");
  expect(bytes(4_200)).toBe("4.2 KB");
  expect(bytes(1_048_576)).toBe("1.0 MB");
  expect(count(1, "run")).toBe("1 run");
  expect(count(2, "try", "tries")).toBe("2 tries");
  expect(shortId("run_0199a3c4-0000-7000-8000-000000abcdef")).toBe("run_…abcdef");
});
