/**
 * Items back to the model. Unknown fields are ignored and missing newer ones get their default, so that this version
 * reads what the previous and the next one write; what is nonsense throws MalformedItem, because acting on a guessed
 * epoch or holder would be worse than not acting.
 */
import type {
  CallsLedger,
  ClusterControl,
  Holder,
  Incident,
  InstanceEvidence,
  LossReason,
  NodeState,
  ObserverLease,
  StepName,
  StepRecord,
  StoredIncident,
  Transition,
  VipState,
} from '../../domain/model';
import { STEP_NAMES, transitionId } from '../../domain/model';
import type { PlainItem } from './attributes';
import { Fields } from './fields';

/** Every kind, checked by the compiler: a new one in the model must be added here. */
const INCIDENT_KIND_SET: Record<Incident['kind'], true> = {
  'no-candidate': true,
  blocked: true,
  misconfigured: true,
  'quorum-lost': true,
  'sip-stuck': true,
  'vip-stuck': true,
  'retargets-exhausted': true,
  'database-trouble': true,
  'gray-failure': true,
  'no-holder': true,
  'zone-failure': true,
  overload: true,
  'holder-withdrawn': true,
  'clock-ahead': true,
  'second-server': true,
  'failover-limit': true,
  'transition-limit': true,
};
export const INCIDENT_KINDS = Object.keys(INCIDENT_KIND_SET) as Incident['kind'][];

const CAUSES: Record<Transition['cause'], true> = {
  'conclusive-death': true,
  'suspected-death': true,
  'sip-stuck': true,
  restarted: true,
  'holder-in-standby': true,
  'first-assignment': true,
  'candidate-died': true,
  'preferred-node-back': true,
  operator: true,
  'operator-drained': true,
};

const LOSSES: Record<LossReason, true> = {
  'no-row': true,
  'connection-oriented': true,
  'not-rebuilt': true,
  ended: true,
  'database-unreachable': true,
  'given-up': true,
  unfenced: true,
};

const KINDS: Record<Transition['kind'], true> = {
  assignment: true,
  failover: true,
  switchover: true,
  failback: true,
  reinstatement: true,
};

const keysOf = <T extends string>(record: Record<T, true>): T[] => Object.keys(record) as T[];

export const fieldsOf = (item: PlainItem): Fields => new Fields(`item ${item.pk} / ${item.sk}`, item);

/** The part of a sort key after its first `#`. */
const idOf = (item: PlainItem): string => item.sk.slice(item.sk.indexOf('#') + 1);

export function decodeControl(item: PlainItem): ClusterControl {
  const fields = fieldsOf(item);
  return {
    paused: fields.booleanOr('paused', false),
    pausedReason: fields.stringOrNull('pausedReason'),
    pausedUntilMs: fields.numberOrNull('pausedUntilMs'),
    // A count that fell below zero (an item edited by hand) must not raise the cap.
    transitionsInFlight: Math.max(0, fields.number('transitionsInFlight')),
  };
}

export function decodeNode(item: PlainItem): NodeState {
  const fields = fieldsOf(item);
  return {
    nodeId: idOf(item),
    paused: fields.booleanOr('paused', false),
    pausedUntilMs: fields.numberOrNull('pausedUntilMs'),
    claims: fields.strings('claims').sort(),
    lockedBy: fields.stringOrNull('lockedBy'),
  };
}

export function decodeVip(item: PlainItem): VipState {
  const fields = fieldsOf(item);
  const nodeId = fields.stringOrNull('holderNode');
  return {
    vipId: idOf(item),
    epoch: fields.natural('epoch'),
    holder: nodeId === null ? null : { nodeId, coreUuid: fields.stringOrNull('holderCoreUuid') },
    status: fields.oneOf('status', ['unassigned', 'moving', 'held']),
    changedAtMs: fields.numberOr('changedAtMs', 0),
    paused: fields.booleanOr('paused', false),
    pausedUntilMs: fields.numberOrNull('pausedUntilMs'),
    lastAutomaticFailoverAtMs: fields.numberOrNull('lastAutomaticFailoverAtMs'),
    recentFailoversAtMs: fields.jsonNumbers('recentFailoversAtMs'),
    failoverEvents: fields.jsonTexts('failoverEvents'),
    acknowledgedAtMs: fields.numberOrNull('acknowledgedAtMs'),
  };
}

export function decodeInstance(item: PlainItem): InstanceEvidence {
  const fields = fieldsOf(item);
  return { nodeId: idOf(item), state: fields.string('state'), atMs: fields.number('atMs') };
}

export function decodeLease(item: PlainItem): ObserverLease {
  const fields = fieldsOf(item);
  return {
    zone: idOf(item),
    owner: fields.string('owner'),
    startedAtMs: fields.number('startedAtMs'),
    renewedAtMs: fields.number('renewedAtMs'),
    untilMs: fields.number('untilMs'),
    codeVersion: fields.string('codeVersion'),
    topologyVersion: fields.string('topologyVersion'),
  };
}

