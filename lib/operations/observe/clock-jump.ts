/**
 * Notices that this process stood still (a frozen function, a starved machine) or that its wall clock was set. What
 * was measured across such a jump is about us and not about the nodes; `local-health.ts` says what follows. Pure.
 */

export interface ClockReading {
  wallMs: number;
  monotonicMs: number;
}

export interface JumpLimits {
  /** How much later than planned something may happen before it counts as a jump. */
  lateMs: number;
  /** How far wall and monotonic clock may drift apart between two readings. AWS slews its clocks, it does not step. */
  driftMs: number;
}

/**
 * A stall shorter than two looks cannot cost more than one look its answer, and one miss decides nothing; being muted
 * for a window because the machine was busy for a second would cost a quorum its voter.
 */
export function jumpLimits(policy: { probeIntervalMs: number }): JumpLimits {
  return { lateMs: Math.max(2_000, 2 * policy.probeIntervalMs), driftMs: 1_000 };
}

/**
 * What jumped between two readings, in words; null when nothing did.
 * @param plannedMs the monotonic time at which `now` should have been read at the latest
 */
export function checkClock(
  last: ClockReading,
  now: ClockReading,
  plannedMs: number,
  limits: JumpLimits,
): string | null {
  const lateByMs = now.monotonicMs - plannedMs;
  if (lateByMs > limits.lateMs) return `this process stood still for ${Math.round(lateByMs)} ms`;
  const driftMs = now.wallMs - last.wallMs - (now.monotonicMs - last.monotonicMs);
  if (Math.abs(driftMs) > limits.driftMs) return `the wall clock moved by ${Math.round(driftMs)} ms`;
  return null;
}
