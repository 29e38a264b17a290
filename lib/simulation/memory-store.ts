/**
 * A StateStore in memory with the semantics of the one on DynamoDB: `test/support/store-spec` runs against both. Every call is
 * atomic, because nothing in it waits. The hooks let a simulation or a test throw, or wait, before a call is applied or
 * after (a store that is away; an answer that was lost).
 */
import { NotRegistered } from '../domain/errors';
import { isPaused } from '../domain/maintenance';
import {
  transitionId,
  type CallsLedger,
  type ClusterControl,
  type ClusterSnapshot,
  type Holder,
  type Incident,
  type InstanceEvidence,
  type NodeState,
  type Observation,
  type ObserverLease,
  type StepName,
  type StepRecord,
  type StoredIncident,
  type Topology,
  type Transition,
  type VipState,
} from '../domain/model';
import type { DecisionClause, DecisionOutcome, DecisionWrite, PauseSubject, StateStore } from '../domain/ports';
import {
  failoversAfter,
  asRaised,
  assertNextEpoch,
  claimReturnedByRetargeting,
  claimsReturnedByClosing,
  isSameIncident,
  isToldWhenOver,
  isUnfinished,
  namedIn,
  newControl,
  newNode,
  newVip,
  standingOf,
  subjectOf,
} from '../domain/store-rules';
import { CLOCKS_APART_MS } from '../domain/voters';
import { frozen, plainCopy } from './plain-copy';

export interface MemoryStoreHooks {
  /** Before the call has any effect. */
  onCall?: (method: keyof StateStore) => void | Promise<void>;
  /** After the effect, before the answer. */
  onAnswer?: (method: keyof StateStore) => void | Promise<void>;
}

type AuditEvent = Parameters<StateStore['audit']>[0];

export class MemoryStateStore implements StateStore {
  topology: Topology | null = null;
  control: ClusterControl | null = null;
  readonly nodes = new Map<string, NodeState>();
  readonly vips = new Map<string, VipState>();
  readonly observations = new Map<string, Observation>();
  readonly instances = new Map<string, InstanceEvidence>();
  readonly leases = new Map<string, ObserverLease>();
  readonly transitions = new Map<string, Transition>();
  readonly incidents = new Map<string, StoredIncident>();
  readonly audits: AuditEvent[] = [];

  constructor(readonly hooks: MemoryStoreHooks = {}) {}

  readCluster(): Promise<ClusterSnapshot> {
    return this.answer('readCluster', () => {
      const topology = this.requireTopology();
      const control = this.requireControl();
      const named = namedIn(topology);
      return {
        topology,
        control,
        nodes: [...this.nodes.values()].filter((node) => named.node(node.nodeId)),
        vips: [...this.vips.values()].filter((vip) => named.vip(vip.vipId)),
        observations: [...this.observations.values()].filter((seen) => named.node(seen.nodeId)),
        instances: [...this.instances.values()].filter((seen) => named.node(seen.nodeId)),
        leases: [...this.leases.values()],
      };
    });
  }

  readTopology(): Promise<Topology> {
    return this.answer('readTopology', () => this.requireTopology());
  }

  putObservation(observation: Observation, nowMs: number): Promise<void> {
    return this.answer('putObservation', () => {
      const key = `${observation.nodeId}#${observation.zone}`;
      const stored = this.observations.get(key);
      if (stored !== undefined) {
        const isFromTheFuture = stored.observedAtMs > nowMs + CLOCKS_APART_MS;
        if (stored.observedAtMs > observation.observedAtMs && !isFromTheFuture) return;
      }
      this.observations.set(key, plainCopy(observation));
    });
  }

  putInstanceEvidence(evidence: InstanceEvidence, inPlaceOf?: string): Promise<void> {
    return this.answer('putInstanceEvidence', () => {
      const stored = this.instances.get(evidence.nodeId);
      if (inPlaceOf !== undefined && stored?.state !== inPlaceOf) return;
      if (stored !== undefined && stored.atMs > evidence.atMs) return;
      this.instances.set(evidence.nodeId, plainCopy(evidence));
    });
  }

