/** Numbers of the policy that only make sense together. */
import type { Policy } from '../../domain/model';
import { formatDuration } from '../duration';
import { effectivePolicy } from '../effective-policy';
import { refuse, warn, type ClusterRule, type Finding } from '../finding';
import type { WrittenPolicy } from '../schema';
import { MAX_LOOKS } from '../schema-policy';

/** Bounds of a duration, with the reason a user is given. */
const BOUNDS: readonly {
  key: keyof WrittenPolicy;
  value: (p: Policy) => number;
  min: number;
  max: number;
  why: string;
}[] = [
  {
    key: 'probeInterval',
    value: (p) => p.probeIntervalMs,
    min: 200,
    max: 10_000,
    why: 'faster costs more than it finds, slower is no watch',
  },
  {
    key: 'probeTimeout',
    value: (p) => p.probeTimeoutMs,
    min: 50,
    max: 5_000,
    why: 'a busy switch needs some milliseconds, and a dead one must not be waited for',
  },
  {
    key: 'heartbeat',
    value: (p) => p.heartbeatMs,
    min: 1_000,
    max: 60_000,
    why: 'each is a paid write, and none for a minute is no sign of life',
  },
  {
    key: 'freshFor',
    value: (p) => p.freshForMs,
    min: 2_000,
    max: 120_000,
    why: 'evidence older than two minutes must not decide',
  },
  {
    key: 'dissentHold',
    value: (p) => p.dissentHoldMs,
    min: 1_000,
    max: 60_000,
    why: 'a burst of loss lasts for seconds, and an outage that two zones see must not wait for a minute',
  },
  {
    key: 'holdDown',
    value: (p) => p.holdDownMs,
    min: 0,
    max: 3_600_000,
    why: 'a node that was well for an hour has shown what it can',
  },
  {
    key: 'failbackAfter',
    value: (p) => p.failbackAfterMs,
    min: 60_000,
    max: 86_400_000,
    why: 'each move costs callers something, so a node must have shown more than a minute',
  },
  {
    key: 'failoverWindow',
    value: (p) => p.failoverWindowMs,
    min: 60_000,
    max: 86_400_000,
    why: 'below a minute it limits nothing, and beyond a day nobody remembers what was counted',
  },
  {
    key: 'blockPeriod',
    value: (p) => p.blockPeriodMs,
    min: 60_000,
    max: 86_400_000,
    why: 'below a minute a VIP could flap, and beyond a day nobody remembers the block',
  },
  {
    key: 'restartGrace',
    value: (p) => p.restartGraceMs,
    min: 2_000,
    max: 60_000,
    why: 'no FreeSWITCH is back sooner, and callers without audio for a minute have hung up',
  },
  {
    key: 'recoverFor',
    value: (p) => p.recoverForMs,
    min: 10_000,
    max: 600_000,
    why: 'a database that fails over is away for longer, and no call without audio waits ten minutes',
  },
  {
    key: 'maxClockBehind',
    value: (p) => p.maxClockBehindMs,
    min: 100,
    max: 10_000,
    why: 'clocks are read across the network, and a node seconds behind loses the calls it recovers',
  },
];

/**
 * From the crash to an ESL greeting that can be seen: 3.63 s for FreeSWITCH with a role of its own in PostgreSQL (FACTS
 * 8.4), and two seconds until its unit starts it again (`RestartSec`).
 */
const RESTART_TAKES_MS = 5_700;

/** CSeq of a recovered leg is half the seconds of the clock: from here on it may go backwards (FACTS 7.5). */
const CLOCK_COSTS_CALLS_MS = 2_000;

export const policyIsSane: ClusterRule = function* (cluster, at) {
  if (cluster.policy === undefined) return; // the defaults are sane: a test says so
  const policy = effectivePolicy(cluster.policy);
  const path = [...at, 'policy'];
  for (const { key, value, min, max, why } of BOUNDS) {
    const ms = value(policy);
    if (ms >= min && ms <= max) continue;
    yield refuse(
      [...path, key],
      `must be ${formatDuration(min)} to ${formatDuration(max)}; here is ${formatDuration(ms)} (${why})`,
    );
  }
  yield* relations(policy, [...path]);
  yield* silence(policy, [...path]);
  const { database = 'none' } = cluster;
  if (database !== 'none') yield* databaseIsHeardFirst(policy, [...path]);
  yield* planned(policy, [...path]);
  yield* afterAFailure(policy, [...path]);
};

