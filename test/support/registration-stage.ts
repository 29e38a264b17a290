/** What a deployment of two adopted nodes and one VIP asks for, and the world in which it does. */
import type { ElasticIpFacts, InstanceFacts, Inventory, ResourceSelector } from '../../lib/domain/ports';
import type { RegisterDeps } from '../../lib/operations/register';
import type { RegistrationRequest } from '../../lib/operations/registration-request';
import { policy, topologyOf, ZONES } from './cluster';
import { FakeWorld, silentLog } from './fake-world';
import { MemoryStateStore } from '../../lib/simulation/memory-store';
import { VirtualClock } from './virtual-clock';

export const REQUEST: RegistrationRequest = {
  version: 'v1',
  cluster: 'pbx',
  region: 'us-east-1',
  owner: 'pbx/test',
  observers: [...ZONES],
  nodes: [
    {
      id: 'fs-a',
      zone: 'us-east-1a',
      eslPort: 8021,
      fingerprint: null,
      databaseRole: 'node_fs_a',
      instance: { id: 'i-a' },
    },
    {
      id: 'fs-b',
      zone: 'us-east-1b',
      eslPort: 8021,
      fingerprint: null,
      databaseRole: 'node_fs_b',
      instance: { tag: { key: 'Name', value: 'fs-b' } },
    },
  ],
  vips: [
    {
      id: 'main',
      elasticIp: { allocationId: 'eipalloc-main' },
      privateDns: { zoneId: 'Z1', name: 'sip.pbx.internal', ttlS: 5 },
      profiles: ['external'],
      sipPort: 5060,
      candidates: ['fs-a', 'fs-b'],
      manualOnly: [],
      serviceAddress: '10.255.0.10',
      group: 'trunk',
    },
  ],
  policy,
  database: { host: 'db.internal', port: 5432, name: 'freeswitch' },
  nodeControl: { 'us-east-1a': 'control-a', 'us-east-1b': 'control-b' },
  kick: [{ functionName: 'observer-a', payload: {} }],
};

/** Nothing is registered, and nothing is anybody's. */
export function registrationStage() {
  const topology = topologyOf(2);
  const [holder] = topology.nodes;
  if (holder === undefined) throw new Error('no nodes');
  const world = new FakeWorld(topology.nodes, holder);
  world.association = null;
  world.record = null;
  const instances: Record<string, InstanceFacts> = Object.fromEntries(
    topology.nodes.map((node) => [
      node.id,
      {
        instanceId: node.instanceId,
        zone: node.zone,
        state: 'running',
        owner: null,
        networkInterfaceId: node.networkInterfaceId,
        primaryAddress: node.managementAddress,
        secondaryAddresses: [node.vipAddresses.main ?? ''],
      },
    ]),
  );
  const eip: ElasticIpFacts = {
    allocationId: 'eipalloc-main',
    publicIp: '198.51.100.10',
    owner: null,
    epoch: null,
    association: null,
  };
  const inventory: Inventory = {
    findInstance: (selector: ResourceSelector) => {
      const found =
        'id' in selector ? (selector.id === 'i-a' ? instances['fs-a'] : undefined) : instances[selector.tag.value];
      if (found === undefined) throw new Error('not in this inventory');
      return Promise.resolve(found);
    },
    findElasticIp: () => Promise.resolve(eip),
  };
  const store = new MemoryStateStore();
  const kicked: string[] = [];
  const clock = new VirtualClock();
  clock.sleep = (ms) => clock.advance(ms);
  const deps: RegisterDeps = {
    store,
    inventory,
    elasticIps: world.elasticIps,
    instances: world.ec2,
    dns: world.dns,
    kicker: { kick: (name) => Promise.resolve(void kicked.push(name)) },
    clock,
    log: silentLog,
  };
  return { world, instances, eip, store, kicked, deps };
}