export function decodeTransition(item: PlainItem): Transition {
  const fields = fieldsOf(item);
  const vipId = item.pk.slice(item.pk.indexOf('#') + 1);
  const epoch = fields.natural('epoch');
  const from = fields.objectOrNull('from');
  const chain = fields.object('chain');
  const leaseOwner = fields.stringOrNull('leaseOwner');
  return {
    id: transitionId(vipId, epoch),
    vipId,
    epoch,
    kind: fields.oneOf('kind', keysOf(KINDS)),
    cause: fields.oneOf('cause', keysOf(CAUSES)),
    from: from === null ? null : decodeHolder(from),
    to: decodeHolder(fields.object('to')),
    reasons: fields.strings('reasons'),
    sessionsBefore: fields.numberOrNull('sessionsBefore'),
    oldClockOffsetMs: fields.numberOrNull('oldClockOffsetMs'),
    detectedAtMs: fields.number('detectedAtMs'),
    decidedAtMs: fields.number('decidedAtMs'),
    decidedBy: fields.string('decidedBy'),
    chain: { rootEpoch: chain.natural('rootEpoch'), retargets: chain.natural('retargets') },
    status: fields.oneOf('status', ['open', 'done', 'stuck', 'superseded']),
    closedAtMs: fields.numberOrNull('closedAtMs'),
    lease: leaseOwner === null ? null : { owner: leaseOwner, untilMs: fields.number('leaseUntilMs') },
    steps: decodeSteps(fields.object('steps')),
    calls: decodeCalls(fields.jsonOrNull('calls')),
  };
}

function decodeCalls(fields: Fields | null): CallsLedger | null {
  if (fields === null) return null;
  return {
    before: fields.natural('before'),
    legsBefore: fields.natural('legsBefore'),
    resurrected: fields.numberOrNull('resurrected'),
    aliveAfter5s: fields.numberOrNull('aliveAfter5s'),
    aliveAfter30s: fields.numberOrNull('aliveAfter30s'),
    // A ledger from before calls were confirmed has none of the three.
    confirmed: fields.numberOrNull('confirmed'),
    beingWritten: fields.numberOrNull('beingWritten') ?? 0,
    ownSessions: fields.numberOrNull('ownSessions'),
    lost: fields.list('lost').map((value, index) => {
      const loss = new Fields(`lost[${index}] of a survival ledger`, value);
      return { reason: loss.oneOf('reason', keysOf(LOSSES)), count: loss.natural('count') };
    }),
    recoveredAtMs: fields.numberOrNull('recoveredAtMs'),
    notes: fields.strings('notes'),
    ...decodeUncertain(fields),
  };
}

function decodeUncertain(fields: Fields): Pick<CallsLedger, 'countedBy' | 'givenUp'> {
  const countedBy = fields.stringOrNull('countedBy');
  const givenUp = fields.stringOrNull('givenUp');
  return {
    ...(countedBy !== null && { countedBy }),
    ...(givenUp !== null && { givenUp: fields.oneOf('givenUp', GIVEN_UP) }),
  };
}

const GIVEN_UP = ['database-unreachable', 'given-up'] as const;

export function decodeIncident(item: PlainItem): StoredIncident {
  const fields = fieldsOf(item);
  const kind = item.pk.slice(item.pk.indexOf('#') + 1);
  return {
    kind: new Fields(`key of item ${item.pk} / ${item.sk}`, { kind }).oneOf('kind', INCIDENT_KINDS),
    vipId: fields.stringOrNull('vipId'),
    nodeId: fields.stringOrNull('nodeId'),
    epoch: fields.numberOrNull('epoch'),
    reasons: fields.strings('reasons'),
    atMs: fields.number('atMs'),
    notifiedAtMs: fields.numberOrNull('notifiedAtMs'),
    // An incident from before they were told late has none of the two.
    overAtMs: fields.numberOrNull('overAtMs'),
    untoldSinceMs: fields.numberOrNull('untoldSinceMs'),
  };
}

function decodeHolder(fields: Fields): Holder {
  return { nodeId: fields.string('nodeId'), coreUuid: fields.stringOrNull('coreUuid') };
}

function decodeSteps(fields: Fields): Record<StepName, StepRecord> {
  const steps = STEP_NAMES.map((name) => [name, decodeStep(fields.objectOrNull(name))] as const);
  return Object.fromEntries(steps) as Record<StepName, StepRecord>;
}

/** A step that the writing version did not know is not run: its transition was planned without it. */
function decodeStep(fields: Fields | null): StepRecord {
  if (fields === null) {
    const proof = 'the version that wrote this journal did not know this step';
    return { status: 'skipped', attempts: 0, startedAtMs: null, finishedAtMs: null, proof, error: null };
  }
  return {
    status: fields.oneOf('status', ['pending', 'done', 'failed', 'skipped']),
    attempts: fields.natural('attempts'),
    startedAtMs: fields.numberOrNull('startedAtMs'),
    finishedAtMs: fields.numberOrNull('finishedAtMs'),
    proof: fields.stringOrNull('proof'),
    error: fields.stringOrNull('error'),
    ...decodeOrdered(fields.objectOrNull('ordered')),
  };
}

function decodeOrdered(fields: Fields | null): Pick<StepRecord, 'ordered'> {
  if (fields === null) return {};
  return {
    ordered: { by: fields.string('by'), calls: fields.numberOrNull('calls'), legs: fields.numberOrNull('legs') },
  };
}
