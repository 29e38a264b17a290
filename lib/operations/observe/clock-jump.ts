/**
 * Notices that this process stood still (a frozen function, a starved machine) or that its wall clock was set. What
 * was measured across such a jump is about us, so the observer holds its tongue for one window. Pure.
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
  /** For how long the observer is muted after a jump. */
  muteForMs: number;
}

/**
 * A stall shorter than two looks cannot cost more than one look its answer, and one miss decides nothing; being muted
 * for a window because the machine was busy for a second would cost a quorum its voter.
 */
export function jumpLimits(policy: { probeIntervalMs: number; freshForMs: number }): JumpLimits {
  return { lateMs: Math.max(2_000, 2 * policy.probeIntervalMs), driftMs: 1_000, muteForMs: policy.freshForMs };
}

export interface JumpState {
  last: ClockReading;
  /** Monotonic time until which the observer is muted; null when it may speak. */
  mutedUntilMs: number | null;
}

export type JumpCheck = { jumped: boolean; muted: boolean; state: JumpState; reason: string | null };

export const noJumpYet = (now: ClockReading): JumpState => ({ last: now, mutedUntilMs: null });

/** `plannedMs`: the monotonic time at which this reading should have been taken at the latest. */
export function checkClock(state: JumpState, now: ClockReading, plannedMs: number, limits: JumpLimits): JumpCheck {
  const lateByMs = now.monotonicMs - plannedMs;
  const driftMs = now.wallMs - state.last.wallMs - (now.monotonicMs - state.last.monotonicMs);
  const reason =
    lateByMs > limits.lateMs
      ? `this process stood still for ${Math.round(lateByMs)} ms`
      : Math.abs(driftMs) > limits.driftMs
        ? `the wall clock moved by ${Math.round(driftMs)} ms`
        : null;
  const until = reason === null ? state.mutedUntilMs : now.monotonicMs + limits.muteForMs;
  const muted = until !== null && now.monotonicMs < until;
  return { jumped: reason !== null, muted, reason, state: { last: now, mutedUntilMs: muted ? until : null } };
}
