/** The survival ledger of one change of holder: what was there, what came back, what is lost and why. Pure. */
import type { CallsLedger, LossReason, Ordered } from '../../domain/model';
import type { AliveResult, CallCounts, RecoverResult } from '../../domain/ports';

/** Sessions are legs; a bridged call has two. What was never counted by rows can only be estimated so. */
const LEGS_PER_CALL = 2;

/** When the looks are due, after the new holder has answered. */
const FIRST_LOOK_MS = 5_000;
/**
 * The last look at which every leg that was started still has its row: a leg whose peer does not answer keeps it for
 * 32 s (FACTS 7.5). Some are older than the answer, 2.5 ms for each leg after them: 4 s are enough for 1600.
 */
const SECOND_LOOK_MS = 28_000;
const UNANSWERED_MS = 32_000;
/** By then the unanswered legs are given up, their partners hung up, and the rows of both deleted. */
const CONFIRMED_MS = 36_000;

export type Look = 'after 5 s' | 'after 30 s' | 'confirming';

export type Recovered = Extract<RecoverResult, { recovered: true }>;
type Seen = Extract<AliveResult, { known: true }>;

/** The first entry, as soon as the new holder has answered. */
export function ledgerOf(result: Recovered, sessionsBefore: number | null, nowMs: number): CallsLedger {
  const { before, connectionOriented, movedAside, stayed, ownSessions, notes } = result;
  if (stayed !== null && before.legs === 0) return ledgerOfStayed(stayed, nowMs, notes);
  // The sessions that were seen may be those of calls that never left.
  const atStake = stayed === null ? (sessionsBefore ?? before.legs) : before.legs;
  const withoutRow = Math.max(0, atStake - before.legs);
  return {
    before: before.calls,
    legsBefore: before.legs,
    resurrected: null,
    aliveAfter5s: null,
    aliveAfter30s: null,
    confirmed: null,
    beingWritten: 0,
    ownSessions,
    lost: lossesOf({ 'connection-oriented': connectionOriented, unfenced: movedAside, 'no-row': withoutRow }),
    recoveredAtMs: nowMs,
    notes: stayed === null ? notes : [...notes, neverLeft(String(stayed.calls))],
  };
}

/** Nothing was left for this recovery: what it found beside that is told with what another one rebuilt. */
export function withFound(ledger: CallsLedger, { movedAside, notes }: Recovered): CallsLedger {
  const unfenced = (countsOf(ledger).unfenced ?? 0) + movedAside;
  return { ...ledger, lost: lossesOf({ ...countsOf(ledger), unfenced }), notes: [...ledger.notes, ...notes] };
}

/** The recovery was given up, and the new holder may have been told to rebuild them: later looks count what it made of it. */
export function ledgerOfOrdered(
  ordered: Ordered,
  sessions: SessionsAtStake,
  nowMs: number,
  { reason, why }: GivenUp,
): CallsLedger {
  const legs = ordered.legs ?? sessions.ofVip ?? 0;
  const before = { calls: ordered.calls ?? Math.ceil(legs / LEGS_PER_CALL), legs };
  const counts = { connectionOriented: 0, movedAside: 0, stayed: null, ownSessions: null };
  const notes = [
    `the node may have rebuilt calls of which nobody heard, so they are counted by their rows: ${why}`,
    ...(ordered.calls === null ? [howCounted(sessions)] : []),
  ];
  const ledger = ledgerOf({ recovered: true, before, ...counts, notes, proof: '' }, sessions.ofVip, nowMs);
  return { ...ledger, countedBy: ordered.by, givenUp: reason };
}

/** It turned out that nobody had told it to: those of an order that never arrived are lost as the others are. */
export function neverTold(ledger: CallsLedger, reason: NonNullable<CallsLedger['givenUp']>, why: string): CallsLedger {
  const before = { calls: ledger.before, legs: ledger.legsBefore };
  const lost = lostAltogether(before, { ofVip: null, ofNode: null }, { reason, why });
  return { ...lost, notes: [...ledger.notes, ...lost.notes] };
}

interface GivenUp {
  reason: NonNullable<CallsLedger['givenUp']>;
  why: string;
}

/**
 * The VIP came back to the process that had its calls: none was rebuilt, no peer was asked, and those that live on it
 * now are kept. @param stayed null where they cannot be counted
 */
export function ledgerOfStayed(stayed: CallCounts | null, nowMs: number, notes: string[]): CallsLedger {
  const { calls, legs } = stayed ?? { calls: 0, legs: 0 };
  return {
    before: calls,
    legsBefore: legs,
    resurrected: calls,
    aliveAfter5s: calls,
    aliveAfter30s: calls,
    confirmed: calls,
    beingWritten: 0,
    ownSessions: null,
    lost: [],
    recoveredAtMs: nowMs,
    notes: [neverLeft(stayed === null ? 'how many is not known' : String(calls)), ...notes],
  };
}

