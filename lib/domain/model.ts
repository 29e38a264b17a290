/**
 * The words of the product as types. Everything here is plain data: it crosses the store, the stream and the wire,
 * so every field must survive JSON, and a reader must cope with items written by the previous version.
 * Times are epoch milliseconds of the writer's wall clock unless a name says otherwise.
 */

/** What a probe of a node, or of one VIP's SIP stack on it, means. See shared FACTS 1 to 5 for the bytes behind each. */
export type Verdict =
  | 'ok' // serving
  | 'busy' // alive and full: 503 Maximum Calls In Progress
  | 'paused' // alive, `fsctl pause`: not fit to take a VIP, not dead either
  | 'standby' // alive, profile in standby: 503 System Paused
  | 'stopping' // FreeSWITCH announced its shutdown
  | 'refused' // the host answers, nothing listens: the process is gone
  | 'silent' // no answer inside the deadline
  | 'rejected' // wrong password or ACL: a misconfiguration, never a death
  | 'malformed'; // bytes that are neither ESL nor SIP

/** What the ESL probe of a node saw. */
export interface EslEvidence {
  verdict: Extract<Verdict, 'ok' | 'paused' | 'stopping' | 'refused' | 'silent' | 'rejected' | 'malformed'>;
  /** One line for a human: the reply, or the error. Never a secret. */
  detail: string;
  latencyMs: number | null;
  coreUuid: string | null;
  /** Sessions now, from `status`; null when not known. */
  sessions: number | null;
  /**
   * The node's wall clock less the observer's; negative is behind. null when the node did not tell. A recovered leg
   * takes its CSeq from the clock: a node that is behind loses calls (FACTS 7.5).
   */
  clockOffsetMs: number | null;
  /**
   * It was told to end when its last call has (`fsctl shutdown elegant` or `asap`), and waits: until then it says `ok`,
   * or `paused`. null when the node did not tell.
   */
  shutdownPending: boolean | null;
}

/** What SIP OPTIONS to one VIP's address on a node saw. `refused` is an ICMP unreachable: a bonus, never needed. */
export interface SipEvidence {
  verdict: Extract<Verdict, 'ok' | 'busy' | 'standby' | 'refused' | 'silent' | 'malformed'>;
  detail: string;
  latencyMs: number | null;
}

/** What an observer's own question to the shared database came to. */
export interface DatabaseEvidence {
  verdict: 'ok' | 'slow' | 'away';
  /** One line for a human: the error, or the time it took. Never a secret. */
  detail: string;
  latencyMs: number | null;
  /** Since when it was in trouble, and when that was last seen, by the observer's clock; none: SIP waits for nothing. */
  trouble?: { sinceMs: number; atMs: number };
}

/** What one observer saw of one node. One item per (node, zone), overwritten in place. */
export interface Observation {
  nodeId: string;
  /** The observer's zone. */
  zone: string;
  observedAtMs: number;
  /** A blind observer saw neither a node nor a control target in another zone answer in any way: it has no vote. */
  blind: boolean;
  /** The observer overran its tick, has just started, or saw nothing at all a moment ago: no vote for a stated while. */
  muted: boolean;
  /** Why it is muted or blind, in words: the observer's own health; null when it may speak. */
  mutedWhy: string | null;
  /** Since when it has had no vote; null while it has one. */
  mutedSinceMs: number | null;
  esl: EslEvidence;
  /** Per VIP id that has an address on this node. */
  sip: Record<string, SipEvidence>;
  /** How often in a row ESL missed (any verdict but ok, paused, stopping), and since when. */
  eslMisses: number;
  eslMissingSinceMs: number | null;
  /**
   * Since when ESL is refused; null while it is not. A look that gets no answer does not end it: whether SIP went at the
   * same time is asked of it, and a lost packet is lost to both.
   */
  eslRefusedSinceMs: number | null;
  /** Per VIP id: how often in a row SIP was silent, refused or malformed, and since when. */
  sipMisses: Record<string, number>;
  sipMissingSinceMs: Record<string, number | null>;
  /**
   * The last looks as bits, the newest is bit 0, 1 is a miss: what "k of n" is counted from. A look that says nothing
   * of the node (blind, or the clock jumped) leaves no bit.
   */
  eslHistory: number;
  /** The same per VIP id. */
  sipHistory: Record<string, number>;
  /**
   * Since when ESL is well and the same FreeSWITCH runs; null while it is not. A miss ends it only where it makes the
   * node suspected (`suspectAfterMisses`): under a little loss nobody would be well for long otherwise.
   */
  eslWellSinceMs: number | null;
  /** Since when it is out of service, or on its way there, by its own word (`paused`, `stopping`, `shutdownPending`). */
  withdrawnSinceMs: number | null;
  /** Per VIP id: how often in a row SIP answered `standby`. A holder that does is an outage. */
  sipStandbys: Record<string, number>;
  /** The shared database as this observer's zone sees it; null where the cluster has none. The same for all nodes. */
  database: DatabaseEvidence | null;
  /** Last core_uuid this observer ever read from the node, kept while the node is dead. */
  coreUuid: string | null;
  /** Last session count this observer ever read from the node, kept while the node is dead: what is at stake. */
  lastSessions: number | null;
  /** Last `esl.clockOffsetMs` this observer ever read from the node, kept while the node is dead. */
  lastClockOffsetMs: number | null;
  codeVersion: string;
  topologyVersion: string;
}

