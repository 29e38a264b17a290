/** The policy as it may be written. Bounds of durations, and what one number demands of another, are in `rules/`. */
import { z } from 'zod';
import { CRASH_ACTIONS, SIP_STUCK_ACTIONS } from '../domain/model';
import { DEFAULTS } from './defaults';
import { optional } from './schema-forms';
import * as word from './schema-words';

const standard = DEFAULTS.policy;

export const policy = z.strictObject({
  probeInterval: optional(word.duration, standard.probeInterval, 'How often each node is asked: 200ms to 10s.'),
  probeTimeout: optional(word.duration, standard.probeTimeout, 'Deadline of one question, below the interval.'),
  heartbeat: optional(word.duration, standard.heartbeat, 'A healthy observer writes at least this often.'),
  freshFor: optional(word.duration, standard.freshFor, 'An older observation has no vote.'),
  suspectAfterMisses: optional(
    z.int().min(2).max(60),
    standard.suspectAfterMisses,
    'ESL and SIP both silent this often in a row: suspected death.',
  ),
  sipStuckAfterMisses: optional(
    z.int().min(2).max(60),
    standard.sipStuckAfterMisses,
    'SIP alone silent this often in a row: stuck.',
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
  maxVipsPerNode: optional(z.int().min(1).max(49), standard.maxVipsPerNode, 'VIPs that one node may hold.'),
  maxTransitionsInFlight: optional(
    z.int().min(1).max(100),
    standard.maxTransitionsInFlight,
    'Changes of holder at once in the cluster.',
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
