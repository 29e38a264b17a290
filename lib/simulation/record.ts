/** Keeps the books of a run: who was served, what changed holders and why, and what was lost. */
import { isPaused } from '../domain/maintenance';
import type { CallsLedger, NodeTopology, Topology, Transition, VipState, VipTopology } from '../domain/model';
import { againstFreshForMs } from '../domain/voters';
import { callsLost, isCounted } from '../operations/converge/calls-ledger';
import { EPOCH_MS } from './kernel/kernel';
import type { ChangeOfHolder, StruckBy } from './results';
import { vipsLeaving } from './world/leaving';
import type { World } from './world/world';

/** What has befallen a VIP since it was last well, or its holder since it was chosen. */
interface Trouble {
  by: StruckBy;
  atMs: number;
}

interface Open {
  change: ChangeOfHolder;
  /** Calls that nobody has any more if no ledger says otherwise. */
  callsGone: number;
  transition: string;
  /** As last seen: a restored table may not have it any more. */
  ledger: CallsLedger | null;
  troubleAtMs: number | null;
}

/** One service of a VIP by its holder, up to the next change. */
interface Service {
  /** Established when callers were last served, by name: a process that is gone can be asked no more. */
  calls: ReadonlySet<string>;
  /** The change that ended it; null while it goes on. */
  endedBy: Open | null;
}

const NO_CALLS: ReadonlySet<string> = new Set();

export class Record {
  vipMs = 0;
  unservedMs = 0;
  fullMs = 0;
  namedVipMs = 0;
  nameUnservedMs = 0;
  withoutStandbyMs = 0;
  readonly changes: Open[] = [];
  /** Changes after whose trouble nobody has been served yet. */
  private readonly waiting = new Set<Open>();
  /** Changes whose ledger may still say more. */
  private readonly uncounted = new Set<Open>();
  private lastMs = 0;
  private readonly served = new Map<string, boolean>();
  private readonly full = new Set<string>();
  /** VIPs that have been served once and have a private name: whether that leads to a node that serves. */
  private readonly servedByName = new Map<string, boolean>();
  private readonly lastServedAt = new Map<string, number>();
  /** Nobody answers callers since. A paused switch does: what must come of it is another question than what it costs. */
  private readonly unansweredSince = new Map<string, number>();
  /** Another node than that with the Elastic IP acts since, and the private name leads to it. */
  private readonly splitSince = new Map<string, number>();
  private readonly trouble = new Map<string, Trouble>();
  private readonly troubleOfHolder = new Map<string, Trouble>();
  /** When a node was last well again as a holder. */
  private readonly recoveredAt = new Map<string, number>();
  private readonly services = new Map<string, Service>();
  private hasStandbys = true;

  constructor(private readonly world: World) {}

  /** After each instant: what was true until now was true until now. */
  instant(): void {
    const { topology, kernel, truth } = this.world;
    const nowMs = kernel.elapsedMs;
    const passedMs = nowMs - this.lastMs;
    this.lastMs = nowMs;
    if (topology === null) return;
    for (const vip of topology.vips) {
      const before = this.served.get(vip.id);
      if (before !== undefined) this.vipMs += passedMs;
      if (before === false) this.unservedMs += passedMs;
      if (before === true) this.lastServedAt.set(vip.id, nowMs);
      this.countName(vip, passedMs);
      if (this.full.delete(vip.id)) this.fullMs += passedMs;
      const answering = truth.answering(topology, vip);
      const now = answering !== null && !truth.isPaused(answering);
      // The first service is where a deployment ends and an operation begins.
      if (before === undefined && !now) continue;
      this.served.set(vip.id, now);
      if (vip.privateDns !== null) this.servedByName.set(vip.id, truth.isServedByName(topology, vip));
      if (now) this.noteService(answering, vip.id);
      if (answering !== null) this.unansweredSince.delete(vip.id);
      else if (!this.unansweredSince.has(vip.id)) this.unansweredSince.set(vip.id, nowMs);
      this.noteSplit(topology, vip, answering, nowMs);
      this.noteTrouble(topology, vip.id, answering !== null, nowMs);
      // Who was served all the time is served again once the change is over.
      if (now && (before === false || this.world.table.vips.get(vip.id)?.status === 'held'))
        this.noteRecovery(vip.id, nowMs);
    }
    if (!this.hasStandbys) this.withoutStandbyMs += passedMs;
    this.hasStandbys = topology.vips.every((vip) => this.hasStandby(topology, vip));
  }

  private noteSplit(topology: Topology, vip: VipTopology, answering: NodeTopology | null, nowMs: number): void {
    const { truth } = this.world;
    const named = truth.namedNode(topology, vip);
    const isSplit = answering !== null && named !== null && named.id !== answering.id && truth.answers(named, vip.id);
    if (!isSplit) this.splitSince.delete(vip.id);
    else if (!this.splitSince.has(vip.id)) this.splitSince.set(vip.id, nowMs);
  }

