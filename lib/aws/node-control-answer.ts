/** What a node-control function answers, read with care: it may be of another version than the caller. Pure. */
import type {
  AliveResult,
  CallCounts,
  CheckResult,
  DemoteResult,
  Forecast,
  Inspection,
  LockResult,
  No,
  PromoteResult,
  RecoverResult,
  ShutdownProof,
  UnlockResult,
  Unreached,
} from '../domain/ports';

/** null when it is no answer that this version understands. */
export function readShutdown(answer: unknown): ShutdownProof | null {
  const { fenced, proof, ...why } = fieldsOf(answer);
  if (fenced === true && typeof proof === 'string') return { fenced, proof };
  return fenced === false ? { fenced, ...no(why) } : null;
}

export function readPromote(answer: unknown): PromoteResult | null {
  const { promoted, coreUuid, proof, ...why } = fieldsOf(answer);
  if (promoted === true && typeof coreUuid === 'string' && typeof proof === 'string') {
    return { promoted, coreUuid, proof };
  }
  return promoted === false ? { promoted, ...no(why) } : null;
}

export function readCheck(answer: unknown): CheckResult | null {
  const { serving, coreUuid, unfit, withoutDatabase, proof, ...why } = fieldsOf(answer);
  const look = {
    coreUuid: typeof coreUuid === 'string' ? coreUuid : null,
    // The version before asks OPTIONS alone: that is no word on the process, neither for nor against it.
    ...(unfit === undefined ? {} : { unfit: unfit === null ? null : text(unfit) }),
    ...(withoutDatabase === undefined
      ? {}
      : { withoutDatabase: withoutDatabase === null ? null : text(withoutDatabase) }),
  };
  if (serving === true && typeof proof === 'string') return { ...look, serving, proof };
  return serving === false ? { ...look, serving, ...no(why) } : null;
}

export function readDemote(answer: unknown): DemoteResult | null {
  const { demoted, proof, ...why } = fieldsOf(answer);
  if (demoted === true && typeof proof === 'string') return { demoted, proof };
  return demoted === false ? { demoted, ...no(why) } : null;
}

export function readLock(answer: unknown): LockResult | null {
  const { locked, away, proof, ...why } = fieldsOf(answer);
  if (locked === true && typeof proof === 'string') return { locked, proof };
  return locked === false ? { locked, away: away === true, ...no(why) } : null;
}

export function readUnlock(answer: unknown): UnlockResult | null {
  const { unlocked, proof, ...why } = fieldsOf(answer);
  if (unlocked === true && typeof proof === 'string') return { unlocked, proof };
  return unlocked === false ? { unlocked, ...no(why) } : null;
}

/** A recovery without its count is no answer: the ledger would be guessed. */
export function readRecover(answer: unknown): RecoverResult | null {
  const {
    recovered,
    before,
    connectionOriented,
    movedAside,
    stayed,
    ownSessions,
    notes,
    proof,
    away,
    notChosen,
    told,
    ...why
  } = fieldsOf(answer);
  const counts = countsOf(before);
  if (recovered === true && counts !== null && typeof proof === 'string') {
    return {
      recovered,
      before: counts,
      connectionOriented: count(connectionOriented) ?? 0,
      movedAside: count(movedAside) ?? 0,
      stayed: countsOf(stayed),
      ownSessions: count(ownSessions),
      notes: texts(notes),
      proof,
    };
  }
  if (recovered !== false) return null;
  const chosen = notChosen === true ? { notChosen: true as const } : {};
  return { recovered, away: away === true, before: counts, ...toldIn(told), ...chosen, ...no(why) };
}

function toldIn(told: unknown): { told?: CallCounts | false } {
  if (told === false) return { told };
  const counts = countsOf(told);
  return counts === null ? {} : { told: counts };
}

export function readAlive(answer: unknown): AliveResult | null {
  const { known, alive, planned, sessions, unregisteredGateways, told, ...why } = fieldsOf(answer);
  const counts = countsOf(alive);
  if (known === true && counts !== null) {
    const gateways = Array.isArray(unregisteredGateways) ? texts(unregisteredGateways) : null;
    return {
      known,
      alive: counts,
      planned: countsOf(planned),
      sessions: count(sessions),
      unregisteredGateways: gateways,
    };
  }
  return known === false ? { known, ...(told === false && { told }), ...no(why) } : null;
}

/** A VIP whose calls cannot be read is left out and named: no number is better than a wrong one. */
export function readForecast(answer: unknown): Forecast | null {
  const { nodeId, sessions, vips, unanswered, unknown, ...place } = fieldsOf(answer);
  if (typeof nodeId !== 'string' || !Array.isArray(vips)) return null;
  const read = (vips as unknown[]).map(readVipForecast);
  const unreadable = read.some((vip) => vip === null) ? ['the calls of a VIP: the answer was not understood'] : [];
  return {
    nodeId,
    sessions: count(sessions),
    vips: read.filter((vip) => vip !== null),
    unanswered: count(unanswered),
    unknown: [...texts(unknown), ...unreadable],
    ...unreached(place),
  };
}

export function readInspection(answer: unknown): Inspection | null {
  const { nodeId, level, missing, conflicts, ...place } = fieldsOf(answer);
  const reached = ([0, 1, 2, 3, null] as const).find((each) => each === level);
  if (typeof nodeId !== 'string' || reached === undefined || !Array.isArray(conflicts)) return null;
  return { nodeId, level: reached, missing: texts(missing), conflicts: texts(conflicts), ...unreached(place) };
}

function readVipForecast(value: unknown): Forecast['vips'][number] | null {
  const fields = fieldsOf(value);
  const calls = count(fields['calls']);
  const connectionOriented = count(fields['connectionOriented']);
  if (typeof fields['vipId'] !== 'string' || calls === null || connectionOriented === null) return null;
  return { vipId: fields['vipId'], calls, connectionOriented };
}

export function fieldsOf(answer: unknown): Record<string, unknown> {
  return typeof answer === 'object' && answer !== null ? { ...answer } : {};
}

function countsOf(value: unknown): CallCounts | null {
  const fields = fieldsOf(value);
  const calls = count(fields['calls']);
  const legs = count(fields['legs']);
  return calls === null || legs === null ? null : { calls, legs };
}

export function count(value: unknown): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null;
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? (value as unknown[]).filter((each) => typeof each === 'string') : [];
}

/** Why not, and whether another zone could do better. */
export function no(fields: Record<string, unknown>): No {
  return { reason: text(fields['reason']), ...unreached(fields) };
}

function unreached(fields: Record<string, unknown>): Unreached {
  return fields['unreached'] === true ? { unreached: true } : {};
}

function text(reason: unknown): string {
  return typeof reason === 'string' ? reason : 'no reason given';
}
