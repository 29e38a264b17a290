/** What people do to the cluster: at the console of AWS, by the operator's commands, and on call. */
import type { PauseSubject } from '../../domain/state-store';
import { requestSwitchover } from '../../operations/switchover';
import type { Fault } from '../faults/fault';
import type { World } from './world';

/** A human who looks after a page: acknowledges, resumes. */
const LOOKS_AFTER_MS = 10 * 60_000;
const ASKS_EC2_AGAIN_AFTER_MS = 30_000;
const TRIES_AGAIN_AFTER_MS = 60_000;

export class People {
  /** While an address is moved in the console. */
  movesAddress = false;
  private onCallIsOnTheWay = false;
  private tableIsRestored = false;

  constructor(private readonly world: World) {}

  /** Somebody stops an instance, where EC2 lets them. */
  stopInstance(nodeId: string): void {
    const { ec2 } = this.world;
    const instance = ec2.instanceOf(nodeId);
    if (instance.state === 'running') ec2.stop(instance);
  }

  /** Somebody starts what somebody stopped, as soon as EC2 lets them. */
  startInstance(nodeId: string): void {
    this.letInAndStart(nodeId, null);
  }

  /** Somebody associates the address elsewhere, in the console. */
  moveAddress(vipId: string, toNodeId: string): void {
    const { topology, ec2 } = this.world;
    const vip = topology?.vips.find((each) => each.id === vipId);
    const node = topology?.nodes.find((each) => each.id === toNodeId);
    const address = node?.vipAddresses[vipId];
    const allocationId = vip?.elasticIp?.allocationId;
    if (allocationId === undefined || node === undefined || address === undefined) return;
    this.movesAddress = true;
    ec2.associateByHand(allocationId, node.id, address);
    this.movesAddress = false;
  }

  /** An operator moves the VIP's node's VIPs elsewhere, with their calls; `decided` is called unless it is `refused`. */
  switchOver(vipId: string, decided: () => void, refused: () => void = () => undefined): void {
    const { world } = this;
    world.controlPlane.operator(async (store, process) => {
      const random = world.dice.fork(process.name);
      const log = { warn: (message: string): void => world.say(`operator: ${message}`) };
      const deps = { store, clock: process, random, log, actor: 'operator' };
      const outcome = await requestSwitchover(
        deps,
        { vipId, toNodeId: null, drained: false, abandonCalls: false },
        null,
      );
      if (outcome.kind === 'decided') return decided();
      world.say(`switchover of ${vipId} refused: ${outcome.reasons.join('; ')}`);
      refused();
    });
  }

  pause({ subject, id, forMs, withWindow }: Extract<Fault, { kind: 'paused' }>): void {
    const { controlPlane, kernel } = this.world;
    const what: PauseSubject = subject === 'cluster' ? { kind: 'cluster' } : { kind: subject, id };
    controlPlane.operator((store, process) =>
      store.setPaused(what, true, 'maintenance', withWindow ? process.wallMs() + forMs : null),
    );
    kernel.onDate(kernel.elapsedMs + forMs + 1_000, () => this.resume(what));
  }

  /** Until the command says that it was done: the table may be away just then. */
  private resume(what: PauseSubject): void {
    const { controlPlane, kernel } = this.world;
    const again = (error: unknown): void => {
      if (error !== null) kernel.onDate(kernel.elapsedMs + TRIES_AGAIN_AFTER_MS, () => this.resume(what));
    };
    controlPlane.operator((store) => store.setPaused(what, false, null), again);
  }

  /** Whoever restored the table knows that it is behind the world. */
  haveRestoredTable(): void {
    this.tableIsRestored = true;
    this.sendOnCall();
  }

