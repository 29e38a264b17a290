/**
 * Who may run the observer of a zone. A challenger comes every minute; this rule decides whether it leaves, takes the
 * lease, or looks again in a moment. Pure; its promises are shown by the hand-over simulation in the tests.
 */
import type { ObserverLease } from '../../domain/model';

export interface LeasePolicy {
  /** The incumbent renews this often, and so learns within this time that the lease is another's. */
  renewEveryMs: number;
  /** A lease renewed within this time is certainly held by someone alive. */
  aliveForMs: number;
  /** A lease that was not renewed for this long has run out. */
  leaseMs: number;
  /** How often the schedule sends a challenger. */
  scheduleMs: number;
  /** The incumbent is relieved when it has less than this to live: four challengers, so three may be lost. */
  relieveBeforeMs: number;
  /** Nobody is relieved for age in its first moments: with a short lifetime each tick would relieve the one before. */
  minimumAgeMs: number;
}

export const DEFAULT_LEASE_POLICY: LeasePolicy = {
  renewEveryMs: 2_000,
  aliveForMs: 3_000,
  leaseMs: 8_000,
  scheduleMs: 60_000,
  relieveBeforeMs: 270_000,
  minimumAgeMs: 30_000,
};

/** Clocks of Lambda agree within milliseconds. Who renewed this far in the future would have the zone for all that time. */
const WRONG_CLOCK_MS = 60_000;

/** Who asks. */
export interface Challenger {
  owner: string;
  /** Version of the deployment that our code came with. */
  version: string;
  /** How long an observer of our kind lives; the incumbent's life is reckoned by it. */
  lifetimeMs: number;
}

export type TakeReason = 'vacant' | 'wrong-clock' | 'ours' | 'outdated-incumbent' | 'end-of-life';

export type LeaseRuling =
  | { ruling: 'take'; reason: TakeReason }
  | { ruling: 'leave'; reason: string }
  /** The incumbent misses its renewals but its lease still runs: ask again after a moment. */
  | { ruling: 'wait'; reason: string };

/** `topologyVersion` is what the last deployment registered: who has it is current, whatever else is out of date. */
export function mayTakeLease(
  current: ObserverLease | null,
  mine: Challenger,
  topologyVersion: string,
  nowMs: number,
  policy: LeasePolicy,
): LeaseRuling {
  if (current === null || current.untilMs <= nowMs) return { ruling: 'take', reason: 'vacant' };
  if (current.renewedAtMs > nowMs + WRONG_CLOCK_MS) return { ruling: 'take', reason: 'wrong-clock' };
  if (current.owner === mine.owner) return { ruling: 'take', reason: 'ours' };

  const weAreCurrent = mine.version === topologyVersion;
  const incumbentIsCurrent = current.codeVersion === topologyVersion;
  if (weAreCurrent && !incumbentIsCurrent) return { ruling: 'take', reason: 'outdated-incumbent' };

  const ageMs = nowMs - current.startedAtMs;
  const leftMs = mine.lifetimeMs - ageMs;
  // An older challenger relieves a newer incumbent only when nobody else will come in time: better old eyes than none.
  const relieveBeforeMs = incumbentIsCurrent && !weAreCurrent ? policy.scheduleMs : policy.relieveBeforeMs;
  if (ageMs >= policy.minimumAgeMs && leftMs < relieveBeforeMs) return { ruling: 'take', reason: 'end-of-life' };

  if (nowMs - current.renewedAtMs > policy.aliveForMs) {
    return {
      ruling: 'wait',
      reason: `${current.owner} has not renewed its lease for ${nowMs - current.renewedAtMs} ms`,
    };
  }
  return { ruling: 'leave', reason: `${current.owner} is watching and has ${leftMs} ms to live` };
}