/** In place of a state: the instance runs, and EC2's status checks of it fail. */
export const IMPAIRED = 'impaired';

/** State of an EC2 instance as EventBridge told it: evidence, never a vote. */
export interface InstanceEvidence {
  nodeId: string;
  /** EC2's word for it (`running`, `stopping`, …), or IMPAIRED. */
  state: string;
  atMs: number;
}

export interface Holder {
  nodeId: string;
  /** null only until the first observation of the first holder has been made. */
  coreUuid: string | null;
}

export interface NodeTopology {
  id: string;
  zone: string;
  instanceId: string;
  /** Primary private address: ESL, never callers. */
  managementAddress: string;
  eslPort: number;
  /** Hash over everything whose change replaces the instance, as registered; null for an adopted node. */
  fingerprint: string | null;
  networkInterfaceId: string;
  /** VIP id -> the secondary private address that VIP has on this node. */
  vipAddresses: Record<string, string>;
  /** Login role of this node in the shared database, by which it is locked out; null where there is none. */
  databaseRole: string | null;
}

export interface VipTopology {
  id: string;
  /** null for a VIP without a public address. */
  elasticIp: { allocationId: string; publicIp: string } | null;
  /** The private name that follows the holder; null when none is wanted. */
  privateDns: { zoneId: string; name: string; ttlS: number } | null;
  /** Sofia profiles of this VIP, in promotion order. On nodes that we configure each has the port after the one before, from `sipPort` on. */
  profiles: string[];
  sipPort: number;
  /** Node ids that may hold it, most preferred first. */
  candidates: string[];
  /** Those of them that only an operator may choose. */
  manualOnly: string[];
  /** The node that carried the Elastic IP when the cluster was adopted: its callers stay where they are. */
  firstHolder: string | null;
  /**
   * The address that SIP and RTP of this VIP bind to on every candidate (FACTS 7.3, way A); null where each node binds
   * its own, so that recovery has to rewrite the rows first (way B).
   */
  serviceAddress: string | null;
  /** VIPs with the same name here bridge calls into each other: they move together, to one node. null: alone. */
  group: string | null;
}

export const CRASH_ACTIONS = ['failover', 'restart-in-place'] as const;
export type CrashAction = (typeof CRASH_ACTIONS)[number];

export const SIP_STUCK_ACTIONS = ['failover', 'page'] as const;
export type SipStuckAction = (typeof SIP_STUCK_ACTIONS)[number];

/** `listed`: as the VIP lists its candidates. `least-loaded`: fewest VIPs, then fewest sessions, then as listed. */
export const CANDIDATE_ORDERS = ['listed', 'least-loaded'] as const;
export type CandidateOrder = (typeof CANDIDATE_ORDERS)[number];

/** What becomes of a VIP whose most preferred node is fit again: nothing, a word in `status`, or a planned move. */
export const FAILBACKS = ['never', 'manual', 'automatic'] as const;
export type Failback = (typeof FAILBACKS)[number];

