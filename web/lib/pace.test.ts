import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Pace } from "./pace";

describe("a pace", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("does the first at once, and what was asked for meanwhile once, after its rest", async () => {
    const done: number[] = [];
    const pace = new Pace(async () => void done.push(performance.now()), 1_000);
    const begun = performance.now();
    pace.ask();
    pace.ask();
    pace.ask();
    await vi.advanceTimersByTimeAsync(999);
    expect(done).toEqual([begun]);
    await vi.advanceTimersByTimeAsync(1);
    expect(done).toEqual([begun, begun + 1_000]);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(done).toHaveLength(2);
  });

  it("rests ten times as long as the work takes", async () => {
    let times = 0;
    const pace = new Pace(async () => {
      times += 1;
      await new Promise((done) => setTimeout(done, 300));
    }, 1_000);
    pace.ask();
    pace.ask();
    await vi.advanceTimersByTimeAsync(3_299);
    expect(times).toBe(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(times).toBe(2);
  });

  it("does nothing once it is stopped", async () => {
    let times = 0;
    const pace = new Pace(async () => void (times += 1), 1_000);
    pace.ask();
    pace.ask();
    pace.stop();
    pace.ask();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(times).toBe(1);
  });
});