  private countName(vip: VipTopology, passedMs: number): void {
    const served = this.servedByName.get(vip.id);
    if (served === undefined) return;
    this.namedVipMs += passedMs;
    if (!served) this.nameUnservedMs += passedMs;
  }

  /** For how long nobody has served callers of the VIP, a paused switch neither; infinity where nobody ever did. */
  notServedForMs(vipId: string): number {
    const { elapsedMs } = this.world.kernel;
    if (this.served.get(vipId) === true) return 0;
    return elapsedMs - (this.lastServedAt.get(vipId) ?? Number.NEGATIVE_INFINITY);
  }

  /** A transition was written. @returns whether it is a failover of a holder that nothing had struck, nor a moment before */
  decided(transition: Transition, before: VipState): boolean {
    const { vipId, epoch, kind, cause } = transition;
    const { topology } = this.world;
    const from = topology?.nodes.find((node) => node.id === before.holder?.nodeId);
    const now =
      from === undefined || topology === null ? 'nothing' : this.world.truth.afflictionOf(topology, from, vipId);
    // What struck the first holder is no reason to leave the node that was to take over; that is in standby as it should.
    const ofCandidate = cause === 'candidate-died';
    const trouble = (ofCandidate ? this.troubleOfHolder : this.trouble).get(vipId) ?? null;
    const itself = trouble?.by ?? (ofCandidate && now === 'standby' ? 'nothing' : now);
    const struckBy = itself === 'nothing' && cause === 'sip-stuck' ? this.neighboursTrouble(from) : itself;
    this.troubleOfHolder.delete(vipId);
    const nowMs = this.world.kernel.elapsedMs;
    const recoveredAgoMs = struckBy === 'nothing' ? this.recoveredAgoMs(before.holder?.nodeId ?? '') : null;
    if (kind === 'failover' && struckBy === 'nothing') {
      const since = recoveredAgoMs === null ? 'nothing ailed it' : `it was well again since ${recoveredAgoMs} ms`;
      this.world.say(`false failover ${transition.id}: ${since}`);
    }
    const open: Open = {
      callsGone: 0,
      transition: transition.id,
      ledger: null,
      troubleAtMs: trouble?.atMs ?? null,
      change: {
        vipId,
        epoch,
        kind,
        cause,
        struckBy,
        recoveredAgoMs,
        detectMs: trouble === null ? null : nowMs - trouble.atMs,
        recoverMs: null,
        callsBefore: 0,
        callsLost: 0,
      },
    };
    this.changes.push(open);
    this.uncounted.add(open);
    if (trouble !== null) this.waiting.add(open);
    this.endService(open, before);
    return kind === 'failover' && struckBy === 'nothing' && recoveredAgoMs === null;
  }

  /** The profiles of another VIP hang on its node: it goes along, because their process is ended. */
  private neighboursTrouble(node: NodeTopology | undefined): StruckBy {
    const { world } = this;
    const { topology } = world;
    if (node === undefined || topology === null) return 'nothing';
    const isStuck = vipsLeaving(world, node.id).some(
      (vipId) => world.truth.afflictionOf(topology, node, vipId) === 'sip-stuck',
    );
    return isStuck ? 'sip-stuck' : 'nothing';
  }

  /** What the invariants of patience ask: nobody answers callers, though whoever is paused would. */
  unservedForMs(): Map<string, number> {
    return this.lasting(this.unansweredSince);
  }

  /** A second node acts for callers whom the private name leads to it. */
  splitForMs(): Map<string, number> {
    return this.lasting(this.splitSince);
  }

  private lasting(since: ReadonlyMap<string, number>): Map<string, number> {
    const nowMs = this.world.kernel.elapsedMs;
    return new Map([...since].map(([vipId, sinceMs]) => [vipId, nowMs - sinceMs]));
  }

  /** Once a second. */
  readLedgers(): void {
    for (const open of this.uncounted) {
      open.ledger = this.world.table.transitions.get(open.transition)?.calls ?? open.ledger;
      if (open.ledger !== null && isCounted(open.ledger)) this.uncounted.delete(open);
    }
  }

  /** With what the ledgers came to in the end. */
  finished(): ChangeOfHolder[] {
    this.readLedgers();
    return this.changes.map(({ change, ledger, callsGone }) => {
      if (ledger !== null) return { ...change, callsBefore: ledger.before, callsLost: callsLost(ledger) };
      return { ...change, callsBefore: callsGone, callsLost: callsGone };
    });
  }

  /** Calls are the holder's: while a change is under way the node that it leaves may still serve, and counts no more. */
  private noteService(node: NodeTopology, vipId: string): void {
    const { table } = this.world;
    const fs = this.world.switchOf(node.id);
    if (fs.answersSip(vipId) === 'busy') this.full.add(vipId);
    if (table.vips.get(vipId)?.holder?.nodeId !== node.id) return;
    const calls = fs.callIdsOf(vipId);
    const service = this.services.get(vipId);
    if (service === undefined || service.endedBy !== null) this.services.set(vipId, { calls, endedBy: null });
    else service.calls = calls;
  }

