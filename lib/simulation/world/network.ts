/** Who reaches whom: zones, nodes, paths, and the loss on them. */
import type { Direction } from '../faults/fault';
import type { Kernel } from '../kernel/kernel';
import type { BurstLoss, Lost } from './bursts';

export interface Place {
  id: string;
  zone: string;
}

/** In place of an observer's zone: everybody, callers too. */
const EVERYBODY = '*';

export class Network {
  /** Zones without power or network at all. */
  private readonly darkZones = new Set<string>();
  /** Zones that live on, cut off from everything outside of them. */
  private readonly isolatedZones = new Set<string>();
  /** Nodes that nobody reaches, though they live. */
  private readonly cutNodes = new Set<string>();
  /** `zone>node`: only that observer's zone does not reach it. */
  private readonly cutPaths = new Set<string>();
  /** `zone>node:direction`: packets get through in the other direction only. */
  private readonly oneWays = new Set<string>();
  /** `zone>node`: what a question and its answer take beyond the usual, in milliseconds. */
  private readonly delaysMs = new Map<string, number>();

  constructor(
    private readonly kernel: Kernel,
    private readonly bursts: BurstLoss,
  ) {}

  darken(zone: string): void {
    this.darkZones.add(zone);
  }

  lighten(zone: string): void {
    this.darkZones.delete(zone);
  }

  isolate(zone: string): void {
    this.isolatedZones.add(zone);
  }

  rejoin(zone: string): void {
    this.isolatedZones.delete(zone);
  }

  cutNode(nodeId: string): void {
    this.cutNodes.add(nodeId);
  }

  joinNode(nodeId: string): void {
    this.cutNodes.delete(nodeId);
  }

  cutPath(zone: string, nodeId: string): void {
    this.cutPaths.add(`${zone}>${nodeId}`);
  }

  joinPath(zone: string, nodeId: string): void {
    this.cutPaths.delete(`${zone}>${nodeId}`);
  }

  /** @param zone null: for everybody, callers too */
  breakOneWay(zone: string | null, nodeId: string, lost: Direction): void {
    this.oneWays.add(`${zone ?? EVERYBODY}>${nodeId}:${lost}`);
  }

  mendOneWay(zone: string | null, nodeId: string, lost: Direction): void {
    this.oneWays.delete(`${zone ?? EVERYBODY}>${nodeId}:${lost}`);
  }

  /** @param zone null: for everybody */
  delay(zone: string | null, nodeId: string, byMs: number): void {
    this.delaysMs.set(`${zone ?? EVERYBODY}>${nodeId}`, byMs);
  }

  hasten(zone: string | null, nodeId: string): void {
    this.delaysMs.delete(`${zone ?? EVERYBODY}>${nodeId}`);
  }

  isDark(zone: string): boolean {
    return this.darkZones.has(zone);
  }

  /** Whether what runs in the zone reaches AWS's interfaces and other zones. */
  isOnline(zone: string): boolean {
    return !this.darkZones.has(zone) && !this.isolatedZones.has(zone);
  }

  /** Whether what is sent in that direction arrives, without the loss of single packets. */
  carries(fromZone: string, node: Place, direction: Direction): boolean {
    if (this.isWhole()) return true;
    if (this.breaks(fromZone, node, direction) || this.breaks(EVERYBODY, node, direction)) return false;
    if (this.darkZones.has(fromZone) || this.darkZones.has(node.zone) || this.cutNodes.has(node.id)) return false;
    if (this.cutPaths.has(`${fromZone}>${node.id}`)) return false;
    const crosses = fromZone !== node.zone;
    return !(crosses && (this.isolatedZones.has(fromZone) || this.isolatedZones.has(node.zone)));
  }

  /** What a question to the node and its answer take beyond the usual. */
  delayMs(fromZone: string, { id }: Place): number {
    if (this.delaysMs.size === 0) return 0;
    return (this.delaysMs.get(`${fromZone}>${id}`) ?? 0) + (this.delaysMs.get(`${EVERYBODY}>${id}`) ?? 0);
  }

  /** What of a probe that is sent now is lost in a burst. */
  loses(fromZone: string, nodeId: string): Lost | null {
    return this.bursts.lostAt(fromZone, nodeId, this.kernel.elapsedMs);
  }

  /** Something in another zone answers. */
  hearsAnybody(zone: string, zones: readonly string[]): boolean {
    if (!this.isOnline(zone) || this.bursts.zoneIsDeaf(zone, this.kernel.elapsedMs)) return false;
    return zones.some((other) => other !== zone && this.isOnline(other));
  }

  callersReach(node: Place): boolean {
    if (!this.isOnline(node.zone) || this.cutNodes.has(node.id)) return false;
    return !this.breaks(EVERYBODY, node, 'there') && !this.breaks(EVERYBODY, node, 'back');
  }

  /** How many of the zones get no answer within that time, loss apart: a partition or a delay that a fault made. */
  cutFrom(zones: readonly string[], node: Place, withinMs: number): number {
    if (this.isWhole() && this.delaysMs.size === 0) return 0;
    return zones.filter((zone) => !this.answers(zone, node) || this.delayMs(zone, node) >= withinMs).length;
  }

  private answers(zone: string, node: Place): boolean {
    return this.carries(zone, node, 'there') && this.carries(zone, node, 'back');
  }

  private breaks(from: string, { id }: Place, direction: Direction): boolean {
    return this.oneWays.size > 0 && this.oneWays.has(`${from}>${id}:${direction}`);
  }

  private isWhole(): boolean {
    const { darkZones, isolatedZones, cutNodes, cutPaths, oneWays } = this;
    return darkZones.size + isolatedZones.size + cutNodes.size + cutPaths.size + oneWays.size === 0;
  }
}