  takeObserverLease(
    lease: ObserverLease,
    mayTake: (current: ObserverLease) => boolean,
  ): Promise<{ taken: boolean; current: ObserverLease | null }> {
    return this.answer('takeObserverLease', () => {
      const current = this.leases.get(lease.zone);
      const free = current === undefined || current.owner === lease.owner || current.untilMs <= lease.renewedAtMs;
      if (!free && !mayTake(plainCopy(current))) return { taken: false, current };
      this.leases.set(lease.zone, plainCopy(lease));
      return { taken: true, current: lease };
    });
  }

  decide(write: DecisionWrite): Promise<DecisionOutcome> {
    return this.answer('decide', () => {
      const { transition } = write;
      assertNextEpoch(transition, write.expectedEpoch);
      const clauses = this.brokenClauses(write);
      if (clauses.length > 0) {
        // The same decision again: its first answer was lost.
        const ours = this.transitions.get(transition.id)?.decidedBy === transition.decidedBy;
        return ours ? { outcome: 'written' } : { outcome: 'refused', clauses };
      }
      this.applyDecision(write);
      return { outcome: 'written' };
    });
  }

  readTransition(vipId: string, epoch: number): Promise<Transition | null> {
    return this.answer('readTransition', () => this.transitions.get(transitionId(vipId, epoch)) ?? null);
  }

  listUnfinishedTransitions(): Promise<Transition[]> {
    return this.answer('listUnfinishedTransitions', () =>
      [...this.vips.values()]
        .map((vip) => this.transitions.get(transitionId(vip.vipId, vip.epoch)))
        .filter((transition) => transition !== undefined)
        .filter(isUnfinished),
    );
  }

  takeTransitionLease(id: string, owner: string, nowMs: number, untilMs: number): Promise<Transition | null> {
    return this.answer('takeTransitionLease', () => {
      const transition = this.transitions.get(id);
      if (transition === undefined || transition.status === 'superseded') return null;
      const { lease } = transition;
      if (lease !== null && lease.owner !== owner && lease.untilMs > nowMs) return null;
      transition.lease = { owner, untilMs };
      return transition;
    });
  }

  recordStep(id: string, owner: string, step: StepName, record: StepRecord, leaseUntilMs: number): Promise<boolean> {
    return this.answer('recordStep', () => {
      const transition = this.transitions.get(id);
      if (transition?.lease?.owner !== owner) return false;
      if (this.vips.get(transition.vipId)?.epoch !== transition.epoch) return false;
      transition.steps[step] = plainCopy(record);
      transition.lease = { owner, untilMs: leaseUntilMs };
      return true;
    });
  }

  recordCalls(id: string, owner: string, calls: CallsLedger, leaseUntilMs: number): Promise<boolean> {
    return this.answer('recordCalls', () => {
      const transition = this.transitions.get(id);
      if (transition?.lease?.owner !== owner) return false;
      if (this.vips.get(transition.vipId)?.epoch !== transition.epoch) return false;
      transition.calls = plainCopy(calls);
      transition.lease = { owner, untilMs: leaseUntilMs };
      return true;
    });
  }

  setLockedOut(nodeId: string, lockedBy: string | null): Promise<void> {
    return this.answer('setLockedOut', () => {
      const node = this.nodes.get(nodeId);
      if (node === undefined) throw new NotRegistered(`the table has no node '${nodeId}'`);
      node.lockedBy = lockedBy;
    });
  }

  releaseTransitionLease(id: string, owner: string): Promise<void> {
    return this.answer('releaseTransitionLease', () => {
      const transition = this.transitions.get(id);
      if (transition?.lease?.owner === owner) transition.lease = null;
    });
  }

  closeTransition(
    id: string,
    owner: string,
    status: 'done' | 'stuck',
    holder: Holder,
    nowMs: number,
  ): Promise<boolean> {
    return this.answer('closeTransition', () => {
      const transition = this.transitions.get(id);
      const vip = transition && this.vips.get(transition.vipId);
      if (transition === undefined || vip?.epoch !== transition.epoch) return false;
      if (transition.status !== 'open') return transition.status === status;
      if (transition.lease?.owner !== owner) return false;
      transition.status = status;
      transition.closedAtMs = nowMs;
      if (status === 'done') Object.assign(vip, { status: 'held', holder: { ...holder }, changedAtMs: nowMs });
      if (this.control !== null) this.control.transitionsInFlight -= 1;
      for (const nodeId of claimsReturnedByClosing([...this.nodes.values()], transition, status, holder.nodeId)) {
        this.returnClaim(nodeId, transition.vipId);
      }
      return true;
    });
  }

