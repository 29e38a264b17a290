import { STEP_NAMES, type StepName, type StepRecord, type Transition } from '../../../lib/domain/model';
import type { Facts } from '../../../local/demo/facts';

export const FAULT_AT_MS = 1_000_000;

/** A step that ran from `startMs` to `endMs` after the fault. */
export function doneStep(startMs: number, endMs: number): StepRecord {
  return {
    status: 'done',
    attempts: 1,
    startedAtMs: FAULT_AT_MS + startMs,
    finishedAtMs: FAULT_AT_MS + endMs,
    proof: 'read back',
    error: null,
  };
}

export const pendingStep: StepRecord = {
  status: 'pending',
  attempts: 0,
  startedAtMs: null,
  finishedAtMs: null,
  proof: null,
  error: null,
};

/** A failover of `main` from a to b, done in 700 ms. */
export function transition(
  changes: Partial<Transition> = {},
  steps: Partial<Record<StepName, StepRecord>> = {},
): Transition {
  const all = Object.fromEntries(
    STEP_NAMES.map((step, index) => [step, doneStep(200 + index * 100, 300 + index * 100)]),
  ) as Record<StepName, StepRecord>;
  return {
    id: 'main#2',
    vipId: 'main',
    epoch: 2,
    kind: 'failover',
    cause: 'conclusive-death',
    from: { nodeId: 'a', coreUuid: 'uuid-a' },
    to: { nodeId: 'b', coreUuid: 'uuid-b' },
    sessionsBefore: 0,
    oldClockOffsetMs: null,
    reasons: ['3 of 3 observers: ESL refused, SIP silent'],
    detectedAtMs: FAULT_AT_MS + 50,
    decidedAtMs: FAULT_AT_MS + 200,
    decidedBy: 'observer us-east-1a',
    chain: { rootEpoch: 2, retargets: 0 },
    status: 'done',
    closedAtMs: FAULT_AT_MS + 1000,
    lease: null,
    steps: { ...all, ...steps },
    calls: null,
    ...changes,
  };
}

/** A kill of `a` that went as it should. */
export function recoveredFacts(changes: Partial<Facts> = {}): Facts {
  return {
    fault: 'kill',
    faultAtMs: FAULT_AT_MS,
    vipId: 'main',
    holder: { before: 'a', after: 'b' },
    epoch: { before: 1, after: 2 },
    addressOn: { before: 'a', after: 'b' },
    nameLeadsTo: { before: 'a', after: 'b' },
    hasPrivateName: true,
    transitions: [transition()],
    calls: { placed: 0, recoverable: true, ledger: null, sessionsNow: 0 },
    notifications: [
      { kind: 'page', subject: 'main: a -> b, callers are served', body: 'all well', receivedAtMs: FAULT_AT_MS + 900 },
      { kind: 'alarm', subject: 'ALARM: FailoverDecided main', body: '{}', receivedAtMs: FAULT_AT_MS + 60_000 },
    ],
    caller: {
      outageMs: 650,
      lastServedBeforeMs: FAULT_AT_MS - 20,
      firstServedAfterMs: FAULT_AT_MS + 630,
      servedByBefore: 'a',
      servedByAfter: 'b',
      servedNow: true,
    },
    ...changes,
  };
}

/** No standby fit: the holder died, nothing was torn down, and a human was told. */
export function tornNothingFacts(changes: Partial<Facts> = {}): Facts {
  return recoveredFacts({
    fault: 'no-standby',
    holder: { before: 'a', after: 'a' },
    epoch: { before: 1, after: 1 },
    addressOn: { before: 'a', after: 'a' },
    nameLeadsTo: { before: 'a', after: 'a' },
    transitions: [],
    notifications: [{ kind: 'page', subject: 'main: no standby is fit', body: '', receivedAtMs: FAULT_AT_MS + 900 }],
    caller: {
      outageMs: null,
      lastServedBeforeMs: FAULT_AT_MS - 20,
      firstServedAfterMs: null,
      servedByBefore: 'a',
      servedByAfter: null,
      servedNow: false,
    },
    ...changes,
  });
}
