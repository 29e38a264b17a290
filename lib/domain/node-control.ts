/** What is asked of a node: by the observers, and as orders through the node-control function. */
import { UnderstudyError } from './errors';
import type { EslEvidence, NodeTopology, SipEvidence, VipTopology } from './model';
import type { PreviewResult } from './recovery-preview';

/** A kept-open look at one node. Owns one ESL connection; reconnects by itself inside `probe`. Never throws. */
export interface NodeProbe {
  /** Resolves within `timeoutMs` plus a little. Both layers are asked at the same time. */
  probe(timeoutMs: number): Promise<{ esl: EslEvidence; sip: Record<string, SipEvidence> }>;
  /** Calls back once per loss when the kept ESL connection closes: a killed process is known in milliseconds. */
  onConnectionLost(listener: () => void): void;
  close(): void;
}

/**
 * Begins the proof of a process that nobody had to end: nothing listened there. One that ends gracefully closes its port
 * seconds before it is gone, and may still write (FACTS 1, 8.5): traffic is fenced by it, rows are not.
 */
export const REFUSED_ALREADY = 'the port refused already';

/** Part of a "no" that says only that no answer came to the function's zone: one in another zone may get one. */
export interface Unreached {
  unreached?: true;
}

/** What a failure means for the answer that tells it. */
export function unreachedBy(error: unknown): Unreached {
  return error instanceof UnderstudyError && error.unreached ? { unreached: true } : {};
}

/** Why not. */
export interface No extends Unreached {
  reason: string;
}

export type ShutdownProof = { fenced: true; proof: string } | ({ fenced: false } & No);
export type PromoteResult = { promoted: true; coreUuid: string; proof: string } | ({ promoted: false } & No);
export type CheckResult = ProcessLook & ({ serving: true; proof: string } | ({ serving: false } & No));

/** What ESL says of a node's process, promoted or not: which one it is, and whether it could take callers over. */
export interface ProcessLook {
  /** null: it could not be asked, or does not tell. */
  coreUuid: string | null;
  /** Why it could not, in words; null: it could. A standby that says 503 for its flag alone can. Left out: not asked. */
  unfit?: string | null;
  /**
   * Why FreeSWITCH itself is taken not to reach its database, in words, where that answers everybody else: it would serve
   * callers, and rebuild no call. null: it does. Left out: not asked, or nobody can tell.
   */
  withoutDatabase?: string | null;
}

/** `away`: the database did not answer. Another reason is not cured by waiting. */
export type LockResult = { locked: true; proof: string } | ({ locked: false; away: boolean } & No);
export type UnlockResult = { unlocked: true; proof: string } | ({ unlocked: false } & No);
export type DemoteResult = { demoted: true; proof: string } | ({ demoted: false } & No);

/** Whose rows are to be recovered, and under which journal: once per id. */
export interface RecoveryOrder {
  /** Id of the transition, `vip#epoch`. */
  transitionId: string;
  /**
   * Epoch milliseconds: once an order of a higher epoch was begun after that, this one touches no row. Left out: not
   * compared.
   */
  decidedAtMs?: number;
  /**
   * Incarnations proved dead or locked out: only their rows are recovered. Empty: no row of a call is touched. One that
   * runs on the very node goes on: its calls never left it, and its rows stay as they are.
   */
  deadCoreUuids: string[];
  /**
   * The nodes they ran on, and living ones that the VIP was drained from: the VIP's registrations there are taken over.
   * Empty where the same node goes on.
   */
  deadNodeIds: string[];
  /**
   * The process that the VIP goes to. Another one that runs there recovers nothing: whoever decides does not know it, and
   * could send the VIP elsewhere without the calls. Left out: whichever runs.
   */
  ontoCoreUuid?: string;
  /** Of the policy: a node that is further behind recovers nothing, because its CSeq would go back. */
  maxClockBehindMs: number;
  /**
   * What the clock of the old holder read when it lost the calls, less the present time: positive while the right time
   * has not come that far. Left out: no observer ever read it, and it counts as right.
   */
  oldClockAheadMs?: number;
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
      /** Calls that live on the node and never left it: it still runs an incarnation of the order. null: it runs another. */
      stayed: CallCounts | null;
      /** Sessions that the node had before its first leg was rebuilt; null when it was not asked or did not tell. */
      ownSessions: number | null;
      notes: string[];
      proof: string;
    }
  /** `away`: the database did not answer; `before` is null when even the count could not be had. */
  | ({
      recovered: false;
      away: boolean;
      before: CallCounts | null;
      /**
       * How many the node was told to rebuild, by this attempt or one before it, while it is not known what it made of
       * that; false: nobody told it. Left out: not known.
       */
      told?: CallCounts | false;
      /** For whoever decides: another process runs there than the one that was chosen, or a younger order was begun. */
      notChosen?: true;
      /** The function of another zone was asked before: what it did nobody heard. Added by whoever asked. */
      unheard?: true;
    } & No);