  readStanding(
    vipId: string,
    nowMs: number,
    nodeIds: readonly string[] = [],
  ): Promise<{ epoch: number; paused: string | null }> {
    return this.answer('readStanding', () => {
      const nodes = nodeIds.flatMap((nodeId) => this.nodes.get(nodeId) ?? []);
      return standingOf(this.requireVip(vipId), this.requireControl(), nodes, nowMs);
    });
  }

  learnHolderCoreUuid(vipId: string, epoch: number, coreUuid: string): Promise<void> {
    return this.answer('learnHolderCoreUuid', () => {
      const vip = this.vips.get(vipId);
      if (vip?.epoch === epoch && vip.holder?.coreUuid === null) vip.holder.coreUuid = coreUuid;
    });
  }

  raiseIncident(incident: Incident): Promise<boolean> {
    return this.answer('raiseIncident', () => {
      const key = `${incident.kind}#${subjectOf(incident)}`;
      const standing = this.incidents.get(key);
      if (standing !== undefined && isSameIncident(standing, incident)) return false;
      this.incidents.set(key, plainCopy(asRaised(incident, standing ?? null)));
      return true;
    });
  }

  listUnnotifiedIncidents(): Promise<StoredIncident[]> {
    return this.answer('listUnnotifiedIncidents', () =>
      [...this.incidents.values()].filter((incident) => incident.notifiedAtMs === null),
    );
  }

  markIncidentNotified(incident: Incident, nowMs: number): Promise<void> {
    return this.answer('markIncidentNotified', () => {
      const standing = this.incidents.get(`${incident.kind}#${subjectOf(incident)}`);
      if (standing?.atMs === incident.atMs) standing.notifiedAtMs = nowMs;
    });
  }

  clearIncident(kind: Incident['kind'], subject: string, nowMs: number): Promise<void> {
    return this.answer('clearIncident', () => {
      const standing = this.incidents.get(`${kind}#${subject}`);
      if (standing !== undefined && isToldWhenOver(standing, nowMs)) standing.overAtMs ??= nowMs;
      else this.incidents.delete(`${kind}#${subject}`);
    });
  }

  audit(event: AuditEvent): Promise<void> {
    return this.answer('audit', () => void this.audits.push({ ...event }));
  }

  putTopology(topology: Topology): Promise<void> {
    return this.answer('putTopology', () => {
      // Read with every look at the cluster, and never changed: it is shared and not copied.
      this.topology = frozen(plainCopy(topology));
    });
  }

  adoptEpoch(vipId: string, epoch: number, nowMs: number): Promise<void> {
    return this.answer('adoptEpoch', () => {
      const vip = this.requireVip(vipId);
      if (vip.epoch >= epoch) return;
      const open = this.transitions.get(transitionId(vipId, vip.epoch));
      if (open?.status === 'open') {
        Object.assign(open, { status: 'superseded', closedAtMs: nowMs, lease: null });
        if (this.control !== null) this.control.transitionsInFlight -= 1;
      }
      Object.assign(vip, { epoch, status: 'unassigned', holder: null, changedAtMs: nowMs });
    });
  }

  ensureItems(
    topology: Topology,
    initial: { paused: boolean; reason: string | null; epochs: Record<string, number>; atMs: number },
  ): Promise<void> {
    return this.answer('ensureItems', () => {
      this.control ??= newControl(initial.paused, initial.reason);
      for (const { id } of topology.nodes) {
        if (!this.nodes.has(id)) this.nodes.set(id, newNode(id));
      }
      for (const { id } of topology.vips) {
        if (!this.vips.has(id)) this.vips.set(id, newVip(id, initial.epochs[id] ?? 0, initial.atMs));
      }
    });
  }

  setPaused(
    subject: PauseSubject,
    paused: boolean,
    reason: string | null,
    untilMs: number | null = null,
  ): Promise<void> {
    return this.answer('setPaused', () => {
      if (subject.kind === 'cluster') {
        if (this.control === null) throw new NotRegistered('the table has no control item');
        Object.assign(this.control, { paused, pausedReason: reason, pausedUntilMs: untilMs });
        return;
      }
      const item = subject.kind === 'vip' ? this.vips.get(subject.id) : this.nodes.get(subject.id);
      if (item === undefined) throw new NotRegistered(`the table has no ${subject.kind} '${subject.id}'`);
      Object.assign(item, { paused, pausedUntilMs: untilMs });
    });
  }

