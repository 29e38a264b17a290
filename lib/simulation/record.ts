/** Keeps the books of a run: who was served, what changed holders and why, and what was lost. */
import type { Transition, VipState } from '../domain/model';
import { callsLost } from '../operations/converge/calls-ledger';
import type { ChangeOfHolder, StruckBy } from './results';
import type { World } from './world/world';

/** What has befallen a VIP since it was last well. */
interface Trouble {
  by: StruckBy;
  atMs: number;
}

interface Open {
  change: ChangeOfHolder;
  /** Established calls of the VIP on its old holder when the change was decided. */
  callsThen: number;
  transition: string;
  troubleAtMs: number | null;
}

export class Record {
  vipMs = 0;
  unservedMs = 0;
  withoutStandbyMs = 0;
  readonly changes: Open[] = [];
  private lastMs = 0;
  private readonly served = new Map<string, boolean>();
  private readonly unservedSince = new Map<string, number>();
  private readonly trouble = new Map<string, Trouble>();
  private hasStandbys = true;

  constructor(private readonly world: World) {}

  /** After each instant: what was true until now was true until now. */
  instant(): void {
    const { topology, kernel, truth, table } = this.world;
    const nowMs = kernel.elapsedMs;
    const passedMs = nowMs - this.lastMs;
    this.lastMs = nowMs;
    if (topology === null) return;
    for (const vip of topology.vips) {
      const before = this.served.get(vip.id);
      if (before !== undefined) this.vipMs += passedMs;
      if (before === false) this.unservedMs += passedMs;
      const now = truth.isServed(topology, vip);
      // The first service is where a deployment ends and an operation begins.
      if (before === undefined && !now) continue;
      this.served.set(vip.id, now);
      if (now) this.unservedSince.delete(vip.id);
      else if (!this.unservedSince.has(vip.id)) this.unservedSince.set(vip.id, nowMs);
      this.noteTrouble(topology, vip.id, now, nowMs);
      if (now && before === false) this.noteRecovery(vip.id, nowMs);
    }
    if (!this.hasStandbys) this.withoutStandbyMs += passedMs;
    this.hasStandbys = topology.vips.every((vip) => {
      const holder = table.vips.get(vip.id)?.holder;
      return (
        holder === null ||
        holder === undefined ||
        vip.candidates.some((id) => id !== holder.nodeId && this.couldTake(id))
      );
    });
  }

  /** A transition was written. */
  decided(transition: Transition, before: VipState): void {
    const { topology } = this.world;
    const trouble = this.trouble.get(transition.vipId) ?? null;
    const from = topology?.nodes.find((node) => node.id === before.holder?.nodeId);
    const now =
      from === undefined || topology === null ? 'nothing' : this.world.truth.afflictionOf(topology, from, before.vipId);
    const struckBy = trouble?.by ?? now;
    const nowMs = this.world.kernel.elapsedMs;
    this.changes.push({
      callsThen: before.holder === null ? 0 : this.world.switchOf(before.holder.nodeId).callsOf(before.vipId),
      transition: transition.id,
      troubleAtMs: trouble?.atMs ?? null,
      change: {
        vipId: transition.vipId,
        epoch: transition.epoch,
        kind: transition.kind,
        cause: transition.cause,
        struckBy,
        detectMs: trouble === null ? null : nowMs - trouble.atMs,
        recoverMs: null,
        callsBefore: 0,
        callsLost: 0,
      },
    });
  }

  unservedForMs(): Map<string, number> {
    const nowMs = this.world.kernel.elapsedMs;
    return new Map([...this.unservedSince].map(([vipId, sinceMs]) => [vipId, nowMs - sinceMs]));
  }

  /** With what the ledgers came to in the end. */
  finished(): ChangeOfHolder[] {
    return this.changes.map(({ change, transition, callsThen }) => {
      const calls = this.world.table.transitions.get(transition)?.calls ?? null;
      if (calls !== null) return { ...change, callsBefore: calls.before, callsLost: callsLost(calls) };
      // Nothing was recovered: whoever moves without a ledger loses what the old holder had.
      const lost = change.kind === 'failover' || change.kind === 'reinstatement' ? callsThen : 0;
      return { ...change, callsBefore: lost, callsLost: lost };
    });
  }

  private noteTrouble(topology: NonNullable<World['topology']>, vipId: string, served: boolean, nowMs: number): void {
    const state = this.world.table.vips.get(vipId);
    const node = topology.nodes.find((each) => each.id === state?.holder?.nodeId);
    const by = node === undefined ? 'nothing' : this.world.truth.afflictionOf(topology, node, vipId);
    if (!this.trouble.has(vipId)) {
      if (by !== 'nothing') this.trouble.set(vipId, { by, atMs: nowMs });
    } else if (served && by === 'nothing' && state?.status === 'held') this.trouble.delete(vipId);
  }

  private noteRecovery(vipId: string, nowMs: number): void {
    for (const { change, troubleAtMs } of this.changes) {
      if (change.vipId !== vipId || change.recoverMs !== null || troubleAtMs === null) continue;
      change.recoverMs = nowMs - troubleAtMs;
    }
  }

  private couldTake(nodeId: string): boolean {
    const { table, network, ec2 } = this.world;
    const fs = this.world.switchOf(nodeId);
    const node = table.nodes.get(nodeId);
    const place = { id: nodeId, zone: ec2.instanceOf(nodeId).zone };
    const answers = fs.vipIds.every((vipId) => ['ok', 'standby'].includes(fs.answersSip(vipId)));
    const isWell = fs.answersEsl() === 'ok' && answers;
    return isWell && network.callersReach(place) && node?.lockedBy === null && !node.paused;
  }
}
