/** The two halves of a recovery, as node-control has them: the switch and the shared database. */
import type { DatabaseEvidence, NodeTopology, VipTopology } from './model';
import type { CallCounts, RecoveryOrder } from './node-control';
import type { RowsPreview } from './recovery-preview';

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
  /** Why the node itself does not reach its database, in words; null: it does. Up to a second where it does not. */
  withoutDatabase(node: NodeTopology, timeoutMs: number): Promise<string | null>;
  /** Gateways of the VIP's profiles that are to register and have not. */
  unregisteredGateways(node: NodeTopology, vip: VipTopology, timeoutMs: number): Promise<string[]>;
}

/** The part of an order that is about rows. */
export type RowsOrder = Omit<RecoveryOrder, 'ontoCoreUuid' | 'maxClockBehindMs' | 'oldClockAheadMs'>;

export interface LockedRole {
  sessionsEnded: number;
  /** Of other roles, from the node's address; `unknown`: we may not see where sessions come from. Absent: not asked. */
  otherSessions?: 'none' | 'unknown';
}

/** Sessions of one role from one address. */
export interface RoleSessions {
  role: string;
  sessions: number;
  /** Whether it may change the rows of calls. */
  writes: boolean;
}

/** How far an order has come, by the rows. */
export interface RecoveryCount {
  planned: CallCounts;
  tracked: CallCounts;
  legsWaiting: number;
}

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
  /**
   * NOLOGIN, then the role's sessions ended until none is left. With the `address` that its node signs in from it is
   * also looked at what else does: sessions of another role there, which may write the same rows, are not fenced by
   * this, and nothing can end them for good. Throws DatabaseRefused for as long as there are some.
   */
  lockRole(role: string, timeoutMs: number, address?: string): Promise<LockedRole>;
  unlockRole(role: string, timeoutMs: number): Promise<void>;
  /**
   * As whom the processes behind that address have signed in; null when we may not see where sessions come from. Left
   * out where nothing has an address (the simulator).
   */
  sessionsFrom?(address: string, timeoutMs: number): Promise<RoleSessions[] | null>;
  /**
   * `nodeId` is where the order recovers to: on that node one incarnation follows another, on two nodes both may live.
   * Throws RecoverySuperseded when an order of the VIP with a higher epoch was begun after this one was decided.
   *
   * One transaction: notes the order (first attempt: copies what its legs are, as the plan that the ledger compares
   * with), moves rows of the VIP's profiles that belong to neither the order nor `ownCoreUuid` aside, drops rows whose
   * leg lives on `ownCoreUuid` already, with `rewriteTo` rewrites `local_media_ip` (way B), and with `advertiseTo`
   * `advertised_media_ip` (a VIP without an Elastic IP: its public address changes with its holder).
   */
  prepareRecovery(
    order: RowsOrder & {
      vipId: string;
      nodeId: string;
      profiles: string[];
      ownCoreUuid: string;
      rewriteTo: string | null;
      advertiseTo: string | null;
    },
    timeoutMs: number,
  ): Promise<PreparedRecovery>;
  /** What a first `prepareRecovery` would do with the rows, in a transaction that may only read. */
  previewRecovery(
    order: Pick<RowsOrder, 'deadCoreUuids'> & {
      profiles: string[];
      ownCoreUuid: string;
      rewriteTo: string | null;
      advertiseTo: string | null;
    },
    timeoutMs: number,
  ): Promise<RowsPreview>;
  /**
   * Legs and calls of the order's plan, those that are tracked by `ownCoreUuid` now, and rows still waiting. Throws
   * RecoveryNotPrepared where the order was never prepared.
   */
  countRecovered(transitionId: string, ownCoreUuid: string, timeoutMs: number): Promise<RecoveryCount>;
  /** Calls of the profiles, by rows of one incarnation. */
  countCalls(
    profiles: string[],
    coreUuid: string,
    timeoutMs: number,
  ): Promise<CallCounts & { connectionOriented: number }>;
  /**
   * Bindings of these profiles on nodes that do not hold the VIP any more: those over connections and those that ran
   * out are deleted, the rest is handed to the new node, which keeps their NAT open and expires them. @returns how many
   * of each
   */
  takeOverRegistrations(
    change: { profiles: string[]; fromNodeIds: string[]; toNodeId: string },
    timeoutMs: number,
  ): Promise<{ moved: number; deletedConnections: number; deletedExpired: number }>;
}
