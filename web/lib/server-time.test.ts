import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { learnTime, serverNow } from "./server-time";

describe("the server's time", () => {
  beforeEach(() => void vi.useFakeTimers({ now: Date.UTC(2026, 10, 22, 12) }));
  afterEach(() => void vi.useRealTimers());

  it("is the browser's own while that is about right", () => {
    learnTime("Sun, 22 Nov 2026 12:00:20 GMT");
    expect(serverNow().toISOString()).toBe("2026-11-22T12:00:00.000Z");
  });

  it("is what the server says where the browser's clock is off, and goes on from there", () => {
    learnTime("Sat, 21 Nov 2026 11:59:59 GMT");
    expect(serverNow().toISOString()).toBe("2026-11-21T11:59:59.000Z");
    vi.advanceTimersByTime(1_000);
    expect(serverNow().toISOString()).toBe("2026-11-21T12:00:00.000Z");
  });

  it("stays as it was for an answer that tells no time", () => {
    learnTime("Sat, 21 Nov 2026 12:00:00 GMT");
    learnTime(null);
    learnTime("soon");
    expect(serverNow().toISOString()).toBe("2026-11-21T12:00:00.000Z");
    learnTime("Sun, 22 Nov 2026 12:00:00 GMT");
    expect(serverNow().toISOString()).toBe("2026-11-22T12:00:00.000Z");
  });
});
