import { expect, test } from "vitest";
import { localMoment, momentWithZone } from "./moment";

test("what the calendar gives is stored with the zone of who picked it, and shown there again", () => {
  for (const local of ["2026-12-24T18:00", "2026-07-01T00:30"]) {
    const stored = momentWithZone(local);
    expect(stored).toMatch(/^2026-\d\d-\d\dT\d\d:\d\d:00[+-]\d\d:\d\d$/);
    expect(new Date(stored ?? "").getTime()).toBe(new Date(local).getTime());
    expect(localMoment(stored ?? "")).toBe(local);
  }
});

test("what is no moment is none", () => {
  expect(["", "soon", "2026-12-24", "2026-99-99T00:00"].map(momentWithZone)).toEqual([null, null, null, null]);
  expect(["", "{{ steps.a.until }}", "2026-12-24T18:00", "2026-99-99T00:00:00Z"].map(localMoment)).toEqual(["", "", "", ""]);
});