/** How the cluster judges; see `docs/configuration.md` for each value's consequences. Durations in milliseconds. */
export interface Policy {
  probeIntervalMs: number;
  /** Deadline of one ESL or SIP exchange. */
  probeTimeoutMs: number;
  /** A healthy observer writes at least this often. */
  heartbeatMs: number;
  /** A vote or a candidate's health older than this does not count. */
  freshForMs: number;
  /** ESL and SIP both missed this often of the last looks, with no refusal: suspected death. */
  suspectAfterMisses: number;
  /** SIP alone missed this often of the last looks while ESL is well (stuck), or refused since before (suspected death). */
  sipStuckAfterMisses: number;
  /** How many answers may lie among those misses: k misses of the last k + missSlack looks, the newest one missed. */
  missSlack: number;
  /**
   * Silence proves nothing by itself. Where not every configured observer agrees on it (one dissents, is blind, or is
   * gone), a majority must have seen it for this long before it counts. A refusal that SIP went with is a proof and never waits.
   */
  dissentHoldMs: number;
  /**
   * What to do then. `page` where a slow shared database can silence OPTIONS: one thread of FreeSWITCH answers REGISTER
   * and OPTIONS of all profiles, calls are still taken meanwhile, and the next holder would ask the same database.
   */
  sipStuckAction: SipStuckAction;
  /** A holder answered `standby` this often in a row: promote it again. */
  standbyHolderAfterMisses: number;
  /** At most one automatic failover per VIP in this time unless acknowledged. */
  blockPeriodMs: number;
  /** A candidate that was not well for so long is taken only where no other is fit. */
  holdDownMs: number;
  candidateOrder: CandidateOrder;
  failback: Failback;
  /** `failback: automatic`: so long the VIP was held elsewhere and its most preferred node was well. */
  failbackAfterMs: number;
  /** At most so many automatic failovers in the whole cluster within `failoverWindowMs`; a dead zone counts as one. */
  maxFailoversPerWindow: number;
  failoverWindowMs: number;
  /** VIPs that one node may hold. */
  maxVipsPerNode: number;
  /** Transitions in flight at once in the cluster. */
  maxTransitionsInFlight: number;
  /** Retargetings in one chain before a human must look. */
  maxRetargets: number;
  /** Whether the old node is stopped by force after a failover. */
  stopFailedNode: boolean;
  /** Whether a stopped node is started again, on other hardware, and comes back as a standby. */
  restoreFailedNode: boolean;
  /** After a crash whose host lives: fail over at once, or give the supervisor on the node `restartGraceMs`. */
  crashAction: CrashAction;
  restartGraceMs: number;
  /** How long the recovery of calls is tried again when the database is away; then the ledger says what was lost. */
  recoverForMs: number;
  /**
   * A candidate whose clock is further behind than this takes no VIP: recovered calls would be refused. A holder whose
   * clock is further ahead is paged.
   */
  maxClockBehindMs: number;
}

/** The PostgreSQL that the nodes of a cluster share. Credentials are nowhere in it. */
export interface DatabaseTopology {
  host: string;
  port: number;
  name: string;
}

/** What the deployment knows. Written by the registrar, read by everyone else. */
export interface Topology {
  /** Hash of the content: an observer with another version gives way to one with this. */
  version: string;
  cluster: string;
  region: string;
  /** Ownership tag value `cluster/<id>` that EIPs and nodes of this deployment carry. */
  owner: string;
  /** Zones of the configured observers. A majority of these decides. */
  observers: string[];
  nodes: NodeTopology[];
  vips: VipTopology[];
  policy: Policy;
  /** null: calls are not recovered, everything else works. */
  database: DatabaseTopology | null;
  /** Zone -> name of the node-control function there, for the operator's command. */
  nodeControl: Record<string, string>;
}

export interface ClusterControl {
  paused: boolean;
  pausedReason: string | null;
  /** The end of the maintenance window: then it counts as resumed. null: until a human resumes it. */
  pausedUntilMs: number | null;
  transitionsInFlight: number;
}

export interface NodeState {
  nodeId: string;
  paused: boolean;
  pausedUntilMs: number | null;
  /** VIPs this node holds or is about to hold. */
  claims: string[];
  /**
   * The transition that took it out of service (role locked, instance to be stopped), until it is restored. Meanwhile it
   * may look healthy, and must hold nothing.
   */
  lockedBy: string | null;
}

export interface VipState {
  vipId: string;
  epoch: number;
  holder: Holder | null;
  /** `moving` from the decision until the journal of this epoch is closed. */
  status: 'unassigned' | 'moving' | 'held';
  /** When `status`, `epoch` or `holder` last changed: what was observed before says nothing about this holder. */
  changedAtMs: number;
  paused: boolean;
  pausedUntilMs: number | null;
  /** Of the last failover decided by the control plane itself; retargeting and reinstatement do not count. */
  lastAutomaticFailoverAtMs: number | null;
  /** Those of the last day, oldest first, as far as `maxFailoversPerWindow` can ask; read them with `failoversOf`. */
  recentFailoversAtMs: number[];
  /** What fell in each of those, by its instant (`failover-limit.ts`); an older version did not say. */
  failoverEvents: Record<string, string>;
  /** A human acknowledged the last failover at this time: the block is lifted. */
  acknowledgedAtMs: number | null;
}