function neverLeft(howMany: string): string {
  return `the new holder is the process that had the calls (${howMany}): they never left it`;
}

/** What was at stake by the sessions last seen; null where they were not, or not as the VIP's own. */
export interface SessionsAtStake {
  ofVip: number | null;
  ofNode: number | null;
}

/** The recovery was given up, and no node was told to rebuild a call: every call is lost. `before` is null when not even the rows could be counted. */
export function lostAltogether(
  before: CallCounts | null,
  sessions: SessionsAtStake,
  { reason, why }: GivenUp,
): CallsLedger {
  const calls = before?.calls ?? Math.ceil((sessions.ofVip ?? 0) / LEGS_PER_CALL);
  return {
    before: calls,
    legsBefore: before?.legs ?? sessions.ofVip ?? 0,
    resurrected: 0,
    aliveAfter5s: 0,
    aliveAfter30s: 0,
    confirmed: 0,
    beingWritten: 0,
    ownSessions: null,
    lost: lossesOf({ [reason]: calls }),
    recoveredAtMs: null,
    notes: [why, ...(before === null ? [howCounted(sessions)] : [])],
  };
}

function howCounted({ ofVip, ofNode }: SessionsAtStake): string {
  if (ofVip !== null) return 'the number of calls is an estimate from the sessions last seen';
  const what =
    ofNode === null ? 'nobody had read its sessions' : `it carried other VIPs too, ${ofNode} session(s) in all`;
  return `how many calls the old holder had is not known: ${what}`;
}

/** Which look is due, by the time since the recovery; null when none is, or the last one was taken. */
export function lookDue(ledger: CallsLedger, nowMs: number): Look | null {
  if (ledger.recoveredAtMs === null || ledger.confirmed !== null) return null;
  const sinceMs = nowMs - ledger.recoveredAtMs;
  if (sinceMs >= CONFIRMED_MS) return 'confirming';
  // In between legs are being given up: a count would be of no certain time.
  if (sinceMs >= UNANSWERED_MS) return null;
  if (sinceMs >= SECOND_LOOK_MS) return ledger.aliveAfter30s === null ? 'after 30 s' : null;
  return sinceMs >= FIRST_LOOK_MS && ledger.aliveAfter5s === null ? 'after 5 s' : null;
}

/** When the next look is due, epoch milliseconds: the past when it is now, null when the last one was taken. */
export function nextLookAtMs(ledger: CallsLedger, nowMs: number): number | null {
  const { recoveredAtMs, aliveAfter5s, aliveAfter30s, confirmed } = ledger;
  if (recoveredAtMs === null || confirmed !== null) return null;
  const sinceMs = nowMs - recoveredAtMs;
  if (sinceMs >= UNANSWERED_MS || aliveAfter30s !== null) return recoveredAtMs + CONFIRMED_MS;
  return recoveredAtMs + (sinceMs >= SECOND_LOOK_MS || aliveAfter5s !== null ? SECOND_LOOK_MS : FIRST_LOOK_MS);
}

export function isCounted(ledger: CallsLedger): boolean {
  return ledger.recoveredAtMs === null || ledger.confirmed !== null;
}

/**
 * One look at the calls that live; `which` null is one between those that are due, which only knows who came back at
 * all. A due look fills in for one before it that nobody took. Calls are counted by the rows of the plan alone:
 * sessions may be anybody's, of callers who dial again among them.
 */
export function withLook(told: CallsLedger, look: Seen, which: Look | null): CallsLedger {
  const { calls } = look.alive;
  const ledger = withPlan(told, look);
  const confirming = which === 'confirming';
  const next: CallsLedger = {
    ...ledger,
    resurrected: Math.max(ledger.resurrected ?? 0, calls),
    aliveAfter5s: which === null ? ledger.aliveAfter5s : (ledger.aliveAfter5s ?? calls),
    aliveAfter30s: confirming || which === 'after 30 s' ? (ledger.aliveAfter30s ?? calls) : ledger.aliveAfter30s,
    confirmed: confirming ? calls : ledger.confirmed,
    beingWritten: confirming ? 0 : beingWritten(ledger, look),
    notes: [...notesAfter(ledger.notes, look), ...(confirming ? noteOfGap(ledger, calls) : [])],
  };
  const losses = confirming ? finalLosses(ledger, calls) : lossesSoFar(next);
  return { ...next, lost: lossesOf({ ...countsOf(ledger), ...losses }) };
}

/** What was told of an order that nobody had counted is an estimate by sessions: those without a leg in it had no row. */
function withPlan(ledger: CallsLedger, { planned }: Seen): CallsLedger {
  if (ledger.givenUp === undefined || planned === null) return ledger;
  const counts = countsOf(ledger);
  const withoutRow = (counts['no-row'] ?? 0) + Math.max(0, ledger.legsBefore - planned.legs);
  const lost = lossesOf({ ...counts, 'no-row': withoutRow });
  return { ...ledger, before: planned.calls, legsBefore: planned.legs, lost };
}

