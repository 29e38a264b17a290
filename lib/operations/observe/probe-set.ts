/** The kept-open probes of all nodes, in step with the topology: one per node, replaced when its addresses change. */
import { describeError } from '../../domain/errors';
import type { NodeTopology, Topology, VipTopology } from '../../domain/model';
import type { Clock, Log, NodeProbe } from '../../domain/ports';
import type { Look } from './observation';

/** Makes the probe of one node; `vips` are those with an address on it. Opens nothing yet: `probe` does. */
export type OpenProbe = (node: NodeTopology, vips: VipTopology[]) => NodeProbe;

export interface ProbeSetDeps {
  openProbe: OpenProbe;
  clock: Clock;
  log: Log;
  /** A kept connection closed: look at once. */
  onConnectionLost: (nodeId: string) => void;
}

/** A probe that has not ended this long after its deadline never will: our own failure, no evidence of the node's. */
const GRACE_MS = 500;

interface Entry {
  probe: NodeProbe;
  /** Everything that the probe was made from. */
  madeFrom: string;
}

export class ProbeSet {
  private readonly entries = new Map<string, Entry>();
  private followed: Topology | null = null;

  constructor(private readonly deps: ProbeSetDeps) {}

  /** Closes what is gone or changed, opens what is new. */
  follow(topology: Topology): void {
    if (topology === this.followed) return;
    this.followed = topology;
    const wanted = new Map(topology.nodes.map((node) => [node.id, describe(node, topology)]));
    for (const [nodeId, entry] of this.entries) {
      if (wanted.get(nodeId)?.madeFrom !== entry.madeFrom) this.remove(nodeId, entry);
    }
    for (const [nodeId, { node, vips, madeFrom }] of wanted) {
      if (this.entries.has(nodeId)) continue;
      const probe = this.deps.openProbe(node, vips);
      probe.onConnectionLost(() => {
        if (this.entries.get(nodeId)?.probe === probe) this.deps.onConnectionLost(nodeId);
      });
      this.entries.set(nodeId, { probe, madeFrom });
    }
  }

  /** Looks at all nodes at the same time. A probe that fails by itself gives no look: no evidence either way. */
  async lookAtAll(timeoutMs: number): Promise<Map<string, Look>> {
    const ended = new AbortController();
    const overdue = this.deps.clock.sleep(this.deadlineMs(timeoutMs), ended.signal).then(() => null);
    const looks = await Promise.all(
      [...this.entries].map(
        async ([nodeId, { probe }]) => [nodeId, await this.lookAt(nodeId, probe, timeoutMs, overdue)] as const,
      ),
    );
    ended.abort(null);
    return new Map(looks.filter((each): each is [string, Look] => each[1] !== null));
  }

  /** The longest that `lookAtAll` takes. */
  deadlineMs(timeoutMs: number): number {
    return timeoutMs + GRACE_MS;
  }

  close(): void {
    for (const [nodeId, entry] of this.entries) this.remove(nodeId, entry);
  }

  private async lookAt(
    nodeId: string,
    probe: NodeProbe,
    timeoutMs: number,
    overdue: Promise<null>,
  ): Promise<Look | null> {
    const { clock, log } = this.deps;
    const dueMs = clock.monotonicMs() + this.deadlineMs(timeoutMs);
    try {
      const look = await Promise.race([probe.probe(timeoutMs), overdue]);
      if (look === null) log.error(`the probe of ${nodeId} did not end by itself`, { nodeId, timeoutMs });
      return look === null ? null : { ...look, late: clock.monotonicMs() > dueMs };
    } catch (error) {
      log.error(`the probe of ${nodeId} failed by itself`, { nodeId, error: describeError(error) });
      return null;
    }
  }

  private remove(nodeId: string, { probe }: Entry): void {
    this.entries.delete(nodeId);
    probe.close();
  }
}

function describe(
  node: NodeTopology,
  topology: Topology,
): { node: NodeTopology; vips: VipTopology[]; madeFrom: string } {
  const vips = topology.vips.filter((vip) => node.vipAddresses[vip.id] !== undefined);
  return { node, vips, madeFrom: JSON.stringify([node, vips]) };
}
