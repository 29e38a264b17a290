/**
 * What the operations need from the outside, as interfaces only: the adapters of `lib/aws` and `lib/freeswitch`
 * implement them, tests and the simulator put others in their place. Every method has a deadline of its own and ends
 * with an answer, `unknown` where the answer was lost, or an error of `lib/domain/errors.ts`.
 */
import type {
  CallsLedger,
  ClusterSnapshot,
  DatabaseEvidence,
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
  /** Whoever judged from an older look would send the VIP to a node that is about to be stopped. */
  | 'candidate-in-service'
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
  /** Open journals of the cluster, and done ones of which a step that may come later is still pending. */
  listUnfinishedTransitions(): Promise<Transition[]>;
  /** One converger at a time; a lease that ran out may be taken. */
  takeTransitionLease(id: string, owner: string, nowMs: number, untilMs: number): Promise<Transition | null>;
  /** Writes one step; refused (false) when the lease is not ours any more or the VIP has a newer epoch. */
  recordStep(id: string, owner: string, step: StepName, record: StepRecord, leaseUntilMs: number): Promise<boolean>;
  /** Writes the survival ledger; refused (false) as `recordStep` is. */
  recordCalls(id: string, owner: string, calls: CallsLedger, leaseUntilMs: number): Promise<boolean>;
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
  /** Marks a node as taken out of service by a transition, or (null) as let in again. */
  setLockedOut(nodeId: string, lockedBy: string | null): Promise<void>;
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
  /** StartInstances: what was stopped comes up on other hardware, with its private addresses. */
  start(instanceId: string): Promise<void>;
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

/** `away`: the database did not answer. Another reason is not cured by waiting. */
export type LockResult = { locked: true; proof: string } | { locked: false; away: boolean; reason: string };
export type UnlockResult = { unlocked: true; proof: string } | { unlocked: false; reason: string };
export type DemoteResult = { demoted: true; proof: string } | { demoted: false; reason: string };

/** Whose rows are to be recovered, and under which journal: once per id. */
export interface RecoveryOrder {
  /** Id of the transition, `vip#epoch`. */
  transitionId: string;
  /** Incarnations proved dead or locked out: only their rows are recovered. */
  deadCoreUuids: string[];
  /** The nodes they ran on; their registrations are taken over. Empty where the same node goes on. */
  deadNodeIds: string[];
  /** Of the policy: a node that is further behind recovers nothing, because its CSeq would go back. */
  maxClockBehindMs: number;
}

/** Of the calls that an order is about. */
export interface CallCounts {
  calls: number;
  legs: number;
}

export type RecoverResult =
  | {
      recovered: true;
      before: CallCounts;
      /** Calls over TCP, TLS or WebSocket among those before. */
      connectionOriented: number;
      /** Calls whose rows belong to no incarnation of the order: moved aside. */
      movedAside: number;
      notes: string[];
      proof: string;
    }
  /** `away`: the database did not answer; `before` is null when even the count could not be had. */
  | { recovered: false; away: boolean; before: CallCounts | null; reason: string };

/** Calls of an order that live on the node now: by rows, and by sessions. */
export type AliveResult =
  { known: true; alive: CallCounts; sessions: number | null; notes: string[] } | { known: false; reason: string };

/** What a switchover would meet. */
export interface Forecast {
  nodeId: string;
  sessions: number | null;
  vips: { vipId: string; calls: number; connectionOriented: number }[];
  /** Sessions without a row: not answered yet. null when not known. */
  unanswered: number | null;
  /** What could not be found out, and why. */
  unknown: string[];
}

/** Level of adoption that a node reaches (docs/operations.md), and what the next one takes. */
export interface Inspection {
  nodeId: string;
  level: 0 | 1 | 2 | 3 | null;
  /** What the next level takes; empty at level 3. */
  missing: string[];
  /** What fights the control plane: it must go before the node is taken into care. */
  conflicts: string[];
}

/** What node-control does on a node, over ESL, SIP and the database. Each ends within `timeoutMs`. */
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
  /** Back into standby, this VIP's profiles only; its calls stay (FACTS 8.1). Proof: OPTIONS says 503. */
  demote(node: NodeTopology, vip: VipTopology, timeoutMs: number): Promise<DemoteResult>;
  /** NOLOGIN and all its sessions ended: its rows are fenced, its traffic is not (FACTS 8.4). Idempotent. */
  lockRole(node: NodeTopology, timeoutMs: number): Promise<LockResult>;
  unlockRole(node: NodeTopology, timeoutMs: number): Promise<UnlockResult>;
  /** Rebuilds the calls of `order` on the node while the VIP is in standby there. At most once per order and leg. */
  recover(node: NodeTopology, vip: VipTopology, order: RecoveryOrder, timeoutMs: number): Promise<RecoverResult>;
  /** How many of the order's calls live on the node. */
  countAlive(node: NodeTopology, vip: VipTopology, order: RecoveryOrder, timeoutMs: number): Promise<AliveResult>;
  forecast(node: NodeTopology, vips: VipTopology[], timeoutMs: number): Promise<Forecast>;
  inspect(node: NodeTopology, vips: VipTopology[], timeoutMs: number): Promise<Inspection>;
}

