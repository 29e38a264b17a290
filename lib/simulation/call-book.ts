/** Keeps book of which calls a change of holder answers for, call by call, and of what befell planned moves. */
import type { Transition, VipState } from '../domain/model';
import { isPlannedMove } from '../domain/planned-move';
import type { Fault } from './faults/fault';
import { callIdsIn, type Leg } from './freeswitch/recovery-table';
import { LEDGER_INVARIANT, PLANNED_MOVE_INVARIANT, type PlannedMove } from './invariants/calls';
import { strikeOf, type Strike } from './invariants/struck';
import type { World } from './world/world';

interface AtStake {
  rootEpoch: number;
  calls: ReadonlySet<string>;
}

/** Longer than any move goes on. */
const REMEMBERED_MS = 3_600_000;

export class CallBook {
  /** Of the newest change of each VIP. */
  private readonly atStake = new Map<string, AtStake>();
  private readonly moves = new Map<string, PlannedMove>();
  private strikes: Strike[] = [];
  /** What a target of a move had at the last instant: by VIP and node. */
  private readonly onTarget = new Map<string, { coreUuid: string | null; legs: readonly Leg[] }>();

  /** @param lastCallsOf the calls that a VIP had when its holder last served */
  constructor(
    private readonly world: World,
    private readonly lastCallsOf: (vipId: string) => ReadonlySet<string>,
  ) {}

  struck(fault: Fault): void {
    const { topology, kernel } = this.world;
    this.strikes = this.strikes.filter(({ untilMs }) => untilMs >= kernel.elapsedMs - REMEMBERED_MS);
    if (topology === null) return;
    const strike = strikeOf(fault, topology, kernel.elapsedMs);
    this.strikes.push(strike);
    // Those of them that have a row already go in the same instant.
    for (const move of this.moves.values()) move.unwritten = [...move.unwritten, ...this.legsOnTargets(move, strike)];
  }

  /** A transition was written. */
  decided(transition: Transition, { holder }: VipState): void {
    const { vipId, chain } = transition;
    const before = this.atStake.get(vipId);
    const isOfChain = before?.rootEpoch === chain.rootEpoch;
    const calls = new Set([...(isOfChain ? before.calls : []), ...this.lastCallsOf(vipId)]);
    this.atStake.set(vipId, { rootEpoch: chain.rootEpoch, calls });
    const move = this.moves.get(vipId);
    if (move?.rootEpoch === chain.rootEpoch) move.targets.push(transition.to.nodeId);
    else this.begin(transition, holder);
  }

  /** What a table from a backup does not know of is nobody's any more. */
  replaced(): void {
    this.atStake.clear();
    this.moves.clear();
  }

  /** After each instant. */
  instant(): void {
    for (const move of this.moves.values()) {
      if (move.takenAtMs === null && !this.servesStill(move)) move.takenAtMs = this.world.kernel.elapsedMs;
      for (const target of move.targets) this.followTarget(move, target);
      if (move.unwritten.length > 0) move.unwritten = move.unwritten.filter((leg) => !this.hasRow(leg));
    }
  }

  /** In the moment in which a ledger was written. @returns each that says what is not so, in words */
  wrongLedgers(): string[] {
    const { table } = this.world;
    return [...table.vips.values()].flatMap(({ vipId, epoch }) => {
      const transition = table.transitions.get(`${vipId}#${epoch}`);
      const atStake = this.atStake.get(vipId)?.calls;
      if (transition === undefined || atStake === undefined) return [];
      const alive = this.aliveOn(transition.to.nodeId, vipId, atStake);
      return LEDGER_INVARIANT.broken(transition, { atStake: atStake.size, alive: alive.size }) ?? [];
    });
  }

  /**
   * The planned moves that came to their end in this instant: what the next one strikes is another failure's to keep.
   * @returns those that lost calls without a reason, in words
   */
  lostByPlan(): string[] {
    const { table, kernel } = this.world;
    return [...this.moves.values()].flatMap((move) => {
      const epoch = table.vips.get(move.vipId)?.epoch ?? 0;
      const last = table.transitions.get(`${move.vipId}#${epoch}`);
      if (last === undefined || last.status === 'open') return [];
      this.moves.delete(move.vipId);
      move.unwritten = [...move.unwritten, ...this.legsLeftOn(move, last.to.nodeId)];
      const kept = new Set([
        ...this.aliveOn(last.to.nodeId, move.vipId, move.calls),
        ...this.writtenBy(last.to.nodeId, move),
        // One that got stuck before it took anything: callers are where they were.
        ...(last.status === 'stuck' && this.servesStill(move)
          ? this.aliveOn(move.from.nodeId, move.vipId, move.calls)
          : []),
      ]);
      return PLANNED_MOVE_INVARIANT.broken(move, kept, this.strikes, kernel.elapsedMs) ?? [];
    });
  }

