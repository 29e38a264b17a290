/** The survival ledger of one change of holder: what was there, what came back, what is lost and why. Pure. */
import type { CallsLedger, LossReason } from '../../domain/model';
import type { AliveResult, CallCounts, RecoverResult } from '../../domain/ports';

/** Sessions are legs; a bridged call has two. What was never counted by rows can only be estimated so. */
const LEGS_PER_CALL = 2;

/** The first entry, as soon as the new holder has answered. */
export function ledgerOf(
  result: Extract<RecoverResult, { recovered: true }>,
  sessionsBefore: number | null,
  nowMs: number,
): CallsLedger {
  const { before, connectionOriented, movedAside, notes } = result;
  return withLosses(
    {
      before: before.calls,
      legsBefore: before.legs,
      resurrected: null,
      aliveAfter5s: null,
      aliveAfter30s: null,
      lost: [],
      recoveredAtMs: nowMs,
      notes,
    },
    { connectionOriented, movedAside, withoutRow: callsWithoutRow(before.legs, sessionsBefore) },
  );
}

/** The recovery was given up: every call is lost. `before` is null when not even the rows could be counted. */
export function lostAltogether(
  before: CallCounts | null,
  sessionsBefore: number | null,
  { reason, why }: { reason: Extract<LossReason, 'database-unreachable' | 'given-up'>; why: string },
): CallsLedger {
  const estimate = Math.ceil((sessionsBefore ?? 0) / LEGS_PER_CALL);
  const calls = before?.calls ?? estimate;
  return {
    before: calls,
    legsBefore: before?.legs ?? sessionsBefore ?? 0,
    resurrected: 0,
    aliveAfter5s: 0,
    aliveAfter30s: 0,
    lost: calls === 0 ? [] : [{ reason, count: calls }],
    recoveredAtMs: null,
    notes: [why, ...(before === null ? ['the number of calls is an estimate from the sessions last seen'] : [])],
  };
}

/** Which of the two looks is due, by the time since the recovery; null when neither is or both were taken. */
export function lookDue(ledger: CallsLedger, nowMs: number): 'after 5 s' | 'after 30 s' | null {
  if (ledger.recoveredAtMs === null) return null;
  const sinceMs = nowMs - ledger.recoveredAtMs;
  if (ledger.aliveAfter5s === null && sinceMs >= 5_000) return 'after 5 s';
  return ledger.aliveAfter30s === null && sinceMs >= 30_000 ? 'after 30 s' : null;
}

export function isCounted(ledger: CallsLedger): boolean {
  return ledger.recoveredAtMs === null || ledger.aliveAfter30s !== null;
}

/** One look at the calls that live; `which` null is a look between the two, which only knows who came back at all. */
export function withLook(
  ledger: CallsLedger,
  look: Extract<AliveResult, { known: true }>,
  which: ReturnType<typeof lookDue>,
): CallsLedger {
  // The last count is of rows alone: by then they are written, and sessions have come that were not before.
  const calls = which === 'after 30 s' ? look.alive.calls : Math.max(look.alive.calls, bySessions(ledger, look));
  const next: CallsLedger = {
    ...ledger,
    resurrected: Math.max(ledger.resurrected ?? 0, calls),
    aliveAfter5s: which === 'after 5 s' ? calls : ledger.aliveAfter5s,
    aliveAfter30s: which === 'after 30 s' ? calls : ledger.aliveAfter30s,
    // What a look says of gateways is as of now.
    notes: [...ledger.notes.filter((note) => !note.startsWith('gateway ')), ...look.notes],
  };
  const count = (reason: LossReason): number => ledger.lost.find((each) => each.reason === reason)?.count ?? 0;
  return withLosses(next, {
    connectionOriented: count('connection-oriented'),
    movedAside: count('unfenced'),
    withoutRow: count('no-row'),
  });
}

/**
 * A busy node writes the rows of rebuilt legs late (FACTS 7.3: more than 25 s for 1000 on a host without headroom; their
 * calls have audio all the while). Its sessions are counted from memory.
 */
function bySessions({ before, legsBefore }: CallsLedger, { sessions }: Extract<AliveResult, { known: true }>): number {
  if (sessions === null || legsBefore === 0) return 0;
  return Math.floor((before * Math.min(legsBefore, sessions)) / legsBefore);
}

/**
 * Share of the calls that had rows and were rebuilt, in percent; null while unknown or without any. Those that ended
 * since may just have been hung up.
 */
export function survivalPercent({ resurrected, before }: CallsLedger): number | null {
  return resurrected === null || before === 0 ? null : Math.min(100, (100 * resurrected) / before);
}

/** Calls lost to the failover; `ended` is no loss that anybody could tell from a call that was over. */
export function callsLost({ lost }: CallsLedger): number {
  return lost.reduce((sum, { reason, count }) => (reason === 'ended' ? sum : sum + count), 0);
}

/** Of what had rows: TCP first, because it cannot come back; the rest never came, or came and went. */
function withLosses(
  ledger: CallsLedger,
  known: { connectionOriented: number; movedAside: number; withoutRow: number },
): CallsLedger {
  const alive = ledger.aliveAfter30s ?? ledger.aliveAfter5s;
  const lost: { reason: LossReason; count: number }[] = [];
  const add = (reason: LossReason, count: number): void => {
    if (count > 0) lost.push({ reason, count });
  };
  const missing = alive === null ? known.connectionOriented : Math.max(0, ledger.before - alive);
  const connections = Math.min(known.connectionOriented, missing);
  add('connection-oriented', connections);
  if (alive !== null) {
    const ended = Math.min(missing - connections, Math.max(0, (ledger.resurrected ?? alive) - alive));
    add('ended', ended);
    add('not-rebuilt', missing - connections - ended);
  }
  add('unfenced', known.movedAside);
  add('no-row', known.withoutRow);
  return { ...ledger, lost };
}

function callsWithoutRow(legs: number, sessionsBefore: number | null): number {
  return Math.max(0, (sessionsBefore ?? legs) - legs);
}
