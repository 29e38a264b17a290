/**
 * The PostgreSQL that the nodes of a cluster share: who may write, whose rows there are, and a record of every leg that
 * was ever rebuilt, for whoever checks that it was done once and of nobody who could still write.
 */
import { DatabaseRefused } from '../../domain/errors';
import type { CallDatabase } from '../../domain/ports';
import { EPOCH_MS, type Kernel } from '../kernel/kernel';
import { RecoveryOrders } from './recovery-orders';
import { RecoveryTable, type Leg, type Row } from './recovery-table';

export type DatabaseVerdict = 'ok' | 'slow' | 'away';

/** A process of FreeSWITCH that has not ended, running or frozen. */
export interface Incarnation {
  /** null: it signs in as somebody whom nobody locks out. */
  role: string | null;
  /** Its wall clock, by which it numbers what it sends. */
  clockMs: () => number;
  /** Legs of it were rebuilt elsewhere: their peers follow the new dialog, and it hears nothing of them any more. */
  takenOver: (legs: readonly Leg[]) => void;
}

/** One leg that was invited again by another process than its own. */
export interface LegRecovery {
  /** Since the run began, with what was skipped. */
  atMs: number;
  /** The order that was last prepared for its profile; null when there was none. */
  transitionId: string | null;
  leg: string;
  coreUuidOfRows: string;
  ownCoreUuid: string;
  /** Whether the process that the row belongs to had not ended by then. */
  ownerWasAlive: boolean;
  /** Whether it was locked out of the database by then; false for one that is dead. */
  ownerWasLocked: boolean;
  /**
   * The recovering process had this leg already: `switch_core_session_request_uuid` refuses a second session with its
   * uuid, so that nobody is invited twice. It can come to that while its own row still waits for the database.
   */
  livedAlready: boolean;
}

/** When TCP sends a lost packet again, of a stock configuration: after this, then twice as late each time, up to that. */
const RETRANSMITS_MS = { first: 200, most: 120_000 };

/** How long SIP goes on waiting after packets were lost for so long. FACTS 8.6 has 17.6 s after 35 s. */
function sentAgainAfterMs(lostForMs: number): number {
  let [sentAtMs, waitsMs] = [0, RETRANSMITS_MS.first];
  while (sentAtMs < lostForMs) {
    sentAtMs += waitsMs;
    waitsMs = Math.min(RETRANSMITS_MS.most, 2 * waitsMs);
  }
  return sentAtMs - lostForMs;
}

/** Connections that a FreeSWITCH keeps. */
const SESSIONS_PER_PROCESS = 4;

type RegistrationChange = Parameters<CallDatabase['takeOverRegistrations']>[0];

export class SimDatabase {
  readonly table = new RecoveryTable();
  readonly orders: RecoveryOrders;
  readonly recoveries: LegRecovery[] = [];
  private condition: DatabaseVerdict = 'ok';
  private silencing = false;
  private awaySinceMs = 0;
  /** Processes whose packets were lost in a trouble that is over, and were not sent again yet. */
  private stillWaiting: ReadonlySet<string> = new Set();
  private readonly locked = new Set<string>();
  private readonly living = new Map<string, Incarnation>();
  /** What the clocks of processes showed when they ended. */
  private readonly endedAt = new Map<string, number>();
  private readonly phones = new Map<string, number>();
  private readonly listeners: (() => void)[] = [];

  /** @param roles the login roles of the nodes, as the deployment made them */
  constructor(
    private readonly kernel: Kernel,
    private readonly roles: readonly string[],
  ) {
    this.orders = new RecoveryOrders(
      this.table,
      () => kernel.elapsedMs,
      () => EPOCH_MS + kernel.nowMs,
    );
  }

  get verdict(): DatabaseVerdict {
    return this.condition;
  }

  /** Whether OPTIONS waits for it in a process where phones register, or in any: see `become`. */
  silencesSip(coreUuid?: string): boolean {
    if (this.condition !== 'ok' && this.silencing) return true;
    return coreUuid === undefined ? this.stillWaiting.size > 0 : this.stillWaiting.has(coreUuid);
  }

  /**
   * @param silencesSip whether OPTIONS waits until it is well again: of nodes that answer REGISTER in the same thread
   *   (FACTS 8.6), which those of our own configuration do not
   */
  become(verdict: DatabaseVerdict, silencesSip = false): void {
    if (this.condition === 'away' && this.silencing && verdict !== 'away') this.sendAgainLater();
    if (this.condition !== 'away') this.awaySinceMs = this.kernel.elapsedMs;
    const wasSilencing = this.silencesSip();
    this.condition = verdict;
    this.silencing = silencesSip;
    if (wasSilencing || this.silencesSip()) this.tell();
  }