  /**
   * Without a database they end with the old process, as whoever orders the move is told; drained ones stay there, also
   * where the drain is retargeted.
   */
  private begin({ id, vipId, kind, cause, epoch, to, chain }: Transition, holder: VipState['holder']): void {
    // A move that was not judged yet is overtaken: this change answers for its calls.
    this.moves.delete(vipId);
    for (const key of this.onTarget.keys()) if (key.startsWith(`${vipId}>`)) this.onTarget.delete(key);
    const root = this.world.table.transitions.get(`${vipId}#${chain.rootEpoch}`);
    const isDrained = [cause, root?.cause].includes('operator-drained');
    const takesCalls = isPlannedMove({ kind }) && !isDrained;
    if (!takesCalls || holder === null || this.world.nodeWorld.database === null) return;
    const fs = this.world.switchOf(holder.nodeId);
    const { kernel } = this.world;
    if (fs.coreUuid === null) return;
    const isLockedOut = (this.world.table.nodes.get(holder.nodeId)?.lockedBy ?? null) !== null;
    this.moves.set(vipId, {
      ...{ id, vipId, rootEpoch: epoch, targets: [to.nodeId] },
      from: { nodeId: holder.nodeId, coreUuid: fs.coreUuid },
      calls: fs.callIdsOf(vipId),
      decidedAtMs: kernel.elapsedMs,
      takenAtMs: null,
      // One that is locked out for another VIP's failover writes no row any more, as the forecast of the move says.
      unwritten: isLockedOut ? (fs.process?.legsOf(vipId).filter((leg) => !this.hasRow(leg)) ?? []) : [],
    });
  }

  /** Calls that lived on the new holder: whoever follows a process of it that ended since takes them up by their rows. */
  private writtenBy(nodeId: string, { from }: PlannedMove): ReadonlySet<string> {
    const { nodeWorld } = this.world;
    const table = nodeWorld.database?.table;
    const cores = table?.incarnations.filter((core) => core !== from.coreUuid && nodeWorld.switchOf(nodeId).ran(core));
    return callIdsIn(cores?.flatMap((core) => table?.of(core) ?? []) ?? []);
  }

  /** One that was struck is left, and ended, also half-way through a recovery: before it wrote what it had taken up. */
  private followTarget(move: PlannedMove, target: string): void {
    const key = `${move.vipId}>${target}`;
    const { coreUuid, process } = this.world.switchOf(target);
    const before = this.onTarget.get(key);
    if (before !== undefined && before.coreUuid !== coreUuid && this.wasStruck(move, target)) {
      move.unwritten = [...move.unwritten, ...before.legs];
    }
    this.onTarget.set(key, { coreUuid, legs: process?.legsOf(move.vipId) ?? [] });
  }

  private wasStruck({ decidedAtMs }: PlannedMove, target: string): boolean {
    return this.strikes.some(({ nodeIds, untilMs }) => nodeIds.includes(target) && untilMs >= decidedAtMs);
  }

  /** Such a one may live still, locked out: it writes no row any more. */
  private legsLeftOn(move: PlannedMove, lastNodeId: string): Leg[] {
    const left = move.targets.filter((target) => target !== lastNodeId && this.wasStruck(move, target));
    const legs = left.flatMap((target) => this.world.switchOf(target).process?.legsOf(move.vipId) ?? []);
    return legs.filter((leg) => !this.hasRow(leg));
  }

  private legsOnTargets({ vipId, targets }: PlannedMove, { nodeIds }: Strike): Leg[] {
    const struck = targets.filter((target) => nodeIds.includes(target));
    return struck.flatMap((target) => this.world.switchOf(target).process?.legsOf(vipId) ?? []);
  }

  private hasRow({ uuid }: Leg): boolean {
    return this.world.nodeWorld.database?.table.hasLeg(uuid) === true;
  }

  private servesStill({ vipId, from }: PlannedMove): boolean {
    const { topology, truth } = this.world;
    const vip = topology?.vips.find(({ id }) => id === vipId);
    if (topology === null || vip === undefined) return true;
    const isSame = this.world.switchOf(from.nodeId).coreUuid === from.coreUuid;
    return isSame && truth.carrierOf(topology, vip)?.id === from.nodeId;
  }

  private aliveOn(nodeId: string, vipId: string, calls: ReadonlySet<string>): ReadonlySet<string> {
    const present = this.world.switchOf(nodeId).callIdsOf(vipId);
    return new Set([...calls].filter((call) => present.has(call)));
  }
}
