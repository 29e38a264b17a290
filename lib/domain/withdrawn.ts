/**
 * A holder that somebody or something takes out of service while it holds its VIP: `fsctl pause`, a shutdown that waits
 * for the last call, an instance on its way down, the failover of another VIP that left it behind. It answers, so it is
 * never failed over; callers are refused all the same, or will be soon, or their calls are not written down any more, so
 * somebody is told when it lasts. Pure.
 */
import { incident, none, type Decision } from './decision';
import { ANSWERING, sightOf } from './failure-kinds/sight';
import { lastingMs } from './gray';
import { quorumOf, transitionId, type ClusterSnapshot, type Holder, type VipState } from './model';
import { EVIDENCE_OUTLIVED_MS, instanceNotRunning } from './voters';
import { votesOn, type Vote } from './votes';

/** EC2's word counts for no longer than it is outlived: the other half is left to tell of it, however patient the policy. */
const GOING_LASTS_MS = EVIDENCE_OUTLIVED_MS / 2;

interface Withdrawal {
  /** What a majority sees, and what ends it. */
  reasons: string[];
  /** It lasts longer than a gray failure may. */
  lasts: boolean;
}

/** Not well, and after a while an incident; null where the holder is not taken out of service. */
export function whenWithdrawn(
  snapshot: ClusterSnapshot,
  state: VipState,
  holder: Holder,
  nowMs: number,
): Decision | null {
  const found = withdrawalOf(snapshot, state, holder, nowMs);
  if (found === null) return null;
  const { reasons, lasts } = found;
  return lasts
    ? incident(state.vipId, state, 'holder-withdrawn', nowMs, reasons, holder.nodeId)
    : none(state.vipId, ...reasons);
}

function withdrawalOf(snapshot: ClusterSnapshot, state: VipState, holder: Holder, nowMs: number): Withdrawal | null {
  const { topology, observations } = snapshot;
  const votes = votesOn(topology, observations, state, holder, nowMs).filter(
    ({ observation }) => observation.observedAtMs > state.changedAtMs,
  );
  const seenBy = (...sights: readonly ReturnType<typeof sightOf>[]): Vote[] =>
    votes.filter(({ observation }) => sights.includes(sightOf(observation, state.vipId, holder)));
  const needed = quorumOf(topology.observers.length);
  const limitMs = lastingMs(topology.policy);
  const { nodeId } = holder;

  const answering = seenBy(...ANSWERING);
  const going = answering.length < needed ? null : goingDown(snapshot, nodeId, answering);
  if (going !== null) {
    const says = `EC2 says that the instance of ${nodeId} is ${going.state}, and it still answers ${zonesOf(answering)}`;
    return { reasons: [says, MOVE_REMEDY], lasts: nowMs - going.atMs > Math.min(limitMs, GOING_LASTS_MS) };
  }
  for (const [sight, says, remedy] of BY_HAND) {
    const seeing = seenBy(sight);
    if (seeing.length < needed) continue;
    const long = seeing.filter(({ observation: { withdrawnSinceMs } }) => {
      return withdrawnSinceMs !== null && nowMs - Math.max(withdrawnSinceMs, state.changedAtMs) > limitMs;
    });
    return { reasons: [`${nodeId} ${says}, seen from ${zonesOf(seeing)}`, remedy], lasts: long.length >= needed };
  }
  return answering.length < needed ? null : lockedOut(snapshot, nodeId, limitMs, nowMs);
}

/** The VIP that left it was failed over alone: this one waited for a human, or came back by itself. */
function lockedOut(
  { topology, nodes, vips }: ClusterSnapshot,
  nodeId: string,
  limitMs: number,
  nowMs: number,
): Withdrawal | null {
  const lockedBy = nodes.find((node) => node.nodeId === nodeId)?.lockedBy ?? null;
  if (lockedBy === null) return null;
  const gone = vips.find(({ vipId, epoch }) => transitionId(vipId, epoch) === lockedBy);
  const hasRows = topology.database !== null;
  const unwritten = hasRows ? ': it may not write down its calls, which would be lost with it' : '';
  const says = `${nodeId} is out of service since ${lockedBy}, and serves all the same${unwritten}`;
  const isUnderWay = gone !== undefined && (gone.status === 'moving' || nowMs - gone.changedAtMs <= limitMs);
  return {
    reasons: [says, hasRows ? LOCKED_REMEDY : 'a planned move ends that: `understudy switchover`'],
    lasts: !isUnderWay,
  };
}

const MOVE_REMEDY = 'a planned move would keep its calls: `understudy switchover`';

/** What was answered since the lock has no row, and no move brings it along. */
const LOCKED_REMEDY =
  'a planned move (`understudy switchover`) keeps the calls from before that and ends those since; ' +
  'after `understudy drain` these may end by themselves first';

const BY_HAND = [
  [
    'stopping',
    'was told to shut down (`fsctl shutdown elegant` or `asap`) and waits for its last call to end',
    `\`fsctl shutdown cancel\` in its FreeSWITCH ends that; if it is meant, ${MOVE_REMEDY}`,
  ],
  [
    'paused',
    'refuses new calls, or lets none of them out, since somebody typed `fsctl pause`; established ones go on',
    '`fsctl resume` in its FreeSWITCH ends that',
  ],
] as const;

const zonesOf = (votes: readonly Vote[]): string => votes.map(({ zone }) => zone).join(', ');

/** What EC2 said last, unless the node has been seen alive for so long since that the word is old. */
function goingDown(
  { instances }: ClusterSnapshot,
  nodeId: string,
  answering: readonly Vote[],
): { state: string; atMs: number } | null {
  const sinceMs = Math.min(...answering.map(({ observation }) => observation.observedAtMs));
  if (instanceNotRunning(instances, nodeId, sinceMs - EVIDENCE_OUTLIVED_MS) === null) return null;
  return instances.find((each) => each.nodeId === nodeId) ?? null;
}