/** An automatic failover, as its VIP remembers it. */
export interface PastFailover {
  atMs: number;
  /** What fell; null where an older version wrote it. */
  event: string | null;
}

export type TransitionKind = 'assignment' | 'failover' | 'switchover' | 'failback' | 'reinstatement';

/** What made the old holder unfit, in the order of severity of the fence it needs. */
export type Cause =
  | 'conclusive-death' // ESL refused and SIP unreachable since the same moment, seen by a majority
  | 'suspected-death' // ESL and SIP silent, or ESL refused and SIP silent for long, seen by a majority
  | 'sip-stuck' // SIP silent and the process alive, seen by a majority
  | 'restarted' // same node, new core_uuid
  | 'holder-in-standby' // the holder answers `System Paused`
  | 'first-assignment'
  | 'candidate-died' // retargeting
  | 'preferred-node-back' // automatic failback, with the calls: as `operator`
  | 'operator' // switchover with the calls: `fsctl shutdown now` on the old holder
  | 'operator-drained'; // switchover of one VIP whose calls have ended: its old holder only goes into standby

export const STEP_NAMES = [
  'fence',
  'detach',
  'attach',
  'dns',
  'lock', // the old node's database role: the fence of its rows
  'recover', // the calls
  'promote',
  'verify',
  'notify',
  'ledger', // how many of the calls live after 5 s and 28 s, and after 36 s, when peers have confirmed them
  'stop',
  'restore', // the failed node started again, unlocked, a standby
] as const;
export type StepName = (typeof STEP_NAMES)[number];

export interface StepRecord {
  status: 'pending' | 'done' | 'failed' | 'skipped';
  attempts: number;
  startedAtMs: number | null;
  finishedAtMs: number | null;
  /** How we know, in words: the proof of DESIGN invariant 3. */
  proof: string | null;
  /** The last error, in words. */
  error: string | null;
  /** Of `recover`: what the new holder was told, or may have been told, and nobody heard of. Left out: nothing. */
  ordered?: Ordered;
}

/** So many calls are not to be called lost before they were counted. */
export interface Ordered {
  /** Id of the transition whose order it was: the rows of its plan are what is counted. */
  by: string;
  /** null: nobody counted them. */
  calls: number | null;
  legs: number | null;
}

/** Why a call of the old holder is not alive on the new one. */
export const LOSS_REASONS = [
  'no-row', // a session without a row: not answered yet, or answered within the last instants
  'connection-oriented', // TCP, TLS or WebSocket: the connection died with the process
  'not-rebuilt', // had rows, and no peer confirmed it on the new holder: refused, or not answered within 32 s
  'ended', // came back, and was gone before an unanswered peer could have been given up: hung up
  'database-unreachable', // the database did not answer until `recoverForMs` had passed
  'given-up', // the recovery could not be begun until then for another reason: the note says which
  'unfenced', // its rows belong to an incarnation that nobody fenced: moved aside
] as const;
export type LossReason = (typeof LOSS_REASONS)[number];

/**
 * The survival ledger: calls, not legs. Rows are counted, because replies prove nothing: "Recovered N" is the number
 * of threads started (FACTS 7.2). A call counts as alive when all the legs it had are.
 */
export interface CallsLedger {
  /** Calls with rows of the fenced incarnations, before the recovery. */
  before: number;
  legsBefore: number;
  /** Rebuilt and tracked by the new holder: the most that the rows of any look showed; null while not known. */
  resurrected: number | null;
  aliveAfter5s: number | null;
  aliveAfter30s: number | null;
  /** Alive when every leg whose peer did not answer has been given up: what the survival is counted from. */
  confirmed: number | null;
  /** Calls more that sessions may stand for at the last look, while their rows are still being written. */
  beingWritten: number;
  /** Sessions that the new holder had before the recovery: they speak for none of these calls. null: not known. */
  ownSessions: number | null;
  /** Sums to `before` less the last count, and beside that the sessions that never had a row. */
  lost: { reason: LossReason; count: number }[];
  /** When the new holder had answered the recovery, or was given up although it was told to; null: neither. */
  recoveredAtMs: number | null;
  /** What an engineer should know: gateways that did not register again, bindings removed. */
  notes: string[];
  /** Id of the transition by whose plan these calls are counted. Left out: this one. */
  countedBy?: string;
  /** The recovery was given up although the new holder may have rebuilt calls: why those are lost that it did not. */
  givenUp?: Extract<LossReason, 'database-unreachable' | 'given-up'>;
}

