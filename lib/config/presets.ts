/**
 * How a cluster judges where its policy says no more than one word: complete sets of the numbers that detection and
 * safety hang on, as a user would write them. Each trades the time to a failover for the risk of a needless one; a key
 * that is written wins over its preset. `docs/configuration.md` states the consequences.
 */
import type { CandidateOrder, CrashAction, Failback } from '../domain/model';

export const PRESET_NAMES = ['conservative', 'balanced', 'aggressive'] as const;
export type PresetName = (typeof PRESET_NAMES)[number];

/** The keys of the policy that a preset decides. */
export interface Preset {
  probeInterval: string;
  probeTimeout: string;
  suspectAfterMisses: number;
  sipStuckAfterMisses: number;
  missSlack: number;
  dissentHold: string;
  blockPeriod: string;
  holdDown: string;
  candidateOrder: CandidateOrder;
  failback: Failback;
  failbackAfter: string;
  maxFailoversPerWindow: number;
  failoverWindow: string;
  crashAction: CrashAction;
}

const balanced: Preset = {
  /** A freeze has to be missed several times: the interval sets much of the time to notice it. */
  probeInterval: '1s',
  /** Zones of a region are below 2 ms apart and FreeSWITCH answers in a few; 400 ms is load, not distance. */
  probeTimeout: '400ms',
  /** Loss comes in bursts: two more looks are cheap, a wrong failover is not. */
  suspectAfterMisses: 5,
  /** One more than death: ESL says the process lives, so the SIP silence must be the surer. */
  sipStuckAfterMisses: 6,
  /** An answer between two silences is an answer. */
  missSlack: 0,
  /** Three paths rarely lose at once; two may share what lies between them, for a moment. */
  dissentHold: '5s',
  /** Whatever felled two nodes within ten minutes will fell the third: a human looks first. */
  blockPeriod: '10m',
  /** So that a start is not taken for the end of what made it necessary. */
  holdDown: '30s',
  candidateOrder: 'listed',
  /** Every move costs callers something, so a human chooses its hour. */
  failback: 'manual',
  /** Long enough to see that what felled the node is over. */
  failbackAfter: '30m',
  /** A zone counts once: three separate failures in an hour are no accident any more. */
  maxFailoversPerWindow: 3,
  failoverWindow: '1h',
  /** A second faster than any restart, and what made it crash may make it crash again. */
  crashAction: 'failover',
};

export const PRESETS: Record<PresetName, Preset> = {
  balanced,
  /** Seconds of an outage cost more than a needless move. */
  aggressive: {
    ...balanced,
    suspectAfterMisses: 3,
    sipStuckAfterMisses: 4,
    dissentHold: '2s',
    holdDown: '10s',
    maxFailoversPerWindow: 6,
  },
  /** A needless move costs more than some seconds of an outage. */
  conservative: {
    ...balanced,
    suspectAfterMisses: 8,
    sipStuckAfterMisses: 10,
    dissentHold: '15s',
    holdDown: '2m',
    blockPeriod: '30m',
    crashAction: 'restart-in-place',
    maxFailoversPerWindow: 2,
  },
};
