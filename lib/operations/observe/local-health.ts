/**
 * Whether this observer may vote, by its own health alone: Lifeguard's local health (arXiv:1707.00788) in its simplest
 * form. A watcher that is slow, new or cut off sees the same silence as one that watches a dead node, so it says of
 * itself that it does not know, for a stated while. Pure; all times are monotonic milliseconds.
 */
import type { Look } from './observation';

/**
 * A cold process pays for TLS, compilation and connecting inside the deadlines of its first look, and a late answer to
 * the first can still sit in front of the second. Zones hand over one after the other, so a quorum goes on watching.
 */
const COLD_LOOKS = 2;

export interface HealthLimits {
  /** No vote for so long after the process stood still or its wall clock was set. */
  muteForMs: number;
  /** No vote until it has seen something for so long after it was blind. */
  sightForMs: number;
}

/** One window of evidence for the first; two looks and their deadlines for the second. */
export function healthLimits(policy: {
  probeIntervalMs: number;
  probeTimeoutMs: number;
  freshForMs: number;
}): HealthLimits {
  return { muteForMs: policy.freshForMs, sightForMs: 2 * (policy.probeIntervalMs + policy.probeTimeoutMs) };
}

export interface LocalHealth {
  /** Looks that ended in time, counted up to `COLD_LOOKS`. */
  looksInTime: number;
  /** The last jump of the clock, while it counts. */
  jump: { why: string; muteUntilMs: number } | null;
  /** The last look saw nothing, or something has been seen since then; null: it was never blind. */
  sight: { blind: true } | { blind: false; sinceMs: number } | null;
}

export const NEWBORN: LocalHealth = { looksInTime: 0, jump: null, sight: null };

/** What a look said about the observer that made it. */
export interface OwnLook {
  startedMs: number;
  endedMs: number;
  /** When it should have ended at the latest. */
  dueMs: number;
  blind: boolean;
  /** What the clock did since the look before, in words; null: nothing. */
  jump: string | null;
}

/** While it is cold, looking again without waiting is the way to a vote. */
export const isCold = ({ looksInTime }: LocalHealth): boolean => looksInTime < COLD_LOOKS;

/**
 * Folds one look onto what was known. `mutedWhy`: in words, why what was seen by that very look is no vote; null when
 * it is one.
 */
export function afterLook(
  before: LocalHealth,
  look: OwnLook,
  limits: HealthLimits,
): { health: LocalHealth; mutedWhy: string | null } {
  const inTime = look.endedMs <= look.dueMs;
  const health: LocalHealth = {
    looksInTime: Math.min(COLD_LOOKS, before.looksInTime + (inTime ? 1 : 0)),
    jump: jumpAfter(before, look, limits),
    sight: sightAfter(before, look),
  };
  return {
    health,
    mutedWhy: whyBlind(health) ?? health.jump?.why ?? whyCold(before) ?? whyBlindAMomentAgo(health, look, limits),
  };
}

/**
 * The same for one node's look: a process that is starved for less than a jump hears nothing for as long. Who got no
 * answer in such a look does not know; where all signals answered, it does.
 */
export function whyLate(look: Look): string | null {
  const isSilent = [look.esl, ...Object.values(look.sip)].some(({ verdict }) => verdict === 'silent');
  return look.late === true && isSilent ? 'late: this process did not get to read its answers in time' : null;
}

function jumpAfter({ jump }: LocalHealth, look: OwnLook, limits: HealthLimits): LocalHealth['jump'] {
  if (look.jump !== null) return { why: look.jump, muteUntilMs: look.endedMs + limits.muteForMs };
  return jump !== null && look.endedMs < jump.muteUntilMs ? jump : null;
}

function sightAfter({ sight }: LocalHealth, look: OwnLook): LocalHealth['sight'] {
  if (look.blind) return { blind: true };
  return sight?.blind === true ? { blind: false, sinceMs: look.startedMs } : sight;
}

function whyBlind({ sight }: LocalHealth): string | null {
  return sight?.blind === true ? 'blind: neither a node nor a control target in another zone answers' : null;
}

function whyCold(health: LocalHealth): string | null {
  return isCold(health) ? `cold start: look ${health.looksInTime + 1} of ${COLD_LOOKS}` : null;
}

/** The first looks after an isolation are no better than the last ones in it. */
function whyBlindAMomentAgo({ sight }: LocalHealth, look: OwnLook, limits: HealthLimits): string | null {
  if (sight === null || sight.blind) return null;
  const seesForMs = look.startedMs - sight.sinceMs;
  if (seesForMs >= limits.sightForMs) return null;
  return `blind a moment ago: sees again for ${Math.round(seesForMs)} of ${limits.sightForMs} ms`;
}
