/**
 * What the operations need from the outside, as interfaces only: the adapters of `lib/aws` and `lib/freeswitch`
 * implement them, tests and the simulator put others in their place. Every method has a deadline of its own and ends
 * with an answer, `unknown` where the answer was lost, or an error of `lib/domain/errors.ts`.
 */
import type {
  ClusterSnapshot,
  EslEvidence,
  Holder,
  Incident,
  InstanceEvidence,
  NodeTopology,
  Observation,
  ObserverLease,
  SipEvidence,
  StepName,
  StepRecord,
  Topology,
  Transition,
  VipTopology,
} from './model';

export interface Clock {
  /** Epoch milliseconds. */
  wallMs(): number;
  /** Milliseconds that never go back. Stands still or jumps when the process is frozen, as the machine does. */
  monotonicMs(): number;
  /** Resolves after `ms`, or at once when the signal aborts. Never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  /** A fresh identifier. */
  id(): string;
}

// ---- state ------------------------------------------------------------------------------------------------------

/** A new holder for a VIP, as the one transaction of the decision writes it. */
export interface DecisionWrite {
  transition: Transition;
  /** The epoch that was read; the VIP must still have it. `transition.epoch` is this plus one. */
  expectedEpoch: number;
  /** Whether this failover starts the VIP's block period. */
  startsBlock: boolean;
  /** The new holder must be claimable: `maxVipsPerNode` of the policy. */
  maxVipsPerNode: number;
  maxTransitionsInFlight: number;
  /** The journal that this one replaces (retargeting); it is closed as `superseded` in the same transaction. */
  supersedes: string | null;
}

/** Which named clause of the decision's transaction failed. */
export type DecisionClause =
  | 'vip-has-expected-epoch'
  | 'cluster-not-paused'
  | 'vip-not-paused'
  | 'candidate-not-paused'
  | 'candidate-free'
  | 'below-transition-cap'
  | 'journal-absent'
  | 'superseded-journal-open'
  /** A new transition over an open one would never count it down again: only retargeting may follow an open one. */
  | 'previous-journal-closed';

export type DecisionOutcome = { outcome: 'written' } | { outcome: 'refused'; clauses: DecisionClause[] };

export interface StateStore {
  /** Strongly consistent. Throws NotRegistered when the topology is missing. */
  readCluster(): Promise<ClusterSnapshot>;
  /** Eventually consistent read of the topology alone is enough for an observer's periodic refresh. */
  readTopology(): Promise<Topology>;
  putObservation(observation: Observation): Promise<void>;
  putInstanceEvidence(evidence: InstanceEvidence): Promise<void>;

  /**
   * Takes or renews the lease of a zone's observer loop. Taken when there is none, it ran out, it is ours already, or
   * `mayTake(current)` says so. The write is conditional on what was read; a lost race is `taken: false`.
   */
  takeObserverLease(
    lease: ObserverLease,
    mayTake: (current: ObserverLease) => boolean,
  ): Promise<{ taken: boolean; current: ObserverLease | null }>;

  /** The decision. A lost answer is resolved by reading the journal back (same id and same decidedBy = ours). */
  decide(write: DecisionWrite): Promise<DecisionOutcome>;

  readTransition(vipId: string, epoch: number): Promise<Transition | null>;
  /** Open journals of the cluster, and done ones whose `stop` or `notify` step is still pending. */
  listUnfinishedTransitions(): Promise<Transition[]>;
  /** One converger at a time; a lease that ran out may be taken. */
  takeTransitionLease(id: string, owner: string, nowMs: number, untilMs: number): Promise<Transition | null>;
  /** Writes one step; refused (false) when the lease is not ours any more or the VIP has a newer epoch. */
  recordStep(id: string, owner: string, step: StepName, record: StepRecord, leaseUntilMs: number): Promise<boolean>;
  releaseTransitionLease(id: string, owner: string): Promise<void>;
  /**
   * Closes the journal, and in the same transaction: VIP `held` by `holder` (when `done`), the old holder's claim
   * returned, transitions in flight counted down. Idempotent. False when the epoch is no longer the VIP's.
   */
  closeTransition(id: string, owner: string, status: 'done' | 'stuck', holder: Holder, nowMs: number): Promise<boolean>;
  /** Consistent read of one VIP's epoch and of what is paused: asked before each mutation. */
  readStanding(vipId: string): Promise<{ epoch: number; paused: string | null }>;
  /** The holder's core_uuid is learned after the first assignment; conditional on epoch and on it being null. */
  learnHolderCoreUuid(vipId: string, epoch: number, coreUuid: string): Promise<void>;