/** The journal of one change of holder. Key: `vipId#epoch`. */
export interface Transition {
  id: string;
  vipId: string;
  epoch: number;
  kind: TransitionKind;
  cause: Cause;
  from: Holder | null;
  to: Holder;
  /** Reasons in words, as the decision gave them. */
  reasons: string[];
  /** Sessions on the old holder when last seen alive: what is at stake. null when not known. */
  sessionsBefore: number | null;
  /**
   * By how much the clock of the old holder was off when last read (`EslEvidence.clockOffsetMs`): the calls that it lost
   * are numbered by it. null when no observer ever read it.
   */
  oldClockOffsetMs: number | null;
  /** When the first voting observer first missed the holder. */
  detectedAtMs: number;
  decidedAtMs: number;
  decidedBy: string;
  /** Epoch of the first transition of a chain of retargetings, and how many followed it. */
  chain: { rootEpoch: number; retargets: number };
  status: 'open' | 'done' | 'stuck' | 'superseded';
  closedAtMs: number | null;
  /** Who works on it now, and until when that claim holds. */
  lease: { owner: string; untilMs: number } | null;
  steps: Record<StepName, StepRecord>;
  /** null until the rows were counted, and where there is nothing to recover from. */
  calls: CallsLedger | null;
}

/** Something a human must hear of that is not a transition. One per key, so it is told once. */
export interface Incident {
  /** For example `no-candidate`, `misconfigured`, `blocked`, `stuck`. */
  kind:
    | 'no-candidate'
    | 'no-holder' // nobody holds it, long after it was registered or taken over: no node is fit to be the first
    | 'blocked'
    | 'misconfigured'
    | 'quorum-lost'
    | 'sip-stuck'
    | 'vip-stuck'
    | 'retargets-exhausted'
    | 'database-trouble'
    | 'gray-failure' // signals or observers disagree about the holder for long, or loss that never lasts makes it unusable
    | 'zone-failure' // one event, however many nodes were in the zone
    | 'overload' // the holder is full, and no node could take a part
    | 'holder-withdrawn' // paused, stopping, or its instance on its way down, for long: by somebody's hand, or by EC2's
    | 'clock-ahead' // of a node that holds VIPs: calls that are numbered by it cannot be recovered at once
    | 'second-server' // of a node that answers for a VIP which it does not hold
    | 'failover-limit' // maxFailoversPerWindow
    | 'transition-limit'; // maxTransitionsInFlight, for long
  vipId: string | null;
  nodeId: string | null;
  epoch: number | null;
  reasons: string[];
  atMs: number;
  notifiedAtMs: number | null;
}

/** An incident as the store has it. */
export interface StoredIncident extends Incident {
  /** Since when it is over, where nobody was told of it while it lasted; null while it lasts. */
  overAtMs: number | null;
  /** Since when others like it came and went of which nobody was told, either; null where none did. */
  untoldSinceMs: number | null;
}

/** Incidents that end when their VIP is served again. */
export const INCIDENT_KINDS_OF_A_VIP: readonly Incident['kind'][] = [
  'no-candidate',
  'no-holder',
  'blocked',
  'misconfigured',
  'quorum-lost',
  'sip-stuck',
  'vip-stuck',
  'retargets-exhausted',
  'database-trouble',
  'gray-failure',
  'zone-failure',
  'overload',
  'holder-withdrawn',
  'failover-limit',
  'transition-limit',
];

/** Lease of an observer's loop in one zone. */
export interface ObserverLease {
  zone: string;
  owner: string;
  startedAtMs: number;
  renewedAtMs: number;
  untilMs: number;
  codeVersion: string;
  topologyVersion: string;
}

/** All live items of a cluster in one strongly consistent read. */
export interface ClusterSnapshot {
  topology: Topology;
  control: ClusterControl;
  nodes: NodeState[];
  vips: VipState[];
  observations: Observation[];
  instances: InstanceEvidence[];
  leases: ObserverLease[];
}

export const transitionId = (vipId: string, epoch: number): string => `${vipId}#${epoch}`;

/** Value of the ownership tag, and of the mark in TXT records: one deployment of a cluster in one account and region. */
export const ownerOf = (cluster: string): string => `cluster/${cluster}`;

/** A majority of the configured observers, not of those that happen to answer. */
export const quorumOf = (observers: number): number => Math.floor(observers / 2) + 1;

/** Thrown by nobody: lets the compiler prove that a switch is exhaustive. */
export function assertNever(value: never): never {
  throw new Error(`unhandled case: ${JSON.stringify(value)}`);
}
