/**
 * The state of the lab's cluster, in this process: every call is atomic, because nothing in it waits. It has what a
 * running cluster needs of the store on DynamoDB; that one is proved elsewhere (`test/support/store-spec.ts`).
 */
import {
  assertNextEpoch,
  claimReturnedByRetargeting,
  claimsReturnedByClosing,
  isSameIncident,
  isUnfinished,
  standingOf,
  subjectOf,
} from '../../lib/aws/store/rules';
import { NotRegistered, UnderstudyError } from '../../lib/domain/errors';
import {
  transitionId,
  type ClusterControl,
  type ClusterSnapshot,
  type Incident,
  type NodeState,
  type Observation,
  type ObserverLease,
  type Topology,
  type Transition,
  type VipState,
} from '../../lib/domain/model';
import type { DecisionClause, DecisionWrite, StateStore } from '../../lib/domain/ports';

export class LabStore implements StateStore {
  private readonly control: ClusterControl = { paused: false, pausedReason: null, transitionsInFlight: 0 };
  private readonly nodes = new Map<string, NodeState>();
  private readonly vips = new Map<string, VipState>();
  private readonly observations = new Map<string, Observation>();
  private readonly leases = new Map<string, ObserverLease>();
  private readonly transitions = new Map<string, Transition>();
  private readonly incidents = new Map<string, Incident>();
  /** As the stream of the table wakes the failover function. */
  onDecided: (transition: Transition) => void = () => undefined;

  /** A step was tried and is not done; the journal forgets why as soon as it is. */
  onNotYet: (id: string, step: string, why: string) => void = () => undefined;

  constructor(private readonly topology: Topology) {
    for (const { id } of topology.nodes) {
      this.nodes.set(id, { nodeId: id, paused: false, claims: [], lockedBy: null });
    }
    for (const { id } of topology.vips) this.vips.set(id, newVip(id));
  }

  readCluster = async (): Promise<ClusterSnapshot> =>
    structuredClone({
      topology: this.topology,
      control: this.control,
      nodes: [...this.nodes.values()],
      vips: [...this.vips.values()],
      observations: [...this.observations.values()],
      instances: [],
      leases: [...this.leases.values()],
    });

  readTopology = async (): Promise<Topology> => structuredClone(this.topology);

  putObservation: StateStore['putObservation'] = async (observation) => {
    this.observations.set(`${observation.nodeId}#${observation.zone}`, structuredClone(observation));
  };

  putInstanceEvidence: StateStore['putInstanceEvidence'] = async () => undefined;

  takeObserverLease: StateStore['takeObserverLease'] = async (lease, mayTake) => {
    const current = this.leases.get(lease.zone);
    const free = current === undefined || current.owner === lease.owner || current.untilMs <= lease.renewedAtMs;
    if (!free && !mayTake(structuredClone(current))) return { taken: false, current: structuredClone(current) };
    this.leases.set(lease.zone, structuredClone(lease));
    return { taken: true, current: lease };
  };

  decide: StateStore['decide'] = async (write) => {
    assertNextEpoch(write.transition, write.expectedEpoch);
    const clauses = this.brokenClauses(write);
    if (clauses.length > 0) return { outcome: 'refused', clauses };
    this.apply(write);
    this.onDecided(structuredClone(write.transition));
    return { outcome: 'written' };
  };

  readTransition: StateStore['readTransition'] = async (vipId, epoch) =>
    structuredClone(this.transitions.get(transitionId(vipId, epoch)) ?? null);

  listUnfinishedTransitions = async (): Promise<Transition[]> => {
    const latest = [...this.vips.values()].flatMap(
      (vip) => this.transitions.get(transitionId(vip.vipId, vip.epoch)) ?? [],
    );
    return structuredClone(latest.filter(isUnfinished));
  };