  /** False when the same incident stands already. */
  raiseIncident(incident: Incident): Promise<boolean>;
  listUnnotifiedIncidents(): Promise<Incident[]>;
  markIncidentNotified(incident: Incident, nowMs: number): Promise<void>;
  /** The incident is over (a candidate is there again, ...): a later one is told anew. */
  clearIncident(kind: Incident['kind'], subject: string): Promise<void>;

  audit(event: { atMs: number; actor: string; action: string; subject: string; detail: string }): Promise<void>;

  // Registration, by the deployment's custom resource only.
  putTopology(topology: Topology): Promise<void>;
  /** A restored table is behind the world: raises a VIP's epoch and forgets its holder. Never lowers one. */
  adoptEpoch(vipId: string, epoch: number, nowMs: number): Promise<void>;
  /** Creates cluster, node and VIP items that are missing; never overwrites one. */
  ensureItems(
    topology: Topology,
    initial: { paused: boolean; reason: string | null; epochs: Record<string, number> },
  ): Promise<void>;
  setPaused(
    subject: { kind: 'cluster' } | { kind: 'vip' | 'node'; id: string },
    paused: boolean,
    reason: string | null,
  ): Promise<void>;
  acknowledge(vipId: string, nowMs: number): Promise<void>;
}

// ---- AWS --------------------------------------------------------------------------------------------------------

export interface EipAssociation {
  associationId: string;
  networkInterfaceId: string;
  privateAddress: string;
  instanceId: string | null;
}

export interface ElasticIps {
  /** `association: null` when it is free. Throws ForeignOwner when the tag names another deployment. */
  read(
    allocationId: string,
  ): Promise<{ association: EipAssociation | null; owner: string | null; epoch: number | null }>;
  /** Which address, if any, already sits on this private address. */
  readByPrivateAddress(networkInterfaceId: string, privateAddress: string): Promise<{ allocationId: string } | null>;
  /** Both answers count the same: that association is gone. */
  detach(associationId: string): Promise<'detached' | 'already-gone'>;
  /** With AllowReassociation=false: `taken` when it is associated elsewhere. */
  attach(target: {
    allocationId: string;
    networkInterfaceId: string;
    privateAddress: string;
  }): Promise<'attached' | 'taken'>;
  /** Claims ownership and records the epoch as tags. */
  tag(allocationId: string, tags: { owner: string; epoch: number }): Promise<void>;
  /** Takes our tags off again: the cluster was deleted, the address may outlive it. */
  release(allocationId: string): Promise<void>;
}

export interface DnsRecord {
  addresses: string[];
  ttlS: number;
  /** Of the TXT record beside it; null when there is none or it is not ours. */
  epoch: number | null;
  owner: string | null;
}

export interface Dns {
  read(zoneId: string, name: string): Promise<DnsRecord | null>;
  /** DELETE old (exact) + CREATE new, A and TXT in one change batch. `stale` when the old one was not there any more. */
  swap(zoneId: string, name: string, old: DnsRecord | null, next: DnsRecord): Promise<'changed' | 'stale'>;
  remove(zoneId: string, name: string, old: DnsRecord): Promise<'changed' | 'stale'>;
}

export interface InstanceView {
  instanceId: string;
  state: string;
  owner: string | null;
}

