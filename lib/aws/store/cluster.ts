/** The cluster's live items: the one read that a decision hangs on, and what registration and operators write. */
import { NotRegistered } from '../../domain/errors';
import type { ClusterSnapshot, Topology } from '../../domain/model';
import type { Log, PauseSubject, StateStore } from '../../domain/ports';
import type { PlainItem, Scalar } from './attributes';
import { decodeControl, decodeInstance, decodeLease, decodeNode, decodeVip } from './decode';
import { decodeObservation } from './decode-observation';
import { decodeTopology } from './decode-topology';
import { encodeControl, encodeNode, encodeTopology, encodeVip } from './encode';
import { controlKey, LIVE, nodeKey, topologyKey, vipKey } from './keys';
import { noSuchVip } from './journals';
import { readableOf } from './readable';
import { namedIn, newControl, newNode, newVip } from '../../domain/store-rules';
import type { Table } from './table';

/** Conditions by name. */
const NONE_YET = 'attribute_not_exists(#pk)';
const EXISTS = 'attribute_exists(#pk)';
const STILL_THIS_EPOCH = '#epoch = :epoch';
const INCARNATION_UNKNOWN = 'attribute_exists(#holderNode) AND attribute_not_exists(#holderCoreUuid)';

export class ClusterItems {
  constructor(
    private readonly table: Table,
    private readonly log: Log,
  ) {}

  /**
   * One strongly consistent Query, 1 RRU per 4 KB: 5 KB (2 RRU) for two nodes, one VIP and three observers.
   * An observation that cannot be read is no vote; topology, control, and the items of the topology's own VIPs and
   * nodes throw when they cannot be read. Any other VIP or node is known by its key and not read at all.
   */
  async read(): Promise<ClusterSnapshot> {
    const items = await this.table.query(LIVE);
    const topologyItem = items.find((item) => item.sk === topologyKey().sk);
    const controlItem = items.find((item) => item.sk === controlKey().sk);
    if (topologyItem === undefined || controlItem === undefined) throw this.notRegistered();
    const topology = decodeTopology(topologyItem);
    const named = namedIn(topology);
    const under = (prefix: string): PlainItem[] => items.filter((item) => item.sk.startsWith(prefix));
    const idIn = (item: PlainItem): string => item.sk.slice(item.sk.indexOf('#') + 1);
    return {
      topology,
      control: decodeControl(controlItem),
      nodes: under('node#')
        .filter((item) => named.node(idIn(item)))
        .map(decodeNode),
      vips: under('vip#')
        .filter((item) => named.vip(idIn(item)))
        .map(decodeVip),
      observations: this.readable(under('obs#'), decodeObservation).filter((seen) => named.node(seen.nodeId)),
      instances: this.readable(under('instance#'), decodeInstance).filter((seen) => named.node(seen.nodeId)),
      leases: this.readable(under('lease#'), decodeLease),
    };
  }

  /** 0.5 RRU per 4 KB: eventually consistent is enough to notice a new version. */
  async readTopology(): Promise<Topology> {
    const item = await this.table.get(topologyKey(), { consistent: false });
    if (item === null) throw this.notRegistered();
    return decodeTopology(item);
  }

  /** 1 WRU per KB, at a deployment. */
  async putTopology(topology: Topology): Promise<void> {
    await this.table.put(encodeTopology(topology));
  }

  /** 1 WRU per node and VIP, at a deployment; what is there stays as it is. */
  async ensure(topology: Topology, initial: Parameters<StateStore['ensureItems']>[1]): Promise<void> {
    const items = [
      encodeControl(newControl(initial.paused, initial.reason)),
      ...topology.nodes.map(({ id }) => encodeNode(newNode(id))),
      ...topology.vips.map(({ id }) => encodeVip(newVip(id, initial.epochs[id] ?? 0, initial.atMs))),
    ];
    for (const item of items) await this.table.put(item, { clause: NONE_YET });
  }

  /** 1 WRU. What is null is taken away: a resumed item keeps neither reason nor end. */
  async setPaused(
    subject: PauseSubject,
    paused: boolean,
    reason: string | null,
    untilMs: number | null,
  ): Promise<void> {
    const key =
      subject.kind === 'cluster' ? controlKey() : subject.kind === 'vip' ? vipKey(subject.id) : nodeKey(subject.id);
    const outcome = await this.table.update(key, {
      ...setOrRemove({ paused, pausedReason: reason, pausedUntilMs: untilMs }),
      clause: EXISTS,
    });
    if (outcome.applied) return;
    if (subject.kind === 'cluster') throw this.notRegistered();
    throw new NotRegistered(`table ${this.table.name} has no ${subject.kind} '${subject.id}'; name one of its own`);
  }

  /** 1 WRU. Claims are left alone: they change beside it. */
  async setLockedOut(nodeId: string, lockedBy: string | null): Promise<void> {
    const outcome = await this.table.update(nodeKey(nodeId), {
      update: lockedBy === null ? 'REMOVE #lockedBy' : 'SET #lockedBy = :lockedBy',
      clause: EXISTS,
      values: lockedBy === null ? {} : { lockedBy },
    });
    if (!outcome.applied) {
      throw new NotRegistered(`table ${this.table.name} has no node '${nodeId}'; name one of its own`);
    }
  }

  /** 1 WRU. */
  async acknowledge(vipId: string, nowMs: number): Promise<void> {
    const outcome = await this.table.update(vipKey(vipId), {
      update: 'SET #acknowledgedAtMs = :now',
      clause: EXISTS,
      values: { now: nowMs },
    });
    if (!outcome.applied) throw noSuchVip(this.table.name, vipId);
  }

  /** 1 WRU. Refused silently when the epoch moved on or the incarnation is known by now: both are fine. */
  async learnHolderCoreUuid(vipId: string, epoch: number, coreUuid: string): Promise<void> {
    await this.table.update(vipKey(vipId), {
      update: 'SET #holderCoreUuid = :coreUuid',
      clause: `${STILL_THIS_EPOCH} AND ${INCARNATION_UNKNOWN}`,
      values: { epoch, coreUuid },
    });
  }

  private readable<T>(items: PlainItem[], decode: (item: PlainItem) => T): T[] {
    return readableOf(items, decode, this.log, 'an item of evidence cannot be read and does not count');
  }

  private notRegistered(): NotRegistered {
    return new NotRegistered(
      `table ${this.table.name} has no topology and control items; deploy the control-plane stack, whose registration ` +
        'writes them, or check the name of the table',
    );
  }
}

/** An update that sets what has a value and removes what is null. At least one attribute must have one. */
function setOrRemove(attributes: Record<string, Scalar | null>): { update: string; values: Record<string, Scalar> } {
  const values = Object.fromEntries(
    Object.entries(attributes).filter((entry): entry is [string, Scalar] => entry[1] !== null),
  );
  const sets = Object.keys(values).map((name) => `#${name} = :${name}`);
  const removes = Object.keys(attributes).filter((name) => attributes[name] === null);
  const remove = removes.length === 0 ? '' : ` REMOVE ${removes.map((name) => `#${name}`).join(', ')}`;
  return { update: `SET ${sets.join(', ')}${remove}`, values };
}