  takeTransitionLease: StateStore['takeTransitionLease'] = async (id, owner, nowMs, untilMs) => {
    const transition = this.transitions.get(id);
    if (transition === undefined || transition.status === 'superseded') return null;
    const { lease } = transition;
    if (lease !== null && lease.owner !== owner && lease.untilMs > nowMs) return null;
    transition.lease = { owner, untilMs };
    return structuredClone(transition);
  };

  recordStep: StateStore['recordStep'] = async (id, owner, step, record, untilMs) =>
    this.asOwner(id, owner, untilMs, (transition) => {
      transition.steps[step] = structuredClone(record);
      if (record.error !== null) this.onNotYet(id, step, record.error);
    });

  recordCalls: StateStore['recordCalls'] = async (id, owner, calls, untilMs) =>
    this.asOwner(id, owner, untilMs, (transition) => {
      transition.calls = structuredClone(calls);
    });

  releaseTransitionLease: StateStore['releaseTransitionLease'] = async (id, owner) => {
    const transition = this.transitions.get(id);
    if (transition?.lease?.owner === owner) transition.lease = null;
  };

  closeTransition: StateStore['closeTransition'] = async (id, owner, status, holder, nowMs) => {
    const transition = this.transitions.get(id);
    const vip = transition && this.vips.get(transition.vipId);
    if (transition === undefined || vip?.epoch !== transition.epoch) return false;
    if (transition.status !== 'open') return transition.status === status;
    if (transition.lease?.owner !== owner) return false;
    transition.status = status;
    transition.closedAtMs = nowMs;
    if (status === 'done') Object.assign(vip, { status: 'held', holder: { ...holder }, changedAtMs: nowMs });
    this.control.transitionsInFlight -= 1;
    const returned = claimsReturnedByClosing([...this.nodes.values()], transition, status, holder.nodeId);
    for (const nodeId of returned) this.returnClaim(nodeId, transition.vipId);
    return true;
  };

  readStanding: StateStore['readStanding'] = async (vipId) => standingOf(this.vip(vipId), this.control);

  learnHolderCoreUuid: StateStore['learnHolderCoreUuid'] = async (vipId, epoch, coreUuid) => {
    const vip = this.vips.get(vipId);
    if (vip?.epoch === epoch && vip.holder?.coreUuid === null) vip.holder.coreUuid = coreUuid;
  };

  raiseIncident: StateStore['raiseIncident'] = async (incident) => {
    const key = keyOf(incident);
    const standing = this.incidents.get(key);
    if (standing !== undefined && isSameIncident(standing, incident)) return false;
    this.incidents.set(key, structuredClone(incident));
    return true;
  };

  listUnnotifiedIncidents = async (): Promise<Incident[]> =>
    structuredClone([...this.incidents.values()].filter((incident) => incident.notifiedAtMs === null));

  markIncidentNotified: StateStore['markIncidentNotified'] = async (incident, nowMs) => {
    const standing = this.incidents.get(keyOf(incident));
    if (standing !== undefined) standing.notifiedAtMs = nowMs;
  };

  clearIncident: StateStore['clearIncident'] = async (kind, subject) => {
    this.incidents.delete(`${kind}#${subject}`);
  };

  audit: StateStore['audit'] = async () => undefined;

  putTopology: StateStore['putTopology'] = () => fixed();
  adoptEpoch: StateStore['adoptEpoch'] = () => fixed();
  ensureItems: StateStore['ensureItems'] = () => fixed();

  setPaused: StateStore['setPaused'] = async (subject, paused, reason) => {
    if (subject.kind === 'cluster') Object.assign(this.control, { paused, pausedReason: reason });
    else if (subject.kind === 'vip') this.vip(subject.id).paused = paused;
    else this.node(subject.id).paused = paused;
  };

  setLockedOut: StateStore['setLockedOut'] = async (nodeId, lockedBy) => {
    this.node(nodeId).lockedBy = lockedBy;
  };

