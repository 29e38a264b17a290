/** What a node-control function answers, read with care: it may be of another version than the caller. Pure. */
import type {
  AliveResult,
  CallCounts,
  CheckResult,
  DemoteResult,
  Forecast,
  Inspection,
  LockResult,
  PromoteResult,
  RecoverResult,
  ShutdownProof,
  UnlockResult,
} from '../domain/ports';

/** null when it is no answer that this version understands. */
export function readShutdown(answer: unknown): ShutdownProof | null {
  const { fenced, proof, reason } = fieldsOf(answer);
  if (fenced === true && typeof proof === 'string') return { fenced, proof };
  return fenced === false ? { fenced, reason: text(reason) } : null;
}

export function readPromote(answer: unknown): PromoteResult | null {
  const { promoted, coreUuid, proof, reason } = fieldsOf(answer);
  if (promoted === true && typeof coreUuid === 'string' && typeof proof === 'string') {
    return { promoted, coreUuid, proof };
  }
  return promoted === false ? { promoted, reason: text(reason) } : null;
}

export function readCheck(answer: unknown): CheckResult | null {
  const { serving, coreUuid, unfit, withoutDatabase, proof, reason } = fieldsOf(answer);
  const look = {
    coreUuid: typeof coreUuid === 'string' ? coreUuid : null,
    // The version before asks OPTIONS alone: that is no word on the process, neither for nor against it.
    ...(unfit === undefined ? {} : { unfit: unfit === null ? null : text(unfit) }),
    ...(withoutDatabase === undefined
      ? {}
      : { withoutDatabase: withoutDatabase === null ? null : text(withoutDatabase) }),
  };
  if (serving === true && typeof proof === 'string') return { ...look, serving, proof };
  return serving === false ? { ...look, serving, reason: text(reason) } : null;
}

export function readDemote(answer: unknown): DemoteResult | null {
  const { demoted, proof, reason } = fieldsOf(answer);
  if (demoted === true && typeof proof === 'string') return { demoted, proof };
  return demoted === false ? { demoted, reason: text(reason) } : null;
}

export function readLock(answer: unknown): LockResult | null {
  const { locked, away, proof, reason } = fieldsOf(answer);
  if (locked === true && typeof proof === 'string') return { locked, proof };
  return locked === false ? { locked, away: away === true, reason: text(reason) } : null;
}

export function readUnlock(answer: unknown): UnlockResult | null {
  const { unlocked, proof, reason } = fieldsOf(answer);
  if (unlocked === true && typeof proof === 'string') return { unlocked, proof };
  return unlocked === false ? { unlocked, reason: text(reason) } : null;
}

/** A recovery without its count is no answer: the ledger would be guessed. */
export function readRecover(answer: unknown): RecoverResult | null {
  const { recovered, before, connectionOriented, movedAside, stayed, ownSessions, notes, proof, away, reason } =
    fieldsOf(answer);
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
  return recovered === false ? { recovered, away: away === true, before: counts, reason: text(reason) } : null;
}

export function readAlive(answer: unknown): AliveResult | null {
  const { known, alive, sessions, unregisteredGateways, reason } = fieldsOf(answer);
  const counts = countsOf(alive);
  if (known === true && counts !== null) {
    const gateways = Array.isArray(unregisteredGateways) ? texts(unregisteredGateways) : null;
    return { known, alive: counts, sessions: count(sessions), unregisteredGateways: gateways };
  }
  return known === false ? { known, reason: text(reason) } : null;
}

/** A VIP whose calls cannot be read is left out and named: no number is better than a wrong one. */
export function readForecast(answer: unknown): Forecast | null {
  const { nodeId, sessions, vips, unanswered, unknown } = fieldsOf(answer);
  if (typeof nodeId !== 'string' || !Array.isArray(vips)) return null;
  const read = (vips as unknown[]).map(readVipForecast);
  const unreadable = read.some((vip) => vip === null) ? ['the calls of a VIP: the answer was not understood'] : [];
  return {
    nodeId,
    sessions: count(sessions),
    vips: read.filter((vip) => vip !== null),
    unanswered: count(unanswered),
    unknown: [...texts(unknown), ...unreadable],
  };
}

export function readInspection(answer: unknown): Inspection | null {
  const { nodeId, level, missing, conflicts } = fieldsOf(answer);
  const reached = ([0, 1, 2, 3, null] as const).find((each) => each === level);
  if (typeof nodeId !== 'string' || reached === undefined || !Array.isArray(conflicts)) return null;
  return { nodeId, level: reached, missing: texts(missing), conflicts: texts(conflicts) };
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

export function text(reason: unknown): string {
  return typeof reason === 'string' ? reason : 'no reason given';
}