/**
 * A busy node writes the rows of rebuilt legs late (FACTS 7.3: more than 25 s for 1000 on a host without headroom).
 * Until the last look its sessions beyond those that it had before, and beyond those with a row, may be such legs. Where
 * the recovery was given up nobody knows what it had before: all may, and one that was cut off writes them when it is back.
 */
function beingWritten({ before, legsBefore, ownSessions, givenUp }: CallsLedger, { alive, sessions }: Seen): number {
  const itsOwn = ownSessions ?? (givenUp === undefined ? null : 0);
  if (sessions === null || itsOwn === null || legsBefore === 0) return 0;
  const legs = Math.min(legsBefore, sessions - itsOwn) - alive.legs;
  return Math.max(0, Math.min(before - alive.calls, Math.floor((before * legs) / legsBefore)));
}

/** What a look says of gateways is as of now. */
function notesAfter(notes: readonly string[], { unregisteredGateways }: Seen): string[] {
  if (unregisteredGateways === null) return [...notes];
  const others = notes.filter((note) => !note.startsWith('gateway '));
  return [...others, ...unregisteredGateways.map(unregisteredInWords)];
}

export function unregisteredInWords(gateway: string): string {
  return `gateway ${gateway} is not registered again yet`;
}

/** Without the second look nobody can tell a call that was hung up from one that was never answered. */
function noteOfGap({ aliveAfter5s, aliveAfter30s }: CallsLedger, confirmed: number): string[] {
  if (aliveAfter30s !== null || (aliveAfter5s !== null && aliveAfter5s <= confirmed)) return [];
  return ['nobody counted half a minute after the recovery: calls that were hung up by then count as not rebuilt'];
}

/**
 * Share of the calls that had rows and were not lost to the failover, in percent; null while unknown or without any.
 * Those that ended before an unanswered peer could have been given up may just have been hung up.
 */
export function survivalPercent(ledger: CallsLedger): number | null {
  const { before, confirmed, recoveredAtMs } = ledger;
  if (before === 0 || confirmed === null) return null;
  if (recoveredAtMs === null) return 0;
  return Math.min(100, (100 * (confirmed + (countsOf(ledger).ended ?? 0))) / before);
}

/** Calls lost to the failover; `ended` is no loss that anybody could tell from a call that was over. */
export function callsLost({ lost }: CallsLedger): number {
  return lost.reduce((sum, { reason, count }) => (reason === 'ended' ? sum : sum + count), 0);
}

type Losses = Partial<Record<LossReason, number>>;

/** Before the last look: what is missing may still come, as long as its row may still be written. */
function lossesSoFar(ledger: CallsLedger): Losses {
  const alive = ledger.aliveAfter30s ?? ledger.aliveAfter5s;
  return alive === null ? {} : split(ledger, alive, Math.max(0, (ledger.resurrected ?? alive) - alive));
}

/** What was gone before the first unanswered leg was given up had ended; what has gone since, no peer confirmed. */
function finalLosses(ledger: CallsLedger, confirmed: number): Losses {
  const last = ledger.aliveAfter30s ?? ledger.aliveAfter5s;
  const ended = last === null ? 0 : Math.max(0, (ledger.resurrected ?? last) - last);
  return split({ ...ledger, beingWritten: 0 }, confirmed, ended);
}

/** Of what had rows: TCP first, because it cannot come back; the rest came and went, or never came. */
function split(ledger: CallsLedger, alive: number, gone: number): Losses {
  const missing = Math.max(0, ledger.before - alive);
  const connections = Math.min(countsOf(ledger)['connection-oriented'] ?? 0, missing);
  const ended = Math.min(missing - connections, gone);
  const notRebuilt = Math.max(0, missing - connections - ended - ledger.beingWritten);
  return { 'connection-oriented': connections, ended, [ledger.givenUp ?? 'not-rebuilt']: notRebuilt };
}

function countsOf({ lost }: CallsLedger): Losses {
  return Object.fromEntries(lost.map(({ reason, count }) => [reason, count]));
}

/** In the order in which they are told. */
const TOLD: Record<LossReason, true> = {
  'connection-oriented': true,
  ended: true,
  'not-rebuilt': true,
  'database-unreachable': true,
  'given-up': true,
  unfenced: true,
  'no-row': true,
};

function lossesOf(counts: Losses): CallsLedger['lost'] {
  return (Object.keys(TOLD) as LossReason[]).flatMap((reason) => {
    const count = counts[reason] ?? 0;
    return count > 0 ? [{ reason, count }] : [];
  });
}
