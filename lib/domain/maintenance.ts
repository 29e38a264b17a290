/** Maintenance windows. Pure. */

/** Whether a human keeps automatic actions off the cluster, VIP or node now; a window ends by itself. */
export function isPaused(item: { paused: boolean; pausedUntilMs: number | null }, nowMs: number): boolean {
  return item.paused && (item.pausedUntilMs === null || nowMs < item.pausedUntilMs);
}
