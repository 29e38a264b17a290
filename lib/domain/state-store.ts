/** The state of a cluster as the operations need it: `lib/aws/store` keeps it in DynamoDB. */
import type {
  CallsLedger,
  ClusterSnapshot,
  Holder,
  Incident,
  InstanceEvidence,
  Observation,
  ObserverLease,
  PastFailover,
  StepName,
  StepRecord,
  StoredIncident,
  Topology,
  Transition,
} from './model';

/** A new holder for a VIP, as the one transaction of the decision writes it. */
export interface DecisionWrite {
  transition: Transition;
  /** The epoch that was read; the VIP must still have it. `transition.epoch` is this plus one. */
  expectedEpoch: number;
  /** Whether this failover starts the VIP's block period. */
  startsBlock: boolean;
  /** The VIP's automatic failovers as they were read with that epoch; asked for where it starts a block. */
  failoversBefore?: readonly PastFailover[];
  /** What falls; asked for where it starts a block. */
  event?: string | null;
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

/** What can be in maintenance by itself. */
export type PauseSubject = { kind: 'cluster' } | { kind: 'vip' | 'node'; id: string };

export type DecisionOutcome = { outcome: 'written' } | { outcome: 'refused'; clauses: DecisionClause[] };

export interface StateStore {
  /** Strongly consistent. Throws NotRegistered when the topology is missing. */
  readCluster(): Promise<ClusterSnapshot>;
  /** Eventually consistent read of the topology alone is enough for an observer's periodic refresh. */
  readTopology(): Promise<Topology>;
  /**
   * The newer look of a node and zone stays, but none that is dated ahead of `nowMs`, the writer's wall clock: a clock that
   * was wrong once would silence its zone until time has caught up with it.
   */
  putObservation(observation: Observation, nowMs: number): Promise<void>;
  /** The newer one stays. @param inPlaceOf written only over this state */
  putInstanceEvidence(evidence: InstanceEvidence, inPlaceOf?: string): Promise<void>;

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
  /**
   * Consistent read of one VIP's epoch and of what is paused at `nowMs`, and until when: asked before each mutation.
   * The cluster and the VIP, and of the nodes those that are named; one that has no item is not paused.
   */
  readStanding(
    vipId: string,
    nowMs: number,
    nodeIds?: readonly string[],
  ): Promise<{ epoch: number; paused: string | null }>;
  /** The holder's core_uuid is learned after the first assignment; conditional on epoch and on it being null. */
  learnHolderCoreUuid(vipId: string, epoch: number, coreUuid: string): Promise<void>;

  /** False when the same incident stands already. */
  raiseIncident(incident: Incident): Promise<boolean>;
  /** Those that nobody was told of, also those that are over since. */
  listUnnotifiedIncidents(): Promise<StoredIncident[]>;
  markIncidentNotified(incident: Incident, nowMs: number): Promise<void>;
  /**
   * The incident is over (a candidate is there again, ...): a later one is told anew. One that nobody was told of is
   * marked as over and stays until somebody is (`isToldWhenOver`); then the next call forgets it.
   */
  clearIncident(kind: Incident['kind'], subject: string, nowMs: number): Promise<void>;

  audit(event: { atMs: number; actor: string; action: string; subject: string; detail: string }): Promise<void>;

  // Registration, by the deployment's custom resource only.
  putTopology(topology: Topology): Promise<void>;
  /** A restored table is behind the world: raises a VIP's epoch and forgets its holder. Never lowers one. */
  adoptEpoch(vipId: string, epoch: number, nowMs: number): Promise<void>;
  /** Creates cluster, node and VIP items that are missing; never overwrites one. `atMs`: since when nobody holds them. */
  ensureItems(
    topology: Topology,
    initial: { paused: boolean; reason: string | null; epochs: Record<string, number>; atMs: number },
  ): Promise<void>;
  /** `untilMs`: the end of the maintenance window; null (or left out): until it is resumed. */
  setPaused(subject: PauseSubject, paused: boolean, reason: string | null, untilMs?: number | null): Promise<void>;
  /** Marks a node as taken out of service by a transition, or (null) as let in again. */
  setLockedOut(nodeId: string, lockedBy: string | null): Promise<void>;
  acknowledge(vipId: string, nowMs: number): Promise<void>;
}
