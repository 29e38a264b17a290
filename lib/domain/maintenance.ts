/** Maintenance windows. Pure. */

/** Whether a human keeps automatic actions off the cluster, VIP or node now; a window ends by itself. */
export function isPaused(item: { paused: boolean; pausedUntilMs: number | null }, nowMs: number): boolean {
  return item.paused && (item.pausedUntilMs === null || nowMs < item.pausedUntilMs);
}

/** When a pause ends, in words. */
export function untilItGoesOn({ pausedUntilMs }: { pausedUntilMs: number | null }): string {
  return pausedUntilMs === null ? 'until it is resumed' : `until ${new Date(pausedUntilMs).toISOString()}`;
}