  /** After each change of what SIP waits for. */
  onChange(listener: () => void): void {
    this.listeners.push(listener);
  }

  private sendAgainLater(): void {
    const waiting = new Set(this.living.keys());
    this.stillWaiting = waiting;
    this.kernel.after(sentAgainAfterMs(this.kernel.elapsedMs - this.awaySinceMs), () => {
      if (this.stillWaiting === waiting) this.stillWaiting = new Set();
      this.tell();
    });
  }

  private tell(): void {
    for (const listener of this.listeners) listener();
  }

  /** Whether a statement of this role would be done now. */
  admits(role: string | null): boolean {
    return this.condition !== 'away' && !(role !== null && this.locked.has(role));
  }

  isLocked(role: string): boolean {
    return this.locked.has(role);
  }

  /** Without NOLOGIN the sessions come back, so both are one here. @throws DatabaseRefused for a role that is no node's */
  lockRole(role: string): { sessionsEnded: number } {
    this.requireRole(role);
    const wasOpen = !this.locked.has(role);
    this.locked.add(role);
    const processes = [...this.living.values()].filter((each) => each.role === role).length;
    return { sessionsEnded: wasOpen ? SESSIONS_PER_PROCESS * processes : 0 };
  }

  /** @throws DatabaseRefused for a role that is no node's */
  unlockRole(role: string): void {
    this.requireRole(role);
    this.locked.delete(role);
  }

  began(coreUuid: string, incarnation: Incarnation): void {
    this.living.set(coreUuid, incarnation);
  }

  ended(coreUuid: string): void {
    const clockMs = this.living.get(coreUuid)?.clockMs();
    if (clockMs !== undefined) this.endedAt.set(coreUuid, clockMs);
    this.living.delete(coreUuid);
  }

  /** Until when, by its own clock, a process numbered the requests of its calls: it may have sent one just now. */
  numberedUntilMs(coreUuid: string): number {
    return this.living.get(coreUuid)?.clockMs() ?? this.endedAt.get(coreUuid) ?? Number.NEGATIVE_INFINITY;
  }

  /** @param rows legs that `ownCoreUuid` invites again; those in `livedAlready` it had already */
  recordRecovery(ownCoreUuid: string, rows: readonly Row[], livedAlready: ReadonlySet<string>): void {
    const owners = new Map<string, Row[]>();
    for (const row of rows) {
      const owner = this.living.get(row.coreUuid);
      this.recoveries.push({
        atMs: this.kernel.elapsedMs,
        transitionId: this.orders.latestOf(row.profile),
        leg: row.uuid,
        coreUuidOfRows: row.coreUuid,
        ownCoreUuid,
        ownerWasAlive: owner !== undefined,
        ownerWasLocked: owner !== undefined && owner.role !== null && this.locked.has(owner.role),
        livedAlready: livedAlready.has(row.uuid),
      });
      if (owner !== undefined) owners.set(row.coreUuid, [...(owners.get(row.coreUuid) ?? []), row]);
    }
    for (const [coreUuid, legs] of owners) this.living.get(coreUuid)?.takenOver(legs);
  }

  /** Phones whose bindings of this profile are kept by this node. */
  register(profile: string, nodeId: string, phones: number): void {
    this.phones.set(`${profile}/${nodeId}`, phones);
  }

  registered(profile: string, nodeId: string): number {
    return this.phones.get(`${profile}/${nodeId}`) ?? 0;
  }

  takeOverRegistrations({ profiles, fromNodeIds, toNodeId }: RegistrationChange): number {
    let moved = 0;
    for (const profile of profiles) {
      const taken = fromNodeIds
        .filter((nodeId) => nodeId !== toNodeId)
        .reduce((sum, nodeId) => sum + this.registered(profile, nodeId), 0);
      if (taken === 0) continue;
      for (const nodeId of fromNodeIds) if (nodeId !== toNodeId) this.register(profile, nodeId, 0);
      this.register(profile, toNodeId, this.registered(profile, toNodeId) + taken);
      moved += taken;
    }
    return moved;
  }

  private requireRole(role: string): void {
    if (!this.roles.includes(role)) throw new DatabaseRefused(`${role} is not the role of a node`);
  }
}
