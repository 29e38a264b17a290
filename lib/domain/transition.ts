/** The journal of a change of holder: how it begins, which steps it has, and what may run when. Pure. */
import { lastKnownClockOffsetMs } from './clocks';
import type { Change } from './decision';
import type {
  Cause,
  Observation,
  PastFailover,
  StepName,
  StepRecord,
  Topology,
  Transition,
  TransitionKind,
} from './model';
import { STEP_NAMES, assertNever, transitionId } from './model';
import type { DecisionWrite } from './ports';

const PENDING: StepRecord = {
  status: 'pending',
  attempts: 0,
  startedAtMs: null,
  finishedAtMs: null,
  proof: null,
  error: null,
};

function skipped(why: string): StepRecord {
  return { ...PENDING, status: 'skipped', proof: why };
}

/** The first record of each step: pending, or skipped with the reason. */
export function firstRecord(step: StepName, change: Change, topology: Topology): StepRecord {
  const { policy } = topology;
  switch (step) {
    case 'fence':
      return change.from === null ? skipped('there was no holder before') : PENDING;
    case 'notify':
      return change.transition === 'assignment' ? skipped('a first assignment pages nobody') : PENDING;
    case 'lock':
      return lockNeeded(change, topology) ?? PENDING;
    case 'recover':
      return recoveryNeeded(change, topology) ?? PENDING;
    case 'stop':
      if (!losesNode(change.transition, change.cause) && !mayNeedStop(change, topology)) {
        return skipped('only a node that failed is stopped');
      }
      return policy.stopFailedNode ? PENDING : skipped('the policy keeps failed nodes running (stopFailedNode: false)');
    case 'restore':
      if (!losesNode(change.transition, change.cause)) return skipped('no node was lost');
      // What was locked must be unlocked, also where nothing is started by us.
      if (topology.database !== null || (policy.stopFailedNode && policy.restoreFailedNode)) return PENDING;
      return skipped('the policy leaves failed nodes to their owner (restoreFailedNode: false)');
    case 'detach':
    case 'attach':
    case 'dns':
    case 'promote':
    case 'verify':
    case 'ledger':
      return PENDING;
    default:
      return assertNever(step);
  }
}

/** Whether the node that is left failed, as the holder or on the way to it; that of a planned move is well. */
export function losesNode(kind: TransitionKind, cause: Cause): boolean {
  return kind === 'failover' || cause === 'candidate-died';
}

/** Without a public address the stop is what is left where an old process that is to end by order gives no proof of it. */
function mayNeedStop(change: Change, { vips }: Topology): boolean {
  const vip = vips.find((each) => each.id === change.vipId);
  return vip?.elasticIp === null && endsByOrder(change.cause);
}

/** A planned move with the calls; one that was drained leaves its old node running. */
export function endsByOrder(cause: Cause): boolean {
  return cause === 'operator' || cause === 'preferred-node-back';
}

/** The record of a recovery that has nothing to do; null where there may be calls to save, or registrations alone. */
function recoveryNeeded(change: Change, topology: Topology): StepRecord | null {
  if (topology.database === null) return skipped('the cluster has no database: established calls are not recovered');
  if (change.from === null) return skipped('there was no holder before');
  if (change.cause === 'holder-in-standby') return skipped('the same process goes on: its calls never left it');
  return null;
}

/**
 * The role is locked where the old process may live on. A process that is proved gone (restarted, or ended by our own
 * order) writes no more, and its node's next incarnation needs the role to come up as a standby.
 */
function lockNeeded(change: Change, topology: Topology): StepRecord | null {
  const nothing = recoveryNeeded(change, topology);
  if (nothing !== null) return nothing;
  if (change.cause === 'operator-drained') return skipped('the old node lives and stays: it may hold other VIPs');
  if (change.cause === 'restarted') return skipped('the old process is gone, and its node goes on with the same role');
  if (endsByOrder(change.cause) && change.transition !== 'failover') {
    return skipped('the old process ends by order: its proof is that of step fence');
  }
  return null;
}

/** Everything the decision's transaction writes. */
export function decisionWrite(
  change: Change,
  topology: Topology,
  observations: readonly Observation[],
  nowMs: number,
  actor: string,
  failoversBefore: readonly PastFailover[] = [],
  event: string | null = null,
): DecisionWrite {
  const epoch = change.expectedEpoch + 1;
  const steps = Object.fromEntries(STEP_NAMES.map((step) => [step, firstRecord(step, change, topology)])) as Record<
    StepName,
    StepRecord
  >;
  const previous = change.follows;
  const transition: Transition = {
    id: transitionId(change.vipId, epoch),
    vipId: change.vipId,
    epoch,
    kind: change.transition,
    cause: change.cause,
    from: change.from,
    to: change.to,
    reasons: change.reasons,
    sessionsBefore: previous?.sessionsBefore ?? lastKnownSessions(observations, change),
    oldClockOffsetMs: change.from === null ? null : lastKnownClockOffsetMs(observations, change.from.nodeId),
    detectedAtMs: change.detectedAtMs,
    decidedAtMs: nowMs,
    decidedBy: actor,
    chain:
      previous === null
        ? { rootEpoch: epoch, retargets: 0 }
        : {
            rootEpoch: previous.chain.rootEpoch,
            retargets: previous.status === 'open' ? previous.chain.retargets + 1 : 0,
          },
    status: 'open',
    closedAtMs: null,
    lease: null,
    steps,
    calls: null,
  };
  return {
    transition,
    expectedEpoch: change.expectedEpoch,
    startsBlock: change.startsBlock,
    failoversBefore,
    event,
    maxVipsPerNode: maxVipsOnHolder(topology, transition),
    maxTransitionsInFlight: topology.policy.maxTransitionsInFlight,
    supersedes: previous?.status === 'open' ? previous.id : null,
  };
}