  acknowledge(vipId: string, nowMs: number): Promise<void> {
    return this.answer('acknowledge', () => {
      this.requireVip(vipId).acknowledgedAtMs = nowMs;
    });
  }

  private brokenClauses({ transition, supersedes, ...write }: DecisionWrite): DecisionClause[] {
    const vip = this.vips.get(transition.vipId);
    const node = this.nodes.get(transition.to.nodeId);
    const free =
      node !== undefined && (node.claims.length < write.maxVipsPerNode || node.claims.includes(transition.vipId));
    const inService = node !== undefined && (node.lockedBy === null || node.claims.includes(transition.vipId));
    const belowCap =
      supersedes !== null || (this.control !== null && this.control.transitionsInFlight < write.maxTransitionsInFlight);
    const previous = this.transitions.get(transitionId(transition.vipId, write.expectedEpoch));
    const notPaused = (item: Parameters<typeof isPaused>[0] | null | undefined): boolean =>
      item !== null && item !== undefined && !isPaused(item, transition.decidedAtMs);
    const clauses: [DecisionClause, boolean][] = [
      ['vip-has-expected-epoch', vip?.epoch === write.expectedEpoch],
      ['cluster-not-paused', notPaused(this.control)],
      ['vip-not-paused', notPaused(vip)],
      ['candidate-not-paused', notPaused(node)],
      ['candidate-in-service', inService],
      ['candidate-free', free],
      ['below-transition-cap', belowCap],
      ['journal-absent', !this.transitions.has(transition.id)],
      ['superseded-journal-open', supersedes === null || this.transitions.get(supersedes)?.status === 'open'],
      ['previous-journal-closed', supersedes !== null || previous?.status !== 'open'],
    ];
    return clauses.filter(([, holds]) => !holds).map(([clause]) => clause);
  }

  private applyDecision(write: DecisionWrite): void {
    const { transition, startsBlock, supersedes } = write;
    const vip = this.requireVip(transition.vipId);
    Object.assign(vip, {
      epoch: transition.epoch,
      status: 'moving',
      holder: { ...transition.to },
      changedAtMs: transition.decidedAtMs,
    });
    if (startsBlock) Object.assign(vip, failoversAfter(write));
    const superseded = supersedes === null ? undefined : this.transitions.get(supersedes);
    if (superseded !== undefined) {
      Object.assign(superseded, { status: 'superseded', closedAtMs: transition.decidedAtMs, lease: null });
      this.returnClaim(claimReturnedByRetargeting(superseded, transition), transition.vipId);
    } else if (this.control !== null) {
      this.control.transitionsInFlight += 1;
    }
    const candidate = this.nodes.get(transition.to.nodeId);
    if (candidate !== undefined && !candidate.claims.includes(transition.vipId)) {
      candidate.claims = [...candidate.claims, transition.vipId].sort();
    }
    this.transitions.set(transition.id, plainCopy(transition));
  }

  private returnClaim(nodeId: string | null, vipId: string): void {
    const node = nodeId === null ? undefined : this.nodes.get(nodeId);
    if (node !== undefined) node.claims = node.claims.filter((claim) => claim !== vipId);
  }

  private requireTopology(): Topology {
    if (this.topology === null) throw new NotRegistered('the table has no topology; deploy the cluster first');
    return this.topology;
  }

  /** Without it nobody knows whether the cluster is paused. */
  private requireControl(): ClusterControl {
    if (this.control === null) throw new NotRegistered('the table has no control item; deploy the cluster again');
    return this.control;
  }

  private requireVip(vipId: string): VipState {
    const vip = this.vips.get(vipId);
    if (vip === undefined) throw new NotRegistered(`the table has no VIP '${vipId}'; deploy the cluster first`);
    return vip;
  }

  /** Copies what goes out, so that nobody can change the store through an answer. */
  private async answer<T>(method: keyof StateStore, apply: () => T): Promise<T> {
    await this.hooks.onCall?.(method);
    const result = plainCopy(apply());
    await this.hooks.onAnswer?.(method);
    return result;
  }
}
