/** The first holder of a VIP, and of one whose holder nobody remembers. */
import type { Candidate } from './candidate';
import { judgeCarrier } from './candidates';
import { incident, none, whyNot, type Decision } from './decision';
import { firstPlaces, waitingForHolder, type FirstPlace } from './first-places';
import type { ClusterSnapshot, Observation, VipState, VipTopology } from './model';
import { quorumOf } from './model';
import { instanceNotRunning } from './voters';
import { judgeHolder } from './votes';

/**
 * Nodes of a new cluster boot side by side, and the first to answer is not the one that was written first: a first
 * assignment waits this long for those before it. Nobody calls yet, and no failback would put it right later.
 */
const FIRST_CHOICE_PATIENCE_MS = 60_000;

/** A node that installs packages at its first boot takes minutes; a VIP that nobody holds after this long is paged. */
export const NO_HOLDER_PATIENCE_MS = 15 * 60_000;

/** Where each VIP begins that nobody holds: by its id. */
export function beginnings(snapshot: ClusterSnapshot, nowMs: number): ReadonlyMap<string, FirstPlace> {
  const carried = waitingForHolder(snapshot).flatMap((vip) => carrierOf(snapshot, vip, nowMs) ?? []);
  const carriers = new Map(carried.map(({ vipId, nodeId }) => [vipId, nodeId]));
  const onCarriers = carried.map(({ vipId, place }): [string, FirstPlace] => [vipId, place]);
  return new Map([...onCarriers, ...firstPlaces(snapshot, carriers, nowMs)]);
}

/** The callers of an adopted or restored cluster stay on the node that carries the address, unless it is dead. */
function carrierOf(
  snapshot: ClusterSnapshot,
  vip: VipTopology,
  nowMs: number,
): { vipId: string; nodeId: string; place: FirstPlace } | null {
  const nodeId = vip.firstHolder;
  const state = snapshot.vips.find(({ vipId }) => vipId === vip.id);
  if (nodeId === null || state === undefined || isDead(snapshot, state, nodeId, nowMs)) return null;
  const candidate = judgeCarrier(snapshot, vip, nodeId, nowMs);
  // That callers are there already was somebody's choice, also where only an operator may make it.
  const place = { candidates: [candidate], best: candidate.eligible ? candidate : null, after: null };
  return { vipId: vip.id, nodeId, place };
}

const NOWHERE: FirstPlace = { candidates: [], best: null, after: null };

/** @param places as `beginnings` found them */
export function assign(
  snapshot: ClusterSnapshot,
  vip: VipTopology,
  state: VipState,
  places: ReadonlyMap<string, FirstPlace>,
  nowMs: number,
): Decision {
  const carrier = vip.firstHolder;
  const { candidates: allowed, best, after } = places.get(vip.id) ?? NOWHERE;
  if (best === null) {
    const why = ['no node is fit to be its first holder yet', ...whyNot(allowed), ...unseen(snapshot, carrier)];
    const isLate = nowMs > state.changedAtMs + NO_HOLDER_PATIENCE_MS;
    return isLate ? incident(vip.id, state, 'no-holder', nowMs, why) : none(vip.id, ...why);
  }
  const preferred = allowed.slice(
    0,
    allowed.findIndex(({ nodeId }) => nodeId === best.nodeId),
  );
  if (mayStillBoot(snapshot, preferred, nowMs)) {
    return none(vip.id, `${best.nodeId} is fit, and a more preferred node may still boot`, ...whyNot(preferred));
  }
  if (after !== null) return none(vip.id, `${after}, of one group with it, begins first: they begin on one node`);
  return {
    kind: 'change',
    vipId: vip.id,
    transition: 'assignment',
    cause: 'first-assignment',
    from: null,
    to: { nodeId: best.nodeId, coreUuid: best.coreUuid },
    expectedEpoch: state.epoch,
    detectedAtMs: nowMs,
    startsBlock: false,
    follows: null,
    reasons: [
      `${vip.id} has no holder; ${best.nodeId} is ${best.nodeId === carrier ? 'where its address is' : 'the most preferred fit node'}`,
    ],
  };
}

function mayStillBoot({ leases }: ClusterSnapshot, preferred: readonly Candidate[], nowMs: number): boolean {
  const watchedSinceMs = Math.min(nowMs, ...leases.map((lease) => lease.startedAtMs));
  const isPatient = leases.length > 0 && nowMs < watchedSinceMs + FIRST_CHOICE_PATIENCE_MS;
  return isPatient && preferred.some((each) => !each.eligible && each.unfit === true);
}

/**
 * A SIP stack that is stuck while ESL answers is no death: it may be a slow database. Nor is the silence of a carrier to
 * those who never saw it alive: where a security group or a wrong port keeps the probes out, callers are served all the
 * same, and one that boots is refused until everybody has looked again. There EC2 has to say that it does not run.
 */
function isDead(snapshot: ClusterSnapshot, state: VipState, nodeId: string, nowMs: number): boolean {
  const isDeadTo = (observations: readonly Observation[]): boolean => {
    const verdict = judgeHolder(snapshot.topology, observations, state, { nodeId, coreUuid: null }, nowMs);
    return verdict.kind === 'against' && verdict.cause !== 'sip-stuck';
  };
  if (isDeadTo(witnessesOf(snapshot, nodeId))) return true;
  return instanceNotRunning(snapshot.instances, nodeId, 0) !== null && isDeadTo(snapshot.observations);
}

/** Of those who ever saw it alive. */
function witnessesOf({ observations }: ClusterSnapshot, nodeId: string): Observation[] {
  return observations.filter((each) => each.nodeId === nodeId && each.coreUuid !== null);
}

function unseen(snapshot: ClusterSnapshot, carrier: string | null): string[] {
  const { observers } = snapshot.topology;
  if (carrier === null || witnessesOf(snapshot, carrier).length >= quorumOf(observers.length)) return [];
  return [
    `${carrier} carries its address and no majority ever saw it alive: callers stay there until it is seen, or its instance is stopped`,
  ];
}
