/**
 * One look at a node, folded onto what was known of it before. Pure: the counters "in a row", the histories and the
 * times "since" that the decision hangs on are made here and nowhere else.
 */
import {
  assertNever,
  type DatabaseEvidence,
  type EslEvidence,
  type Observation,
  type Policy,
  type SipEvidence,
} from '../../domain/model';
import { HISTORY_LOOKS, missedOften } from '../../domain/misses';
import { isFresh } from '../../domain/voters';

/** What a probe brought back from one node. */
export interface Look {
  esl: EslEvidence;
  sip: Record<string, SipEvidence>;
  /**
   * It ended after its own deadline: this process was starved, and an answer may have lain there unread. What did arrive
   * is an answer all the same; the silence in it says nothing.
   */
  late?: boolean;
}

export interface LookContext {
  nodeId: string;
  zone: string;
  /**
   * Wall clock when the look began. The observation is dated with it, so that a look that straddles a change of
   * holder counts as one from before it, and an age is never understated.
   */
  startedAtMs: number;
  /** Wall clock when the look ended: a miss is known from here on. */
  endedAtMs: number;
  /** The observer sees nothing at all: its misses say something about itself, and nothing about the node. */
  blind: boolean;
  /** Why what this observer sees now is no vote, in words; null when it is one. */
  mutedWhy: string | null;
  /** The clock jumped during this very look: a deadline that passed in a frozen process is not a miss. */
  jumped: boolean;
  /** What the zone's own question to the shared database came to; null without one. */
  database: DatabaseEvidence | null;
  /** How many misses make a node suspected. */
  policy: Pick<Policy, 'suspectAfterMisses' | 'missSlack'>;
  codeVersion: string;
  topologyVersion: string;
}

type Verdict = EslEvidence['verdict'] | SipEvidence['verdict'];

const HISTORY_MASK = 2 ** HISTORY_LOOKS - 1;

/** `previous` is the last observation of this node from this zone, also one made by the observer before us. */
export function observe(previous: Observation | null, look: Look, context: LookContext): Observation {
  const counts = !context.blind && !context.jumped;
  const tells = (verdict: Verdict): boolean => counts && !(look.late === true && verdict === 'silent');
  const inARow = (holds: boolean, before: number | undefined): number => (holds ? (before ?? 0) + 1 : 0);
  const since = (missed: boolean, before: number | null | undefined): number | null =>
    missed ? (before ?? context.endedAtMs) : null;
  const history = (verdict: Verdict, missed: boolean, before = 0): number =>
    tells(verdict) ? ((before << 1) | (missed ? 1 : 0)) & HISTORY_MASK : before;
  const perVip = <T>(value: (vipId: string, evidence: SipEvidence) => T): Record<string, T> =>
    Object.fromEntries(Object.entries(look.sip).map(([vipId, evidence]) => [vipId, value(vipId, evidence)]));

  const sipMissed = ({ verdict }: SipEvidence): boolean => tells(verdict) && isSipMiss(verdict);
  const eslMissed = tells(look.esl.verdict) && isEslMiss(look.esl.verdict);
  const eslHistory = history(look.esl.verdict, eslMissed, previous?.eslHistory);
  const wasUnwell = counts && isJudgedUnwell(look.esl.verdict, eslHistory, context.policy);
  return {
    nodeId: context.nodeId,
    zone: context.zone,
    observedAtMs: context.startedAtMs,
    blind: context.blind,
    muted: context.mutedWhy !== null,
    mutedWhy: context.mutedWhy,
    mutedSinceMs: context.mutedWhy === null ? null : (previous?.mutedSinceMs ?? context.startedAtMs),
    esl: look.esl,
    sip: look.sip,
    eslMisses: inARow(eslMissed, previous?.eslMisses),
    eslMissingSinceMs: since(eslMissed, previous?.eslMissingSinceMs),
    eslRefusedSinceMs: refusedSinceMs(previous, look.esl.verdict, context.endedAtMs),
    sipMisses: perVip((vipId, sip) => inARow(sipMissed(sip), previous?.sipMisses[vipId])),
    sipMissingSinceMs: perVip((vipId, sip) => since(sipMissed(sip), previous?.sipMissingSinceMs[vipId])),
    eslHistory,
    sipHistory: perVip((vipId, sip) => history(sip.verdict, sipMissed(sip), previous?.sipHistory[vipId])),
    eslWellSinceMs: wasUnwell ? null : wellSinceMs(previous, look.esl, context.startedAtMs),
    withdrawnSinceMs: withdrawnSinceMs(previous, look.esl, context.startedAtMs),
    sipStandbys: perVip((vipId, sip) => inARow(counts && sip.verdict === 'standby', previous?.sipStandbys[vipId])),
    database: context.database,
    coreUuid: look.esl.coreUuid ?? previous?.coreUuid ?? null,
    lastSessions: look.esl.sessions ?? previous?.lastSessions ?? null,
    lastClockOffsetMs: look.esl.clockOffsetMs ?? previous?.lastClockOffsetMs ?? null,
    codeVersion: context.codeVersion,
    topologyVersion: context.topologyVersion,
  };
}

/**
 * What an observer that begins may take over from the one before it in its zone, so that a hand-over in the middle of
 * an outage does not begin to count anew. Old or voteless counters and histories are dropped, the core_uuid is always
 * worth keeping.
 */