/** The event of the node-control function and its answer. */
export type NodeControlRequest =
  | { action: 'shutdownNow'; node: NodeTopology; timeoutMs: number; coreUuid?: string | null }
  | { action: 'promote' | 'check' | 'demote'; node: NodeTopology; vip: VipTopology; timeoutMs: number }
  | { action: 'lockRole' | 'unlockRole'; node: NodeTopology; timeoutMs: number }
  | {
      action: 'recover' | 'countAlive';
      node: NodeTopology;
      vip: VipTopology;
      order: RecoveryOrder;
      timeoutMs: number;
    }
  | { action: 'forecast' | 'inspect'; node: NodeTopology; vips: VipTopology[]; timeoutMs: number };

export type NodeControlAnswer =
  | ShutdownProof
  | PromoteResult
  | CheckResult
  | DemoteResult
  | LockResult
  | UnlockResult
  | RecoverResult
  | AliveResult
  | Forecast
  | Inspection;

// ---- the two halves of a recovery, as node-control has them ---------------------------------------------------------

/** The incarnation that is to recover calls, as it is now. */
export interface SwitchState {
  coreUuid: string;
  paused: { inbound: boolean; outbound: boolean };
  sessions: number | null;
  /** See `EslEvidence.clockOffsetMs`. */
  clockOffsetMs: number | null;
}

/** Recovery on one node over ESL (`lib/freeswitch`). Each method throws an UnderstudyError when it cannot be told. */
export interface CallSwitch {
  state(node: NodeTopology, timeoutMs: number): Promise<SwitchState>;
  /**
   * `fsctl recover sofia:PROFILE` for each profile of the VIP, all started at once by `bgapi`, their BACKGROUND_JOB
   * events awaited. Puts the VIP back into standby first where it is promoted already, because a call that arrives
   * meanwhile would get a recovered call's RTP port (FACTS 8.3). Replies are for the journal only.
   */
  recoverProfiles(node: NodeTopology, vip: VipTopology, timeoutMs: number): Promise<{ replies: string[] }>;
  /** Gateways of the VIP's profiles that are to register and have not. */
  unregisteredGateways(node: NodeTopology, vip: VipTopology, timeoutMs: number): Promise<string[]>;
}

/** The part of an order that is about rows. */
export type RowsOrder = Omit<RecoveryOrder, 'maxClockBehindMs'>;

/** What the preparation of a recovery found. */
export interface PreparedRecovery {
  before: CallCounts;
  connectionOriented: number;
  movedAside: number;
  /** An earlier attempt of the same order began so long ago; null when this is the first. */
  begunMsAgo: number | null;
  /** Legs of the order that are still to be rebuilt. */
  legsWaiting: number;
}

/**
 * The shared database (`lib/database`). Every method ends within `timeoutMs`.
 * Throws DatabaseAway when it does not answer, DatabaseRefused when it says no.
 */
export interface CallDatabase {
  probe(timeoutMs: number): Promise<DatabaseEvidence>;
  /** NOLOGIN, then the role's sessions ended until none is left. @returns how many were ended */
  lockRole(role: string, timeoutMs: number): Promise<{ sessionsEnded: number }>;
  unlockRole(role: string, timeoutMs: number): Promise<void>;
  /**
   * One transaction: notes the order (first attempt: copies what its legs are, as the plan that the ledger compares
   * with), moves rows of the VIP's profiles that belong to neither the order nor `ownCoreUuid` aside, drops rows whose
   * leg lives on `ownCoreUuid` already, with `rewriteTo` rewrites `local_media_ip` (way B), and with `advertiseTo`
   * `advertised_media_ip` (a VIP without an Elastic IP: its public address changes with its holder).
   */
  prepareRecovery(
    order: RowsOrder & {
      vipId: string;
      profiles: string[];
      ownCoreUuid: string;
      rewriteTo: string | null;
      advertiseTo: string | null;
    },
    timeoutMs: number,
  ): Promise<PreparedRecovery>;
  /** What way B would change, without changing it: leg uuid, old and new text of the media address. */
  previewRewrite(
    order: RowsOrder & { profiles: string[]; rewriteTo: string },
    timeoutMs: number,
  ): Promise<{ uuid: string; from: string; to: string }[]>;
  /** Legs and calls of the order's plan that are tracked by `ownCoreUuid` now, and rows still waiting. */
  countRecovered(
    transitionId: string,
    ownCoreUuid: string,
    timeoutMs: number,
  ): Promise<{ tracked: CallCounts; legsWaiting: number }>;
  /** Calls of the profiles, by rows of one incarnation. */
  countCalls(
    profiles: string[],
    coreUuid: string,
    timeoutMs: number,
  ): Promise<CallCounts & { connectionOriented: number }>;
  /**
   * Bindings of dead nodes: those over connections deleted, those that ran out deleted, the rest handed to the new
   * node, which then keeps their NAT open and expires them. @returns how many of each
   */
  takeOverRegistrations(
    change: { profiles: string[]; fromNodeIds: string[]; toNodeId: string },
    timeoutMs: number,
  ): Promise<{ moved: number; deletedConnections: number; deletedExpired: number }>;
}

export interface Metrics {
  count(name: string, value: number, dimensions?: Record<string, string>): void;
  durationMs(name: string, value: number, dimensions?: Record<string, string>): void;
}

export interface Log {
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
}