function* relations(policy: Policy, path: (string | number)[]): Generator<Finding> {
  const { probeIntervalMs, probeTimeoutMs, heartbeatMs, freshForMs } = policy;
  if (probeTimeoutMs >= probeIntervalMs) {
    yield refuse(
      [...path, 'probeTimeout'],
      `must be below probeInterval (${formatDuration(probeIntervalMs)}), or one question runs into the next; here is ` +
        formatDuration(probeTimeoutMs),
    );
  }
  if (heartbeatMs < probeIntervalMs) {
    yield refuse(
      [...path, 'heartbeat'],
      `must be at least probeInterval (${formatDuration(probeIntervalMs)}): there is nothing new to write before`,
    );
  }
  const least = heartbeatMs + probeIntervalMs + probeTimeoutMs;
  if (freshForMs <= least) {
    yield refuse(
      [...path, 'freshFor'],
      `must be above heartbeat + probeInterval + probeTimeout (${formatDuration(least)}), or healthy observers lose ` +
        `their vote between two writes; here is ${formatDuration(freshForMs)}`,
    );
  } else if (freshForMs < 2 * heartbeatMs) {
    yield warn(
      [...path, 'freshFor'],
      `one lost heartbeat takes an observer's vote away: ${formatDuration(2 * heartbeatMs)} or more is safer`,
    );
  }
  if (policy.sipStuckAfterMisses < policy.suspectAfterMisses) {
    yield refuse(
      [...path, 'sipStuckAfterMisses'],
      `must be at least suspectAfterMisses (${policy.suspectAfterMisses}): SIP silence alone, with ESL well, is the ` +
        'weaker sign',
    );
  }
}

function* silence(policy: Policy, path: (string | number)[]): Generator<Finding> {
  const { suspectAfterMisses, sipStuckAfterMisses, missSlack, dissentHoldMs, probeIntervalMs } = policy;
  if (missSlack >= suspectAfterMisses) {
    yield refuse(
      [...path, 'missSlack'],
      `must be below suspectAfterMisses (${suspectAfterMisses}), or a node that answers half of the looks counts as ` +
        `dead; here is ${missSlack}`,
    );
  }
  const looks = Math.max(suspectAfterMisses, sipStuckAfterMisses) + missSlack;
  if (looks > MAX_LOOKS) {
    yield refuse(
      [...path, 'missSlack'],
      `with ${looks - missSlack} misses it asks for ${looks} looks, and an observer remembers ${MAX_LOOKS}: write less of either`,
    );
  }
  if (dissentHoldMs < probeIntervalMs) {
    yield refuse(
      [...path, 'dissentHold'],
      `must be at least probeInterval (${formatDuration(probeIntervalMs)}), or nobody looks again before it is over`,
    );
  }
}

/** An observer calls a database slow after 500 ms (`lib/database/probe.ts`, `observe/database-watch.ts`). */
const DATABASE_IS_SLOW_AFTER_MS = 500;
/** It asks again with its next look, and says what it heard with the one after. */
const LOOKS_UNTIL_TOLD = 2;

/** A database that hangs silences OPTIONS at once (FACTS 8.6): it must be known before that silence is held against SIP. */
function* databaseIsHeardFirst(policy: Policy, path: (string | number)[]): Generator<Finding> {
  const { sipStuckAfterMisses, probeTimeoutMs, sipStuckAction } = policy;
  if (sipStuckAction === 'page') return;
  const least = Math.ceil(DATABASE_IS_SLOW_AFTER_MS / probeTimeoutMs) + LOOKS_UNTIL_TOLD;
  if (sipStuckAfterMisses >= least) return;
  yield refuse(
    [...path, 'sipStuckAfterMisses'],
    `must be at least ${least} with a database and a probeTimeout of ${formatDuration(probeTimeoutMs)}, or SIP that waits ` +
      `for a slow database is taken for stuck before the database is seen to be slow; here is ${sipStuckAfterMisses}. ` +
      'Write more of either, or sipStuckAction: page',
  );
}

function* planned(policy: Policy, path: (string | number)[]): Generator<Finding> {
  const { failback, failbackAfterMs, blockPeriodMs, holdDownMs } = policy;
  if (failback !== 'automatic') return;
  const least = Math.max(blockPeriodMs, holdDownMs);
  if (failbackAfterMs < least) {
    yield refuse(
      [...path, 'failbackAfter'],
      `must be at least blockPeriod and holdDown (${formatDuration(least)}) with failback: automatic, or it waits for ` +
        `them all the same; here is ${formatDuration(failbackAfterMs)}`,
    );
  }
}

function* afterAFailure(policy: Policy, path: (string | number)[]): Generator<Finding> {
  const { crashAction, restartGraceMs, probeIntervalMs } = policy;
  const restart = RESTART_TAKES_MS + probeIntervalMs;
  if (crashAction === 'restart-in-place' && restartGraceMs < restart) {
    yield refuse(
      [...path, 'restartGrace'],
      `a restart takes about ${formatDuration(restart)} until it is seen, so none would be waited for; here is ` +
        `${formatDuration(restartGraceMs)}. Write more, or crashAction: failover`,
    );
  }
  if (policy.restoreFailedNode && !policy.stopFailedNode) {
    yield refuse(
      [...path, 'restoreFailedNode'],
      'a node that was not stopped cannot be started again: write stopFailedNode: true, or restoreFailedNode: false',
    );
  }
  if (policy.maxClockBehindMs > CLOCK_COSTS_CALLS_MS) {
    yield warn(
      [...path, 'maxClockBehind'],
      `strict phones refuse calls recovered by a node more than ${formatDuration(CLOCK_COSTS_CALLS_MS)} behind`,
    );
  }
}