export function inherit(written: Observation | undefined, nowMs: number, policy: Policy): Observation | null {
  if (written === undefined) return null;
  const countersHold = !written.blind && !written.muted && isFresh(written, nowMs, policy.freshForMs);
  if (countersHold) return written;
  return {
    ...written,
    eslMisses: 0,
    eslMissingSinceMs: null,
    sipMisses: {},
    sipMissingSinceMs: {},
    eslHistory: 0,
    sipHistory: {},
    eslWellSinceMs: null,
    withdrawnSinceMs: null,
    sipStandbys: {},
  };
}

/** Whether the newest look missed the node, and it has not been missed often enough to be judged: look again at once. */
export function isUnsettled(observation: Observation, policy: Policy): boolean {
  const esl = observation.eslMisses > 0 && !eslMissedOften(observation, policy);
  const sip = Object.entries(observation.sipMisses).some(
    ([vipId, misses]) => misses > 0 && !sipMissedOften(observation, vipId, policy.sipStuckAfterMisses, policy),
  );
  // Asking faster does not mend a wrong password.
  return (esl && observation.esl.verdict !== 'rejected') || sip;
}

function eslMissedOften({ eslHistory }: Pick<Observation, 'eslHistory'>, policy: LookContext['policy']): boolean {
  return missedOften(eslHistory, policy.suspectAfterMisses, policy.missSlack);
}

/** A lost packet makes silence or a torn reply, and one of those says nothing yet; each other word is the node's own. */
function isJudgedUnwell(verdict: EslEvidence['verdict'], eslHistory: number, policy: LookContext['policy']): boolean {
  const mayBeLoss = verdict === 'silent' || verdict === 'malformed';
  return mayBeLoss ? eslMissedOften({ eslHistory }, policy) : !isEslWell(verdict);
}

/** Another incarnation begins anew, also one that came so fast that nobody missed the last. */
function wellSinceMs(previous: Observation | null, esl: EslEvidence, startedAtMs: number): number | null {
  const known = previous?.coreUuid ?? null;
  const isAnother = known !== null && esl.coreUuid !== null && esl.coreUuid !== known;
  const before = isAnother ? null : (previous?.eslWellSinceMs ?? null);
  return before ?? (isEslWell(esl.verdict) ? startedAtMs : null);
}

/** A lost reply neither begins nor ends it. */
function refusedSinceMs(
  previous: Observation | null,
  verdict: EslEvidence['verdict'],
  endedAtMs: number,
): number | null {
  const before = previous?.eslRefusedSinceMs ?? null;
  if (verdict === 'refused') return before ?? endedAtMs;
  return verdict === 'silent' || verdict === 'malformed' ? before : null;
}

/** A lost reply neither begins nor ends it. */
function withdrawnSinceMs(
  previous: Observation | null,
  { verdict, shutdownPending }: EslEvidence,
  startedAtMs: number,
): number | null {
  const before = previous?.withdrawnSinceMs ?? null;
  if (verdict === 'silent' || verdict === 'malformed') return before;
  const holds = verdict === 'paused' || verdict === 'stopping' || shutdownPending === true;
  return holds ? (before ?? startedAtMs) : null;
}

function sipMissedOften(observation: Observation, vipId: string, k: number, policy: Policy): boolean {
  return missedOften(observation.sipHistory[vipId] ?? 0, k, policy.missSlack);
}

/**
 * Two observations with the same essence say the same thing to whoever decides: verdicts, clock, identity, right to vote,
 * and on which side of each threshold the histories and counters are. Latencies, session counts and times are not part
 * of it.
 */
export function essence(observation: Observation, policy: Policy): string {
  return JSON.stringify([
    observation.esl.verdict,
    observation.esl.shutdownPending === true,
    observation.database?.verdict ?? null,
    clockSide(observation.esl.clockOffsetMs ?? 0, policy),
    observation.coreUuid,
    observation.blind,
    observation.muted,
    eslMissedOften(observation, policy),
    Object.keys(observation.sip)
      .sort()
      .map((vipId) => [
        vipId,
        observation.sip[vipId]?.verdict,
        sipMissedOften(observation, vipId, policy.suspectAfterMisses, policy),
        sipMissedOften(observation, vipId, policy.sipStuckAfterMisses, policy),
        (observation.sipStandbys[vipId] ?? 0) >= policy.standbyHolderAfterMisses,
      ]),
    observation.topologyVersion,
  ]);
}

/** Against the observer's own clock; against another node's it is known from the heartbeats. */
function clockSide(offsetMs: number, { maxClockBehindMs }: Policy): number {
  return Math.abs(offsetMs) > maxClockBehindMs ? Math.sign(offsetMs) : 0;
}

/** Alive and in order; a paused FreeSWITCH serves the calls it has. */
export function isEslWell(verdict: EslEvidence['verdict']): boolean {
  return verdict === 'ok' || verdict === 'paused';
}

function isEslMiss(verdict: EslEvidence['verdict']): boolean {
  switch (verdict) {
    case 'ok':
    case 'paused':
    case 'stopping':
      return false;
    case 'refused':
    case 'silent':
    case 'rejected':
    case 'malformed':
      return true;
    default:
      return assertNever(verdict);
  }
}

function isSipMiss(verdict: SipEvidence['verdict']): boolean {
  switch (verdict) {
    case 'ok':
    case 'busy':
    case 'standby':
      return false;
    case 'refused':
    case 'silent':
    case 'malformed':
      return true;
    default:
      return assertNever(verdict);
  }
}
