/** The longest silence of one stream since it was last asked to begin anew. Pure: times are given. */
export class GapMeter {
  private lastMs: number | null = null;
  private longestMs = 0;
  private longestAtMs: number | null = null;
  packets = 0;

  packet(atMs: number): void {
    this.packets += 1;
    this.close(atMs);
    this.lastMs = atMs;
  }

  /** Forgets the past; a silence that goes on now counts from its true beginning. */
  mark(): void {
    this.longestMs = 0;
    this.longestAtMs = null;
    this.packets = 0;
  }

  /** A silence that goes on counts with what it has lasted. Milliseconds; null when nothing ever came. */
  read(nowMs: number): { longestGapMs: number | null; gapBeganAtMs: number | null; silentForMs: number | null } {
    if (this.lastMs === null) return { longestGapMs: null, gapBeganAtMs: null, silentForMs: null };
    const silentForMs = nowMs - this.lastMs;
    if (silentForMs > this.longestMs) return { longestGapMs: silentForMs, gapBeganAtMs: this.lastMs, silentForMs };
    return { longestGapMs: this.longestMs, gapBeganAtMs: this.longestAtMs, silentForMs };
  }

  private close(atMs: number): void {
    if (this.lastMs === null || atMs - this.lastMs <= this.longestMs) return;
    this.longestMs = atMs - this.lastMs;
    this.longestAtMs = this.lastMs;
  }
}
