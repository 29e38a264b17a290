/** From what was written to what the stacks read: defaults filled in, units converted, references kept. */
import { UnderstudyError } from '../domain/errors';
import { DEFAULTS, defaultObserverZones } from './defaults';
import { durationMs } from './duration';
import { effectivePolicy } from './effective-policy';
import type { ClusterConfig, NetworkConfig, NodeConfig, SourceRule, VipConfig } from './model';
import type { WrittenCluster } from './schema';
import { parsePortRange } from './schema-words';

type WrittenNode = WrittenCluster['nodes'][number];
type WrittenVip = WrittenCluster['vips'][number];

/** `networkCidr` replaces the range of the VPC: the demo puts it where a laptop has addresses. */
export function resolveCluster(written: WrittenCluster, networkCidr: string | undefined): ClusterConfig {
  const nodeZones = written.nodes.map((node) => node.zone);
  return {
    id: written.id,
    region: written.region,
    account: written.account ?? '',
    network: resolveNetwork(written.network, networkCidr),
    observerZones: written.observers ?? defaultObserverZones(written.region, nodeZones),
    nodes: written.nodes.map(resolveNode),
    vips: written.vips.map(resolveVip),
    ingress: resolveIngress(written),
    rtp: parsePortRange(written.rtpPorts ?? DEFAULTS.rtpPorts),
    policy: effectivePolicy(written.policy),
    paging: { emails: written.paging.emails },
    eslSecret:
      typeof written.eslSecret === 'object' ? { source: 'existing', ...written.eslSecret } : { source: 'create' },
    state: { ...DEFAULTS.state, ...definedOnly(written.state ?? {}) },
  };
}

function resolveNetwork(written: WrittenCluster['network'], networkCidr: string | undefined): NetworkConfig {
  const { nodeEgress, create, existing } = written;
  if (create !== undefined) return { source: 'create', cidr: networkCidr ?? create.cidr, nodeEgress };
  if (existing === undefined) throw unchecked('network');
  return {
    source: 'existing',
    vpcId: existing.vpcId,
    cidr: networkCidr ?? existing.cidr,
    zones: Object.fromEntries(
      Object.entries(existing.zones).map(([zone, subnets]) => [
        zone,
        { ...subnets, nodeSubnetId: subnets.nodeSubnetId ?? null },
      ]),
    ),
    endpointsExist: existing.endpointsExist ?? DEFAULTS.endpointsExist,
    nodeEgress,
  };
}

function resolveNode({ id, zone, eslPort = DEFAULTS.eslPort, create, adopt }: WrittenNode): NodeConfig {
  const common = { id, zone, eslPort };
  if (adopt !== undefined) return { ...common, source: 'adopt', tag: adopt.tag };
  if (create === undefined) throw unchecked('nodes');
  const { instanceType, image: imageId, volumeGiB = DEFAULTS.volumeGiB } = create;
  return { ...common, source: 'create', instanceType, imageId, volumeGiB };
}

function resolveVip(written: WrittenVip): VipConfig {
  const { elasticIp, privateDns, publicDns } = written;
  return {
    id: written.id,
    elasticIp: typeof elasticIp === 'object' ? { source: 'adopt', tag: elasticIp.adopt.tag } : { source: elasticIp },
    privateDns: privateDns === undefined ? null : { ...resolveRecord(privateDns), zoneId: privateDns.zoneId ?? null },
    publicDns: publicDns === undefined ? null : { ...resolveRecord(publicDns), zoneId: publicDns.zoneId },
    profiles: written.profiles,
    sipPort: written.sipPort ?? DEFAULTS.sipPort,
    candidates: written.candidates,
  };
}

const resolveRecord = ({ zone, name, ttl }: { zone: string; name: string; ttl?: string | undefined }) => ({
  zoneName: zone,
  name,
  ttlS: durationMs(ttl ?? DEFAULTS.dnsTtl) / 1_000,
});

/** One rule for each sender, protocol and port. ESL is not among them: its rule is made beside the functions. */
function resolveIngress({ callers, vips, rtpPorts }: WrittenCluster): SourceRule[] {
  const vipPorts = [...new Set(vips.map((vip) => vip.sipPort ?? DEFAULTS.sipPort))];
  const sip = callers.sip.flatMap(({ from, description, protocols = DEFAULTS.sipProtocols, ports = vipPorts }) =>
    protocols.flatMap((protocol) =>
      ports.map((port) => ({ protocol, fromPort: port, toPort: port, sources: from, description })),
    ),
  );
  const rtp = callers.rtp.map(({ from, description }) => ({
    protocol: 'udp' as const,
    ...parsePortRange(rtpPorts ?? DEFAULTS.rtpPorts),
    sources: from,
    description,
  }));
  return [...sip, ...rtp];
}

/** Without the keys that are undefined, which would otherwise hide a default. */
function definedOnly<T extends object>(value: T): { [Key in keyof T]?: Exclude<T[Key], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined)) as {
    [Key in keyof T]?: Exclude<T[Key], undefined>;
  };
}

/** The schema has made sure of it; this is for the compiler, and for whoever changes the schema. */
const unchecked = (what: string): UnderstudyError =>
  new UnderstudyError(`${what}: neither form is there, although the schema asks for one. This is a bug in Understudy`);