/**
 * How many VIPs the new holder may have with this one. The policy says what is chosen; a first holder that the callers
 * are on already is not chosen.
 */
export function maxVipsOnHolder(
  { policy, vips }: Topology,
  { kind, vipId, to }: Pick<Transition, 'kind' | 'vipId' | 'to'>,
): number {
  const carrier = vips.find((vip) => vip.id === vipId)?.firstHolder ?? null;
  return kind === 'assignment' && to.nodeId === carrier ? vips.length : policy.maxVipsPerNode;
}

/** What was at stake: the highest session count that an observer last read from the old holder. */
function lastKnownSessions(observations: readonly Observation[], change: Change): number | null {
  const counts = observations
    .filter((each) => each.nodeId === change.from?.nodeId)
    .flatMap((each) => (each.lastSessions === null ? [] : [each.lastSessions]));
  return counts.length === 0 ? null : Math.max(...counts);
}

/** Whether its target may have calls of the VIP: rebuilt ones, those it was told to rebuild, or new ones. */
export function tookCalls({ steps: { recover, promote } }: Transition): boolean {
  return recover.status === 'done' || recover.ordered !== undefined || promote.status === 'done';
}

/** Whether it is open, and nobody who lives works on it. */
export function isLeftAlone({ status, lease }: Transition, nowMs: number): boolean {
  return status === 'open' && (lease === null || lease.untilMs <= nowMs);
}

/** A step that needs no more work. */
export function isSettled(record: StepRecord): boolean {
  return record.status === 'done' || record.status === 'skipped';
}

/**
 * What has to be settled before a step may begin (DESIGN invariant 3: no effect without its proof).
 * `dns` runs beside `promote`, never in front of it: Route 53's control plane has been away for hours.
 * A VIP without a public address has nothing that could be taken away, so its promotion waits for the fence.
 */
export function prerequisites(step: StepName, hasElasticIp: boolean): StepName[] {
  switch (step) {
    case 'fence':
    case 'detach':
    case 'lock':
      return [];
    case 'recover':
      // So that no re-INVITE waits for its retransmission (FACTS 7.5). Which fence its rows need, the step itself knows.
      return ['attach'];
    case 'attach':
      return ['detach'];
    case 'dns':
    case 'promote':
      return hasElasticIp ? ['attach'] : ['attach', 'fence'];
    case 'verify':
      // Who has a public address is served by it. Without one nobody is, before the name leads there.
      return hasElasticIp ? ['fence', 'promote'] : ['fence', 'dns', 'promote'];
    case 'notify':
      return ['verify'];
    case 'ledger':
      return hasElasticIp ? ['recover', 'verify'] : ['recover', 'promote'];
    case 'restore':
      // Not for the name: while Route 53 is away the next failover needs a standby all the same.
      return hasElasticIp ? ['stop', 'lock', 'verify', 'recover'] : ['stop', 'lock', 'fence', 'promote', 'recover'];
    case 'stop':
      // With a public address the old node goes last and out of the way; without one its stop may be the only fence.
      return hasElasticIp ? ['promote'] : [];
    default:
      return assertNever(step);
  }
}

/**
 * What a step lets go first without needing it: new calls are let in after the established ones were rebuilt (one that
 * arrives meanwhile would get a recovered call's RTP port, FACTS 8.3), but they do not wait for a database that is away.
 */
export function lets(step: StepName): StepName[] {
  switch (step) {
    case 'promote':
      return ['recover'];
    case 'recover':
      return ['lock', 'fence'];
    case 'stop':
      // A process that is to end by order, and proves that it did, needs none.
      return ['fence'];
    case 'verify':
      // For a few seconds: usually it is read back with all the rest.
      return ['dns'];
    default:
      return [];
  }
}

const CLOSING_STEPS: readonly StepName[] = ['fence', 'detach', 'attach', 'dns', 'recover', 'promote', 'verify'];

/**
 * Steps whose end makes the change of holder complete; the others may come after. The private name is one of them where
 * it alone leads callers to the new holder.
 */
export function closingSteps(hasElasticIp: boolean): readonly StepName[] {
  return hasElasticIp ? CLOSING_STEPS.filter((step) => step !== 'dns') : CLOSING_STEPS;
}

/** What goes on when callers are served already: the name, the page, the count of the calls, the old node. */
export const LATER_STEPS: readonly StepName[] = ['dns', 'notify', 'lock', 'ledger', 'stop', 'restore'];

/** The closing steps that are not settled: empty when the change of holder is complete. */
export function waitingSteps({ steps }: Transition, hasElasticIp: boolean): StepName[] {
  return closingSteps(hasElasticIp).filter((step) => !isSettled(steps[step]));
}

/** Whether nothing but the private name, and the proof that waits for it, is left: Route 53 may be away for hours. */
export function waitsForName(waiting: readonly StepName[]): boolean {
  return waiting.includes('dns') && waiting.every((step) => step === 'dns' || step === 'verify');
}
