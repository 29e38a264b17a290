/** What one simulated cluster came to: plain data, so that it crosses from a worker to whoever adds it up. */

/** What struck a holder, by the truth of the simulation. */
export const STRUCK_BY = [
  'crash', // the process ended; its supervisor starts it again
  'no-restart', // and nobody starts it again
  'crash-loop', // and ends again after each start
  'freeze', // the process hangs
  'host', // the hardware is gone, EC2 may say `running` for long
  'zone', // everything in the zone
  'isolation', // the network of the zone or node
  'sip-stuck', // the SIP stack hangs, ESL answers
  'standby', // the profile fell into standby
  'stopping', // somebody stopped it
  'unpromotable', // paused, or rejecting the control plane, as the node that a VIP moves to
  'nothing', // it was well: whatever changed its holder was wrong
] as const;
export type StruckBy = (typeof STRUCK_BY)[number];

/** One change of holder that came to an end. Durations in milliseconds of virtual time. */
export interface ChangeOfHolder {
  vipId: string;
  epoch: number;
  kind: 'assignment' | 'failover' | 'switchover' | 'failback' | 'reinstatement';
  cause: string;
  /** What had befallen the old holder, as the simulation knows. */
  struckBy: StruckBy;
  /** Where nothing ails it any more: how long ago something did, if a look from then could still be a vote against it. */
  recoveredAgoMs: number | null;
  /** From the fault to the decision; null where there was none. */
  detectMs: number | null;
  /** From the fault until callers were served again; null where they never were, or there was none. */
  recoverMs: number | null;
  callsBefore: number;
  callsLost: number;
}

/** Begins a violation's line in the trace. */
export const VIOLATION_WORD = 'VIOLATION';

export interface Violation {
  /** Number in docs/architecture.md, section 3, and its words. */
  invariant: string;
  /** Since the beginning of the run, in milliseconds. */
  atMs: number;
  detail: string;
}

/** Of one run of one cluster. */
export interface RunResult {
  seed: number;
  /** Of virtual time. */
  ranForMs: number;
  /** The part of it that was lived through, second by second; the rest was quiet, and skipped. */
  livedMs: number;
  /** Sum over the VIPs. */
  vipMs: number;
  unservedMs: number;
  /** Of the time served, that in which the holder was full and took no new call. */
  fullMs: number;
  /** Sum over the VIPs that have a private name: all time, and that in which it led to no node that serves. */
  namedVipMs: number;
  nameUnservedMs: number;
  changes: ChangeOfHolder[];
  violations: Violation[];
  /** Whether nothing was wrong or under way in its last second. */
  atRest: boolean;
  /** Time in which at least one VIP had no eligible standby. */
  withoutStandbyMs: number;
  /** When the failover function ended where it was told to, in milliseconds of the run; null: it did not. */
  crashedAtMs: number | null;
  pages: number;
  /** How often each kind of fault struck anything: one that found nothing to strike is not in it. */
  faults: Record<string, number>;
  /** Edges of the state machine that were taken, by id. */
  edges: string[];
  /** Of the processor, as measured; the only thing here that a seed does not repeat. */
  cpuMs: number;
  /** One line an event, the same to the byte for the same seed. */
  trace: string[];
}
