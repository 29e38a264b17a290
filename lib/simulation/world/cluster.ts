/** The cluster of a scenario: what its deployment asks of the registrar, and what EC2 has to have for it. */
import { ownerOf } from '../../domain/model';
import type { RegistrationRequest } from '../../operations/registration-request';
import type { Scenario } from '../scenario';
import type { SimElasticIp, SimInstance } from './ec2';

export const CLUSTER = 'sim';
const REGION = 'us-east-1';

export const zoneOf = (letter: string): string => `${REGION}${letter}`;

/**
 * Nodes `fs-1`, `fs-2`, …; VIPs `vip-1`, `vip-2`, …, each at home on the node of its number, or, where they move
 * together, all on the first.
 */
export function requestOf({ shape, policy }: Scenario, version: string): RegistrationRequest {
  const nodeIds = shape.nodeZones.map((_, index) => `fs-${index + 1}`);
  const vips = Array.from({ length: shape.vips }, (_, index) => {
    const home = nodeIds[shape.grouped ? 0 : index] ?? '';
    const spares = nodeIds.slice(shape.grouped ? 1 : shape.vips);
    const others = nodeIds.filter((id) => id !== home && !spares.includes(id));
    return {
      id: `vip-${index + 1}`,
      elasticIp: shape.elasticIps ? { allocationId: `eipalloc-${index + 1}` } : null,
      privateDns: { zoneId: 'Z1', name: `vip-${index + 1}.sim.internal`, ttlS: 5 },
      profiles: [`external-${index + 1}`],
      sipPort: 5060,
      candidates: [home, ...spares, ...others],
      manualOnly: nodeIds.slice(nodeIds.length - shape.manualOnly),
      serviceAddress: `10.255.0.${index + 10}`,
      group: shape.grouped ? 'trunks' : null,
    };
  });
  const zones = shape.observerZones.map(zoneOf);
  return {
    version,
    cluster: CLUSTER,
    region: REGION,
    owner: ownerOf(CLUSTER),
    observers: zones,
    nodes: shape.nodeZones.map((letter, index) => ({
      id: `fs-${index + 1}`,
      zone: zoneOf(letter),
      eslPort: 8021,
      fingerprint: `f-${index + 1}`,
      databaseRole: shape.database ? `node_fs_${index + 1}` : null,
      instance: { id: `i-${index + 1}` },
    })),
    vips,
    policy,
    database: shape.database ? { host: 'database.sim', port: 5432, name: 'freeswitch' } : null,
    nodeControl: Object.fromEntries(zones.map((zone) => [zone, `node-control-${zone}`])),
    kick: zones.map((zone) => ({ functionName: `observer-${zone}`, payload: {} })),
  };
}

export function instancesOf({ shape }: Scenario): SimInstance[] {
  return shape.nodeZones.map((letter, index) => ({
    instanceId: `i-${index + 1}`,
    nodeId: `fs-${index + 1}`,
    zone: zoneOf(letter),
    networkInterfaceId: `eni-${index + 1}`,
    primaryAddress: `10.0.${index}.10`,
    secondaryAddresses: Array.from({ length: shape.vips }, (_, vip) => `10.0.${index}.${vip + 11}`),
    state: 'running',
    owner: null,
  }));
}

export function elasticIpsOf({ shape }: Scenario): SimElasticIp[] {
  if (!shape.elasticIps) return [];
  return Array.from({ length: shape.vips }, (_, index) => ({
    allocationId: `eipalloc-${index + 1}`,
    publicIp: `198.51.100.${index + 10}`,
    association: null,
    owner: null,
    epoch: null,
    before: null,
  }));
}
