/** One question of the caller. `pending` while neither an answer nor the deadline has come. */
export interface CallRecord {
  sentAtMs: number;
  outcome: 'pending' | 'served' | 'not-served' | 'lost';
  /** When the answer came; `null` for lost and pending ones. */
  answeredAtMs: number | null;
  /** SIP status code of the answer. */
  status: number | null;
  /** Private address that answered, where the gateway told it. */
  answeredBy: string | null;
}

/** What the caller saw of one fault. Times are epoch milliseconds. */
export interface CallerSummary {
  /** `none`: every question was served. `ongoing`: no stable service again up to the end of the log. */
  outage: 'none' | 'over' | 'ongoing';
  /** From the last good answer before the outage to the first good one after it; 0 for none, null while ongoing. */
  outageMs: number | null;
  lastServedBeforeMs: number | null;
  firstServedAfterMs: number | null;
  servedByBefore: string | null;
  servedByAfter: string | null;
  /** Whether the last {@link STABLE_ANSWERS} questions were all served. */
  servedNow: boolean;
  counts: { asked: number; served: number; notServed: number; lost: number; failedAfterRecovery: number };
}

/**
 * So many answers in a row, all good and from one node, count as service: a single 200 that a thawing or starting
 * node throws in does not end an outage. A quarter of a second at twenty questions a second.
 */
export const STABLE_ANSWERS = 5;

/**
 * The outage that followed a fault. It begins with the first failed question that was still open at the fault or sent
 * after it, and ends with the first good answer of a stable state; flapping between the two belongs to it.
 */
export function summarize(log: readonly CallRecord[], faultAtMs: number): CallerSummary {
  const records = log.filter((record) => record.outcome !== 'pending').sort((a, b) => a.sentAtMs - b.sentAtMs);
  const failure = records.findIndex((record) => failed(record) && openAt(record, faultAtMs));
  if (failure < 0) return { ...nothingHappened(records, faultAtMs), counts: counts(records, records.length) };
  const before = records.slice(0, failure).findLast(served) ?? null;
  const recovery = records.findIndex((_, index) => index > failure && stableFrom(records, index));
  const after = records[recovery] ?? null;
  const base = {
    lastServedBeforeMs: before?.answeredAtMs ?? null,
    servedByBefore: before?.answeredBy ?? null,
    servedNow: servedAtTheEnd(records),
    counts: counts(records, recovery < 0 ? records.length : recovery),
  };
  if (after === null || after.answeredAtMs === null) {
    return { ...base, outage: 'ongoing', outageMs: null, firstServedAfterMs: null, servedByAfter: null };
  }
  return {
    ...base,
    outage: 'over',
    // A caller that was never served before has waited since the fault.
    outageMs: after.answeredAtMs - (before?.answeredAtMs ?? faultAtMs),
    firstServedAfterMs: after.answeredAtMs,
    servedByAfter: after.answeredBy,
  };
}

const served = (record: CallRecord): boolean => record.outcome === 'served';
const failed = (record: CallRecord): boolean => record.outcome === 'not-served' || record.outcome === 'lost';

/** A lost question has no end of its own: it counts when its deadline may have reached past the fault. */
function openAt(record: CallRecord, faultAtMs: number): boolean {
  return (record.answeredAtMs ?? record.sentAtMs + LOST_AFTER_MS) >= faultAtMs;
}

/** Deadline of one question. */
export const LOST_AFTER_MS = 400;

function stableFrom(records: readonly CallRecord[], index: number): boolean {
  const window = records.slice(index, index + STABLE_ANSWERS);
  const [first] = window;
  return (
    first !== undefined &&
    window.length === STABLE_ANSWERS &&
    window.every((record) => served(record) && record.answeredBy === first.answeredBy)
  );
}

const servedAtTheEnd = (records: readonly CallRecord[]): boolean =>
  stableFrom(records, Math.max(0, records.length - STABLE_ANSWERS));

function nothingHappened(records: readonly CallRecord[], faultAtMs: number): Omit<CallerSummary, 'counts'> {
  const before = records.findLast((record) => served(record) && (record.answeredAtMs ?? 0) < faultAtMs) ?? null;
  const after = records.find((record) => served(record) && (record.answeredAtMs ?? 0) >= faultAtMs) ?? null;
  const last = records.findLast(served) ?? null;
  return {
    outage: 'none',
    outageMs: 0,
    lastServedBeforeMs: before?.answeredAtMs ?? null,
    firstServedAfterMs: after?.answeredAtMs ?? null,
    servedByBefore: before?.answeredBy ?? null,
    servedByAfter: last?.answeredBy ?? null,
    servedNow: servedAtTheEnd(records),
  };
}

function counts(records: readonly CallRecord[], recovery: number): CallerSummary['counts'] {
  const count = (outcome: CallRecord['outcome']): number => records.filter((r) => r.outcome === outcome).length;
  return {
    asked: records.length,
    served: count('served'),
    notServed: count('not-served'),
    lost: count('lost'),
    failedAfterRecovery: records.slice(recovery).filter(failed).length,
  };
}