  /** Nothing is recovered until a ledger says so: whoever moves without one loses what the old holder had, once. */
  private endService(open: Open, { vipId, holder }: VipState): void {
    const service = this.services.get(vipId);
    const { kind } = open.change;
    if (service === undefined || (kind !== 'failover' && kind !== 'reinstatement')) return;
    // The last of a chain answers for them: one before it may have gone no further than its decision.
    if (service.endedBy !== null) service.endedBy.callsGone = 0;
    service.endedBy = open;
    // A holder that is promoted again in the same process keeps its calls: what is missing ended by itself, in a drain.
    const now = holder === null ? null : this.world.switchOf(holder.nodeId);
    const isSame = now !== null && now.coreUuid === holder?.coreUuid;
    open.callsGone = kind === 'reinstatement' && isSame ? 0 : service.calls.size;
  }

  /** The calls, by name, that the VIP had when its holder last served. */
  lastCallsOf(vipId: string): ReadonlySet<string> {
    return this.services.get(vipId)?.calls ?? NO_CALLS;
  }

  private noteTrouble(topology: Topology, vipId: string, answered: boolean, nowMs: number): void {
    const state = this.world.table.vips.get(vipId);
    const node = topology.nodes.find((each) => each.id === state?.holder?.nodeId);
    const by = node === undefined ? 'nothing' : this.world.truth.afflictionOf(topology, node, vipId);
    // On its way every holder is in standby until it is promoted.
    const isOnItsWay = state?.status === 'moving' && (by === 'nothing' || by === 'standby');
    const isUnpromotable = isOnItsWay && node !== undefined && this.world.truth.isUnpromotable(node);
    const ofHolder = isUnpromotable ? 'unpromotable' : by;
    if (ofHolder !== 'nothing' && ofHolder !== 'standby' && !this.troubleOfHolder.has(vipId))
      this.troubleOfHolder.set(vipId, { by: ofHolder, atMs: nowMs });
    else if (by === 'nothing' && state?.status === 'held') this.troubleOfHolder.delete(vipId);
    if (!this.trouble.has(vipId)) {
      if (by !== 'nothing') this.trouble.set(vipId, { by, atMs: nowMs });
    } else if (answered && by === 'nothing' && state?.status === 'held') {
      this.trouble.delete(vipId);
      if (node !== undefined) this.recoveredAt.set(node.id, nowMs);
    }
  }

  /** As long as a look at its trouble may be a vote. */
  private recoveredAgoMs(nodeId: string): number | null {
    const { kernel, topology } = this.world;
    const agoMs = kernel.elapsedMs - (this.recoveredAt.get(nodeId) ?? Number.NEGATIVE_INFINITY);
    return topology !== null && agoMs <= againstFreshForMs(topology.policy) ? agoMs : null;
  }

  private noteRecovery(vipId: string, nowMs: number): void {
    for (const open of this.waiting) {
      const { change, troubleAtMs } = open;
      if (change.vipId !== vipId || troubleAtMs === null) continue;
      change.recoverMs = nowMs - troubleAtMs;
      this.waiting.delete(open);
    }
  }

  private hasStandby(topology: Topology, { id, group, candidates, manualOnly }: VipTopology): boolean {
    const holder = this.world.table.vips.get(id)?.holder ?? null;
    if (holder === null) return true;
    const together = group === null ? [id] : topology.vips.filter((vip) => vip.group === group).map((vip) => vip.id);
    const byItself = candidates.filter((nodeId) => nodeId !== holder.nodeId && !manualOnly.includes(nodeId));
    return byItself.some((nodeId) => this.couldTake(topology, nodeId, together));
  }

  /** What `rankCandidates` would say of it if the observers saw what is; that itself costs too much for each instant. */
  private couldTake({ policy }: Topology, nodeId: string, together: readonly string[]): boolean {
    const { table, network, ec2, kernel } = this.world;
    const node = table.nodes.get(nodeId);
    if (node === undefined || node.lockedBy !== null || isPaused(node, EPOCH_MS + kernel.nowMs)) return false;
    const others = node.claims.filter((vipId) => !together.includes(vipId));
    if (others.length + together.length > policy.maxVipsPerNode) return false;
    const fs = this.world.switchOf(nodeId);
    const place = { id: nodeId, zone: ec2.instanceOf(nodeId).zone };
    const answers = fs.vipIds.every((vipId) => ['ok', 'standby'].includes(fs.answersSip(vipId)));
    const isWell = fs.answersEsl() === 'ok' && answers;
    return isWell && network.callersReach(place);
  }
}