export interface Instances {
  describe(instanceIds: string[]): Promise<InstanceView[]>;
  /** StopInstances with Force and SkipOsShutdown: a graceful stop would send BYEs and delete rows by uuid. */
  forceStop(instanceId: string): Promise<void>;
  tagOwner(instanceId: string, owner: string): Promise<void>;
  /** Takes the ownership tag off again: the cluster was deleted, an adopted node outlives it. */
  releaseOwner(instanceId: string): Promise<void>;
}

export type ResourceSelector = { id: string } | { tag: { key: string; value: string } };

export interface InstanceFacts {
  instanceId: string;
  zone: string;
  state: string;
  owner: string | null;
  networkInterfaceId: string;
  primaryAddress: string;
  /** In the order in which EC2 lists them. */
  secondaryAddresses: string[];
}

export interface ElasticIpFacts {
  allocationId: string;
  publicIp: string;
  owner: string | null;
  epoch: number | null;
  association: EipAssociation | null;
}

/** What exists, for registration. Throws OutsideRefused unless exactly one resource matches, naming tag and matches. */
export interface Inventory {
  findInstance(selector: ResourceSelector): Promise<InstanceFacts>;
  findElasticIp(selector: ResourceSelector): Promise<ElasticIpFacts>;
}

export interface PageMessage {
  /** At most 100 characters: SNS and phones cut there. */
  subject: string;
  body: string;
  attributes: Record<string, string>;
}
export interface Pager {
  page(message: PageMessage): Promise<void>;
}

/** Invokes observers or the failover function without waiting for their end. */
export interface Kicker {
  kick(functionName: string, payload: unknown): Promise<void>;
}

// ---- FreeSWITCH -------------------------------------------------------------------------------------------------

/** A kept-open look at one node. Owns one ESL connection; reconnects by itself inside `probe`. Never throws. */
export interface NodeProbe {
  /** Resolves within `timeoutMs` plus a little. Both layers are asked at the same time. */
  probe(timeoutMs: number): Promise<{ esl: EslEvidence; sip: Record<string, SipEvidence> }>;
  /** Calls back once per loss when the kept ESL connection closes: a killed process is known in milliseconds. */
  onConnectionLost(listener: () => void): void;
  close(): void;
}

export type ShutdownProof = { fenced: true; proof: string } | { fenced: false; reason: string };
export type PromoteResult = { promoted: true; coreUuid: string; proof: string } | { promoted: false; reason: string };
export type CheckResult =
  { serving: true; coreUuid: string | null; proof: string } | { serving: false; reason: string };

/** What node-control does on a node, over ESL and SIP. Each ends within `timeoutMs`. */
export interface NodeControl {
  /**
   * `fsctl shutdown now`; the proof is the socket closed and then refused. With `coreUuid` only that incarnation is
   * ended: another one found there is left alone, and proves that the old one is gone.
   */
  shutdownNow(node: NodeTopology, timeoutMs: number, coreUuid?: string | null): Promise<ShutdownProof>;
  /** `global_setvar promoted_<vip>=-no`, rescan of each profile, OPTIONS until 200. Idempotent. */
  promote(node: NodeTopology, vip: VipTopology, timeoutMs: number): Promise<PromoteResult>;
  /** OPTIONS to the VIP's address on the node, and its core_uuid. */
  check(node: NodeTopology, vip: VipTopology, timeoutMs: number): Promise<CheckResult>;
}

/** The event of the node-control function and its answer. */
export type NodeControlRequest =
  | { action: 'shutdownNow'; node: NodeTopology; timeoutMs: number; coreUuid?: string | null }
  | { action: 'promote' | 'check'; node: NodeTopology; vip: VipTopology; timeoutMs: number };

export interface Metrics {
  count(name: string, value: number, dimensions?: Record<string, string>): void;
  durationMs(name: string, value: number, dimensions?: Record<string, string>): void;
}

export interface Log {
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
}
