/** The VPC: private, and large enough for what will be put into it. */
import { formatCidr, isPrivate, parseCidr, type Cidr } from '../cidr';
import { defaultObserverZones } from '../defaults';
import { present, type ClusterDraft, type Path } from '../draft';
import { refuse, type ClusterRule, type Finding } from '../finding';
import { vipsOf } from './nodes';

/** Limits of AWS: a VPC is /16 to /28, and five addresses of each subnet are AWS's own. */
const LARGEST_VPC = 16;
const SMALLEST_VPC = 28;
const RESERVED_IN_SUBNET = 5;
/** Below /24 the parts of a new VPC would be smaller than the smallest subnet of AWS. */
const SMALLEST_NEW_VPC = 24;
/** The subnet plan of the stacks gives the nodes of a zone a sixteenth of the VPC, and the functions of a zone another. */
const PARTS = 16;
/** A NAT gateway gets half of a functions' part, and half of a sixteenth of /24 is no subnet any more. */
const SMALLEST_VPC_WITH_NAT = 23;

/** Zones that get subnets: those of the observers and those of the nodes. */
export function zonesInUse(cluster: ClusterDraft): string[] {
  const nodeZones = [...present(cluster.nodes)].flatMap(([node]) => node.zone ?? []);
  const observers =
    cluster.observers?.flatMap((zone) => zone ?? []) ?? defaultObserverZones(cluster.region ?? '', nodeZones);
  return [...new Set([...observers, ...nodeZones])];
}

export const networkIsPrivate: ClusterRule = function* (cluster, at) {
  for (const kind of ['create', 'existing'] as const) {
    const text = cluster.network?.[kind]?.cidr;
    const cidr = text === undefined ? null : parseCidr(text);
    if (text === undefined || cidr === null) continue;
    const path = [...at, 'network', kind, 'cidr'];
    if (formatCidr(cidr) !== text) {
      yield refuse(path, `${text} has bits right of its prefix: write ${formatCidr(cidr)}`);
    }
    if (!isPrivate(cidr)) {
      yield refuse(
        path,
        `${text} is not private: take it from 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 or 100.64.0.0/10`,
      );
    }
    const smallest = kind === 'create' ? SMALLEST_NEW_VPC : SMALLEST_VPC;
    if (cidr.prefix < LARGEST_VPC || cidr.prefix > smallest) {
      yield refuse(path, `a VPC has a prefix of /${LARGEST_VPC} to /${smallest}, not /${cidr.prefix}`);
    } else if (kind === 'create') yield* holdsItsSubnets(cluster, cidr, path);
  }
};

function* holdsItsSubnets(cluster: ClusterDraft, cidr: Cidr, path: Path): Generator<Finding> {
  const { prefix } = cidr;
  if (cluster.network?.nodeEgress === 'nat' && prefix > SMALLEST_VPC_WITH_NAT) {
    yield refuse(path, `/${prefix} has no room for NAT gateways: take /${SMALLEST_VPC_WITH_NAT} or a shorter prefix`);
  }
  const usable = 2 ** (32 - prefix) / PARTS - RESERVED_IN_SUBNET;
  for (const zone of new Set([...present(cluster.nodes)].map(([node]) => node.zone))) {
    const nodes = [...present(cluster.nodes)].map(([node]) => node).filter((node) => node.zone === zone);
    const needed = nodes.reduce((sum, node) => sum + 1 + vipsOf(cluster, node.id), 0);
    if (zone === undefined || needed <= usable) continue;
    yield refuse(
      path,
      `${formatCidr(cidr)} is too small: the nodes of ${zone} need ${needed} addresses, one each and one for each VIP, ` +
        `and their subnet (a sixteenth) has ${usable}. Take a shorter prefix`,
    );
  }
}

export const existingNetworkCoversZones: ClusterRule = function* (cluster, at) {
  const zones = cluster.network?.existing?.zones;
  if (zones === undefined || cluster.region === undefined) return;
  const path = [...at, 'network', 'existing', 'zones'];
  for (const zone of zonesInUse(cluster)) {
    if (!(zone in zones)) yield refuse(path, `${zone} has an observer or a node: add its subnet and route table here`);
  }
  for (const [node] of present(cluster.nodes)) {
    const zone = node.zone === undefined ? undefined : zones[node.zone];
    if (node.create !== undefined && zone !== undefined && zone.nodeSubnetId === undefined) {
      yield refuse(
        [...path, node.zone ?? ''],
        `node ${node.id ?? ''} is to be made in this zone: add nodeSubnetId, the subnet it goes into`,
      );
    }
  }
};