  acknowledge: StateStore['acknowledge'] = async (vipId, nowMs) => {
    this.vip(vipId).acknowledgedAtMs = nowMs;
  };

  private asOwner(id: string, owner: string, untilMs: number, change: (transition: Transition) => void): boolean {
    const transition = this.transitions.get(id);
    if (transition?.lease?.owner !== owner) return false;
    if (this.vips.get(transition.vipId)?.epoch !== transition.epoch) return false;
    change(transition);
    transition.lease = { owner, untilMs };
    return true;
  }

  private brokenClauses({ transition, supersedes, ...write }: DecisionWrite): DecisionClause[] {
    const vip = this.vip(transition.vipId);
    const node = this.node(transition.to.nodeId);
    const claims = node.claims.includes(vip.vipId);
    const previous = this.transitions.get(transitionId(vip.vipId, write.expectedEpoch));
    const room = this.control.transitionsInFlight < write.maxTransitionsInFlight;
    const clauses: [DecisionClause, boolean][] = [
      ['vip-has-expected-epoch', vip.epoch === write.expectedEpoch],
      ['cluster-not-paused', !this.control.paused],
      ['vip-not-paused', !vip.paused],
      ['candidate-not-paused', !node.paused],
      ['candidate-in-service', node.lockedBy === null || claims],
      ['candidate-free', node.claims.length < write.maxVipsPerNode || claims],
      ['below-transition-cap', supersedes !== null || room],
      ['journal-absent', !this.transitions.has(transition.id)],
      ['superseded-journal-open', supersedes === null || this.transitions.get(supersedes)?.status === 'open'],
      ['previous-journal-closed', supersedes !== null || previous?.status !== 'open'],
    ];
    return clauses.filter(([, holds]) => !holds).map(([clause]) => clause);
  }

  private apply({ transition, startsBlock, supersedes }: DecisionWrite): void {
    const { vipId, epoch, to, decidedAtMs } = transition;
    const vip = this.vip(vipId);
    Object.assign(vip, { epoch, status: 'moving', holder: { ...to }, changedAtMs: decidedAtMs });
    if (startsBlock) vip.lastAutomaticFailoverAtMs = decidedAtMs;
    const superseded = supersedes === null ? undefined : this.transitions.get(supersedes);
    if (superseded === undefined) {
      this.control.transitionsInFlight += 1;
    } else {
      Object.assign(superseded, { status: 'superseded', closedAtMs: decidedAtMs, lease: null });
      this.returnClaim(claimReturnedByRetargeting(superseded, transition), vipId);
    }
    const node = this.node(to.nodeId);
    if (!node.claims.includes(vipId)) node.claims = [...node.claims, vipId];
    this.transitions.set(transition.id, structuredClone(transition));
  }

  private returnClaim(nodeId: string | null, vipId: string): void {
    const node = nodeId === null ? undefined : this.nodes.get(nodeId);
    if (node !== undefined) node.claims = node.claims.filter((claim) => claim !== vipId);
  }

  private vip(vipId: string): VipState {
    const vip = this.vips.get(vipId);
    if (vip === undefined) throw new NotRegistered(`the lab has no VIP "${vipId}"`);
    return vip;
  }

  private node(nodeId: string): NodeState {
    const node = this.nodes.get(nodeId);
    if (node === undefined) throw new NotRegistered(`the lab has no node "${nodeId}"`);
    return node;
  }
}

const keyOf = (incident: Incident): string => `${incident.kind}#${subjectOf(incident)}`;

const fixed = (): Promise<never> =>
  Promise.reject(new UnderstudyError('the topology of the lab is fixed when it starts'));

const newVip = (vipId: string): VipState => ({
  vipId,
  epoch: 0,
  holder: null,
  status: 'unassigned',
  changedAtMs: 0,
  paused: false,
  lastAutomaticFailoverAtMs: null,
  acknowledgedAtMs: null,
});