/** Calls of an order that live on the node now, by their rows. */
export type AliveResult =
  | {
      known: true;
      alive: CallCounts;
      /** All that the order was to rebuild; null: the order names no call, or an older version answers. */
      planned: CallCounts | null;
      /** All sessions of the node, whoever's they are; null when it does not tell. */
      sessions: number | null;
      /** Gateways of the VIP that are to register and have not (again); null when they could not be asked for. */
      unregisteredGateways: string[] | null;
    }
  /** `told`: nobody told the node to rebuild any. */
  | ({ known: false; told?: false } & No);

/** What a switchover would meet. */
export interface Forecast extends Unreached {
  nodeId: string;
  sessions: number | null;
  vips: { vipId: string; calls: number; connectionOriented: number }[];
  /** Sessions without a row: not answered yet. null when not known. */
  unanswered: number | null;
  /** What could not be found out, and why. */
  unknown: string[];
}

/** Level of adoption that a node reaches (docs/operations.md), and what the next one takes. */
export interface Inspection extends Unreached {
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
  /**
   * `global_setvar promoted_<vip>=-no`, rescan of each profile, OPTIONS until 200. Idempotent. With `coreUuid` only that
   * incarnation is promoted: another one found there is left alone.
   */
  promote(node: NodeTopology, vip: VipTopology, timeoutMs: number, coreUuid?: string | null): Promise<PromoteResult>;
  /**
   * OPTIONS to the VIP's address on the node, and what ESL says of its process; with `asksDatabase` also whether that
   * reaches its database, which takes up to a second where it does not.
   * @param from the zone of the node, by which orders go; or another one, where callers are
   */
  check(
    node: NodeTopology,
    vip: VipTopology,
    timeoutMs: number,
    asksDatabase?: boolean,
    from?: 'beside' | 'outside',
  ): Promise<CheckResult>;
  /** Back into standby, this VIP's profiles only; its calls stay (FACTS 8.1). Proof: OPTIONS says 503. */
  demote(node: NodeTopology, vip: VipTopology, timeoutMs: number): Promise<DemoteResult>;
  /** NOLOGIN and all its sessions ended: its rows are fenced, its traffic is not (FACTS 8.4). Idempotent. */
  lockRole(node: NodeTopology, timeoutMs: number): Promise<LockResult>;
  unlockRole(node: NodeTopology, timeoutMs: number): Promise<UnlockResult>;
  /** Rebuilds the calls of `order` on the node while the VIP is in standby there. At most once per order and leg. */
  recover(node: NodeTopology, vip: VipTopology, order: RecoveryOrder, timeoutMs: number): Promise<RecoverResult>;
  /** How many of the order's calls live on the node. */
  countAlive(node: NodeTopology, vip: VipTopology, order: RecoveryOrder, timeoutMs: number): Promise<AliveResult>;
  /** What `recover` would find and change with the same order, without changing anything. The holder may be alive. */
  previewRecovery(
    node: NodeTopology,
    vip: VipTopology,
    order: RecoveryOrder,
    timeoutMs: number,
  ): Promise<PreviewResult>;
  forecast(node: NodeTopology, vips: VipTopology[], timeoutMs: number): Promise<Forecast>;
  inspect(node: NodeTopology, vips: VipTopology[], timeoutMs: number): Promise<Inspection>;
}

/** The event of the node-control function and its answer. */
export type NodeControlRequest =
  | { action: 'shutdownNow'; node: NodeTopology; timeoutMs: number; coreUuid?: string | null }
  | { action: 'promote'; node: NodeTopology; vip: VipTopology; timeoutMs: number; coreUuid?: string | null }
  | { action: 'check'; node: NodeTopology; vip: VipTopology; timeoutMs: number; asksDatabase?: boolean }
  | { action: 'demote'; node: NodeTopology; vip: VipTopology; timeoutMs: number }
  | { action: 'lockRole' | 'unlockRole'; node: NodeTopology; timeoutMs: number }
  | {
      action: 'recover' | 'countAlive' | 'previewRecovery';
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
  | PreviewResult
  | Forecast
  | Inspection;
