/** Three nodes, two VIPs: fs-a holds and serves both, fs-b and fs-c are healthy standbys, seen so from every zone. */
import type { ClusterSnapshot, Observation, Topology, VipState } from '../../lib/domain/model';
import { looks, NOW, nodeState, policy, sip, topologyOf, vipState } from './cluster';
import { FakeWorld, silentLog, type Interference } from './fake-world';
import { MemoryStateStore, type MemoryStoreHooks } from '../../lib/simulation/memory-store';
import { seededRandom, VirtualClock } from './virtual-clock';

export const VIPS = ['main', 'second'] as const;

export function twoVips(overrides: Partial<Topology> = {}, group: string | null = null): Topology {
  const base = topologyOf(3, {
    policy: { ...policy, maxVipsPerNode: 2 },
    database: { host: '127.0.0.1', port: 5432, name: 'freeswitch' },
    nodeControl: { 'us-east-1a': 'node-control-a' },
    ...overrides,
  });
  return {
    ...base,
    nodes: base.nodes.map((node, index) => ({
      ...node,
      vipAddresses: { main: `10.0.${index}.11`, second: `10.0.${index}.12` },
    })),
    vips: VIPS.map((id) => ({
      id,
      elasticIp: { allocationId: `eipalloc-${id}`, publicIp: '198.51.100.10' },
      privateDns: null,
      profiles: [`external-${id}`],
      sipPort: 5060,
      candidates: ['fs-a', 'fs-b', 'fs-c'],
      manualOnly: [],
      firstHolder: null,
      serviceAddress: '10.255.0.10',
      group,
    })),
  };
}

type SipVerdict = Parameters<typeof sip>[0];

/** The same look at one node from every zone, with a verdict for each of its VIPs. */
export function seen(
  nodeId: string,
  main: SipVerdict,
  second: SipVerdict = main,
  overrides: Partial<Observation> = {},
): Observation[] {
  const standbys = (verdict: SipVerdict): number => (verdict === 'standby' ? 100 : 0);
  return looks(nodeId, 'ok', main, {
    sip: { main: sip(main), second: sip(second) },
    sipMisses: { main: 0, second: 0 },
    sipMissingSinceMs: { main: null, second: null },
    sipHistory: { main: 0, second: 0 },
    sipStandbys: { main: standbys(main), second: standbys(second) },
    ...overrides,
  });
}

export function healthyPair(overrides: Partial<ClusterSnapshot> = {}): ClusterSnapshot {
  return {
    topology: twoVips(),
    control: { paused: false, pausedReason: null, pausedUntilMs: null, transitionsInFlight: 0 },
    nodes: [nodeState('fs-a', { claims: ['main', 'second'] }), nodeState('fs-b'), nodeState('fs-c')],
    vips: [heldVip('main'), heldVip('second')],
    observations: [...seen('fs-a', 'ok'), ...seen('fs-b', 'standby'), ...seen('fs-c', 'standby')],
    instances: [],
    leases: [],
    ...overrides,
  };
}

/** What an observer found of the shared database. */
export const DATABASE_AWAY = { verdict: 'away', detail: 'no answer within 800 ms', latencyMs: null } as const;

export const heldVip = (vipId: string, overrides: Partial<VipState> = {}): VipState =>
  vipState({ vipId, epoch: 4, ...overrides });

/** `main` was drained on fs-a some time ago. */
export function drainedMain(overrides: Partial<ClusterSnapshot> = {}): ClusterSnapshot {
  return healthyPair({
    vips: [heldVip('main', { paused: true }), heldVip('second')],
    observations: [...seen('fs-a', 'standby', 'ok'), ...seen('fs-b', 'standby'), ...seen('fs-c', 'standby')],
    ...overrides,
  });
}

/** A store in memory that holds the snapshot, and the world beside it. */
export function stageOf(snapshot: ClusterSnapshot, hooks: MemoryStoreHooks = {}, interfere: Interference = {}) {
  const store = new MemoryStateStore(hooks);
  store.topology = structuredClone(snapshot.topology);
  store.control = structuredClone(snapshot.control);
  for (const node of snapshot.nodes) store.nodes.set(node.nodeId, structuredClone(node));
  for (const vip of snapshot.vips) store.vips.set(vip.vipId, structuredClone(vip));
  for (const each of snapshot.observations)
    store.observations.set(`${each.nodeId}#${each.zone}`, structuredClone(each));
  const [holder] = snapshot.topology.nodes;
  if (holder === undefined) throw new Error('no nodes');
  const world = new FakeWorld(snapshot.topology.nodes, holder, interfere);
  const clock = new VirtualClock({ startMs: NOW });
  const random = seededRandom(1);
  const deps = { store, clock, random, log: silentLog, actor: 'operator/eva', nodeControl: world.nodeControl };
  return { store, world, clock, random, deps };
}