  /**
   * On-call reads, looks, acknowledges what there is to acknowledge, and lets a restored cluster go on; after bringing
   * back what a failover had taken out that the restored table does not know of.
   */
  sendOnCall(): void {
    if (this.onCallIsOnTheWay) return;
    this.onCallIsOnTheWay = true;
    const { kernel } = this.world;
    kernel.onDate(kernel.elapsedMs + LOOKS_AFTER_MS, () => {
      this.onCallIsOnTheWay = false;
      if (this.tableIsRestored) {
        for (const { id } of this.world.topology?.nodes ?? []) this.bringBackIfForgotten(id);
        this.resumeWhatIsOver();
      }
      this.tableIsRestored = false;
      this.endSecondServers();
      for (const vipId of this.world.table.vips.keys()) this.moveFromLockedOut(vipId);
      this.acknowledge();
    });
  }

  /** As their page says: they come back in standby. */
  private endSecondServers(): void {
    const { table } = this.world;
    for (const { kind, nodeId, overAtMs } of table.incidents.values()) {
      if (overAtMs === null && kind === 'second-server' && nodeId !== null) this.world.switchOf(nodeId).crash();
    }
  }

  /** Away from a node that a failover of another VIP took out of service; again where that is refused. */
  private moveFromLockedOut(vipId: string): void {
    const { table, kernel } = this.world;
    const isLeftBehind = [...table.incidents.values()].some(({ nodeId, overAtMs, ...each }) => {
      const isLocked = (table.nodes.get(nodeId ?? '')?.lockedBy ?? null) !== null;
      return overAtMs === null && each.kind === 'holder-withdrawn' && each.vipId === vipId && isLocked;
    });
    if (!isLeftBehind) return;
    const again = (): void =>
      void kernel.onDate(kernel.elapsedMs + TRIES_AGAIN_AFTER_MS, () => this.moveFromLockedOut(vipId));
    this.switchOver(vipId, () => undefined, again);
  }

  /** As with a resume: until the commands say that it was done. */
  private acknowledge(): void {
    const { controlPlane, kernel } = this.world;
    const again = (error: unknown): void => {
      if (error !== null) kernel.onDate(kernel.elapsedMs + TRIES_AGAIN_AFTER_MS, () => this.acknowledge());
    };
    controlPlane.operator(async (store, process) => {
      const { control, vips } = await store.readCluster();
      for (const { vipId } of vips) await store.acknowledge(vipId, process.wallMs());
      if (control.pausedReason?.startsWith('the table is new or restored') === true) {
        await store.setPaused({ kind: 'cluster' }, false, null);
      }
    }, again);
  }

  /** What a failover had locked and stopped, and the restored table does not know of any more. */
  private bringBackIfForgotten(nodeId: string): void {
    const { table, topology, nodeWorld, ec2 } = this.world;
    if (table.nodes.get(nodeId)?.lockedBy !== null) return;
    const role = topology?.nodes.find((each) => each.id === nodeId)?.databaseRole ?? null;
    const isLocked = role !== null && nodeWorld.database?.isLocked(role) === true;
    // Its old process may live, and must not write again.
    if (isLocked) this.stopInstance(nodeId);
    const { state } = ec2.instanceOf(nodeId);
    if (state === 'stopping' || state === 'stopped') this.letInAndStart(nodeId, isLocked ? role : null);
  }

  /** Pauses that the restored table remembers: whoever wants one still pauses again. */
  private resumeWhatIsOver(): void {
    const { control, vips, nodes } = this.world.table;
    if (control?.paused === true) this.resume({ kind: 'cluster' });
    for (const { vipId: id, paused } of vips.values()) if (paused) this.resume({ kind: 'vip', id });
    for (const { nodeId: id, paused } of nodes.values()) if (paused) this.resume({ kind: 'node', id });
  }

  private letInAndStart(nodeId: string, lockedRole: string | null): void {
    const { ec2, kernel, nodeWorld } = this.world;
    const instance = ec2.instanceOf(nodeId);
    if (instance.state === 'stopping') {
      kernel.after(ASKS_EC2_AGAIN_AFTER_MS, () => this.letInAndStart(nodeId, lockedRole));
      return;
    }
    if (lockedRole !== null) nodeWorld.database?.unlockRole(lockedRole);
    ec2.start(instance);
  }
}
