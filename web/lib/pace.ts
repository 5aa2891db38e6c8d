/**
 * Does something at most every so often, however often it is asked for; what was asked for last is always done.
 *
 * The pause after it grows with the time it takes: who waits long for an answer asks less, so that many readers of
 * something slow do not make it slower.
 */
export class Pace {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private busy = false;
  private asked = false;
  private stopped = false;

  constructor(
    private readonly work: () => Promise<void>,
    /** Milliseconds between two times, at least. */
    private readonly rest: number,
    /** Times as long as the work took, at least. */
    private readonly share = 10,
  ) {}

  ask(): void {
    if (this.stopped) return;
    this.asked = true;
    if (!this.busy && this.timer === undefined) void this.go();
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  private async go(): Promise<void> {
    this.asked = false;
    this.busy = true;
    const begun = performance.now();
    // Work that fails is done as often as work that succeeds; it is not the last that was asked for.
    await this.work().catch(() => undefined);
    this.busy = false;
    if (this.stopped) return;
    this.timer = setTimeout(() => {
      this.timer = undefined;
      if (this.asked) void this.go();
    }, Math.max(this.rest, (performance.now() - begun) * this.share));
  }
}
