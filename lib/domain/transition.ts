/** The journal of a change of holder: how it begins, which steps it has, and what may run when. Pure. */
import type { Change } from './decide';
import type { Observation, Policy, StepName, StepRecord, Topology, Transition } from './model';
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
export function firstRecord(step: StepName, change: Change, policy: Policy): StepRecord {
  switch (step) {
    case 'fence':
      return change.transition === 'assignment' ? skipped('there was no holder before') : PENDING;
    case 'notify':
      return change.transition === 'assignment' ? skipped('a first assignment pages nobody') : PENDING;
    case 'stop':
      if (change.transition !== 'failover') return skipped('only the old node of a failover is stopped');
      return policy.stopFailedNode ? PENDING : skipped('the policy keeps failed nodes running (stopFailedNode: false)');
    case 'detach':
    case 'attach':
    case 'dns':
    case 'promote':
    case 'verify':
      return PENDING;
    default:
      return assertNever(step);
  }
}

/** Everything the decision's transaction writes. */
export function decisionWrite(
  change: Change,
  topology: Topology,
  observations: readonly Observation[],
  nowMs: number,
  actor: string,
): DecisionWrite {
  const epoch = change.expectedEpoch + 1;
  const steps = Object.fromEntries(
    STEP_NAMES.map((step) => [step, firstRecord(step, change, topology.policy)]),
  ) as Record<StepName, StepRecord>;
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
  };
  return {
    transition,
    expectedEpoch: change.expectedEpoch,
    startsBlock: change.startsBlock,
    maxVipsPerNode: topology.policy.maxVipsPerNode,
    maxTransitionsInFlight: topology.policy.maxTransitionsInFlight,
    supersedes: previous?.status === 'open' ? previous.id : null,
  };
}

/** What was at stake: the highest session count that an observer last read from the old holder. */
function lastKnownSessions(observations: readonly Observation[], change: Change): number | null {
  const counts = observations
    .filter((each) => each.nodeId === change.from?.nodeId)
    .flatMap((each) => (each.lastSessions === null ? [] : [each.lastSessions]));
  return counts.length === 0 ? null : Math.max(...counts);
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
      return [];
    case 'attach':
      return ['detach'];
    case 'dns':
    case 'promote':
      return hasElasticIp ? ['attach'] : ['attach', 'fence'];
    case 'verify':
      return ['fence', 'dns', 'promote'];
    case 'notify':
      return ['verify'];
    case 'stop':
      // With a public address the old node goes last and out of the way; without one its stop may be the only fence.
      return hasElasticIp ? ['promote'] : [];
    default:
      return assertNever(step);
  }
}

/** Steps whose end makes the change of holder complete; `notify` and `stop` may come after. */
export const CLOSING_STEPS: readonly StepName[] = ['fence', 'detach', 'attach', 'dns', 'promote', 'verify'];

export function isComplete(transition: Transition): boolean {
  return CLOSING_STEPS.every((step) => isSettled(transition.steps[step]));
}
