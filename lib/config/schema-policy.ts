/** The policy as it may be written. Bounds of durations, and what one number demands of another, are in `rules/`. */
import { z } from 'zod';
import { HISTORY_LOOKS } from '../domain/misses';
import { CANDIDATE_ORDERS, CRASH_ACTIONS, FAILBACKS, SIP_STUCK_ACTIONS } from '../domain/model';
import { DEFAULTS } from './defaults';
import { PRESET_NAMES } from './presets';
import { optional } from './schema-forms';
import * as word from './schema-words';

const standard = DEFAULTS.policy;

/** An observation remembers so many looks, and no threshold can ask for more. */
export const MAX_LOOKS = HISTORY_LOOKS;

export const policy = z.strictObject({
  preset: optional(
    z.enum(PRESET_NAMES),
    standard.preset,
    'What holds for the keys of detection that are not written: `conservative`, `balanced` or `aggressive`.',
  ),
  probeInterval: optional(word.duration, standard.probeInterval, 'How often each node is asked: 200ms to 10s.'),
  probeTimeout: optional(word.duration, standard.probeTimeout, 'Deadline of one question, below the interval.'),
  heartbeat: optional(word.duration, standard.heartbeat, 'A healthy observer writes at least this often.'),
  freshFor: optional(word.duration, standard.freshFor, 'An older observation has no vote.'),
  suspectAfterMisses: optional(
    z.int().min(2).max(MAX_LOOKS),
    standard.suspectAfterMisses,
    'ESL and SIP both silent this often: suspected death.',
  ),
  sipStuckAfterMisses: optional(
    z.int().min(2).max(MAX_LOOKS),
    standard.sipStuckAfterMisses,
    'SIP alone silent this often: stuck.',
  ),
  missSlack: optional(
    z.int().min(0).max(10),
    standard.missSlack,
    'So many answers may lie among those misses; 0: in a row. The newest look must have missed.',
  ),
  dissentHold: optional(
    word.duration,
    standard.dissentHold,
    'How long silence must last where not every observer agrees on it: 1s to 1m.',
  ),
  sipStuckAction: optional(
    z.enum(SIP_STUCK_ACTIONS),
    standard.sipStuckAction,
    'What follows then: `failover`, or only a `page`. While `database` is seen slow or away it is always a page.',
  ),
  standbyHolderAfterMisses: optional(
    z.int().min(2).max(60),
    standard.standbyHolderAfterMisses,
    'The holder answers as a standby this often in a row: promote it again.',
  ),
  blockPeriod: optional(word.duration, standard.blockPeriod, 'At most one automatic failover a VIP in this time.'),
  holdDown: optional(
    word.duration,
    standard.holdDown,
    'A candidate that was not well for so long comes after the others: 0s to 1h.',
  ),
  candidateOrder: optional(
    z.enum(CANDIDATE_ORDERS),
    standard.candidateOrder,
    'Among equally ready candidates: as `listed`, or the `least-loaded` first.',
  ),
  failback: optional(
    z.enum(FAILBACKS),
    standard.failback,
    'When the most preferred node is fit again: `never`, `manual` (status says so), or `automatic`.',
  ),
  failbackAfter: optional(
    word.duration,
    standard.failbackAfter,
    'So long the VIP was held elsewhere and its most preferred node was well: 1m to 24h.',
  ),
  maxFailoversPerWindow: optional(
    z.int().min(1).max(100),
    standard.maxFailoversPerWindow,
    'Automatic failovers in the whole cluster within failoverWindow. A node counts once, and so does a zone.',
  ),
  failoverWindow: optional(word.duration, standard.failoverWindow, 'The window of that limit: 1m to 24h.'),
  maxVipsPerNode: optional(z.int().min(1).max(49), standard.maxVipsPerNode, 'VIPs that one node may hold.'),
  maxTransitionsInFlight: optional(
    z.int().min(1).max(100),
    standard.maxTransitionsInFlight,
    'Changes of holder at once in the cluster, at least as many as a node may hold VIPs.',
  ),
  maxRetargets: optional(z.int().min(0).max(10), standard.maxRetargets, 'Candidates that may die in one failover.'),
  stopFailedNode: optional(z.boolean(), standard.stopFailedNode, 'Stop the old node by force after a failover.'),
  restoreFailedNode: optional(
    z.boolean(),
    standard.restoreFailedNode,
    'Start the stopped node again, on other hardware, as a standby. Needs stopFailedNode, and follows it.',
  ),
  crashAction: optional(
    z.enum(CRASH_ACTIONS),
    standard.crashAction,
    'After a crash whose host lives: `failover` at once, or `restart-in-place` and wait for restartGrace.',
  ),
  restartGrace: optional(
    word.duration,
    standard.restartGrace,
    'How long a restart in place may take before the VIP moves after all: 2s to 60s.',
  ),
  recoverFor: optional(
    word.duration,
    standard.recoverFor,
    'How long the recovery of calls is tried again while the database is away: 10s to 10m.',
  ),
  maxClockBehind: optional(
    word.duration,
    standard.maxClockBehind,
    'A node whose clock is further behind takes no VIP: 100ms to 10s.',
  ),
});
