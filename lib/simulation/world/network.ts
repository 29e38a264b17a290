/** Who reaches whom: zones, nodes, paths, and the loss on them. */
import type { Kernel } from '../kernel/kernel';
import type { BurstLoss } from './bursts';

export interface Place {
  id: string;
  zone: string;
}

export class Network {
  /** Zones without power or network at all. */
  private readonly darkZones = new Set<string>();
  /** Zones that live on, cut off from everything outside of them. */
  private readonly isolatedZones = new Set<string>();
  /** Nodes that nobody reaches, though they live. */
  private readonly cutNodes = new Set<string>();
  /** `zone>node`: only that observer's zone does not reach it. */
  private readonly cutPaths = new Set<string>();

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

  isDark(zone: string): boolean {
    return this.darkZones.has(zone);
  }

  /** Whether what runs in the zone reaches AWS's interfaces and other zones. */
  isOnline(zone: string): boolean {
    return !this.darkZones.has(zone) && !this.isolatedZones.has(zone);
  }

  /** Without the loss of single packets. */
  reaches(fromZone: string, node: Place): boolean {
    if (this.isWhole()) return true;
    if (this.darkZones.has(fromZone) || this.darkZones.has(node.zone) || this.cutNodes.has(node.id)) return false;
    if (this.cutPaths.has(`${fromZone}>${node.id}`)) return false;
    const crosses = fromZone !== node.zone;
    return !(crosses && (this.isolatedZones.has(fromZone) || this.isolatedZones.has(node.zone)));
  }

  /** Whether a probe that is sent now is lost in a burst. */
  loses(fromZone: string, nodeId: string): boolean {
    return this.bursts.isLost(fromZone, nodeId, this.kernel.elapsedMs);
  }

  /** Something in another zone answers. */
  hearsAnybody(zone: string, zones: readonly string[]): boolean {
    if (!this.isOnline(zone) || this.bursts.zoneIsDeaf(zone, this.kernel.elapsedMs)) return false;
    return zones.some((other) => other !== zone && this.isOnline(other));
  }

  callersReach(node: Place): boolean {
    return this.isOnline(node.zone) && !this.cutNodes.has(node.id);
  }

  /** How many of the zones do not reach the node, loss apart: a partition that a fault made. */
  cutFrom(zones: readonly string[], node: Place): number {
    if (this.isWhole()) return 0;
    return zones.filter((zone) => !this.reaches(zone, node)).length;
  }

  private isWhole(): boolean {
    const { darkZones, isolatedZones, cutNodes, cutPaths } = this;
    return darkZones.size + isolatedZones.size + cutNodes.size + cutPaths.size === 0;
  }
}
