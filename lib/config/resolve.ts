/** From what was written to what the stacks read: defaults filled in, units converted, references kept. */
import { definedOnly, unchecked } from './defined';
import { DEFAULTS, defaultObserverZones } from './defaults';
import { durationMs } from './duration';
import { effectivePolicy } from './effective-policy';
import type { ClusterConfig, NetworkConfig, NodeConfig, VipConfig } from './model';
import type { Overrides } from './overrides';
import { resolveDatabase } from './resolve-database';
import { resolveFreeSwitch } from './resolve-freeswitch';
import { resolveIngress } from './resolve-ingress';
import type { WrittenCluster, WrittenVip } from './schema';
import { parsePortRange } from './schema-words';
import { effectiveServiceAddress } from './service-address';

type WrittenNode = WrittenCluster['nodes'][number];

/** `overrides` are a laptop's; folders in the file are looked for from `directory`. */
export function resolveCluster(written: WrittenCluster, overrides: Overrides, directory: string): ClusterConfig {
  const nodeZones = written.nodes.map((node) => node.zone);
  return {
    id: written.id,
    region: written.region,
    account: written.account ?? '',
    network: resolveNetwork(written.network, overrides.networkCidr),
    observerZones: written.observers ?? defaultObserverZones(written.region, nodeZones),
    nodes: written.nodes.map(resolveNode),
    vips: written.vips.map((vip) => resolveVip(vip, written, overrides)),
    ingress: resolveIngress(written),
    rtp: parsePortRange(written.rtpPorts ?? DEFAULTS.rtpPorts),
    policy: effectivePolicy(written.policy),
    paging: { emails: written.paging.emails },
    eslSecret:
      typeof written.eslSecret === 'object' ? { source: 'existing', ...written.eslSecret } : { source: 'create' },
    database: resolveDatabase(written.database, overrides),
    freeswitch: resolveFreeSwitch(written, directory),
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

function resolveVip(written: WrittenVip, cluster: WrittenCluster, overrides: Overrides): VipConfig {
  const { elasticIp, privateDns, publicDns, tls } = written;
  return {
    id: written.id,
    elasticIp: typeof elasticIp === 'object' ? { source: 'adopt', tag: elasticIp.adopt.tag } : { source: elasticIp },
    privateDns: privateDns === undefined ? null : { ...resolveRecord(privateDns), zoneId: privateDns.zoneId ?? null },
    publicDns: publicDns === undefined ? null : { ...resolveRecord(publicDns), zoneId: publicDns.zoneId },
    profiles: written.profiles,
    sipPort: written.sipPort ?? DEFAULTS.sipPort,
    serviceAddress: overrides.serviceAddresses === 'none' ? null : effectiveServiceAddress(written, cluster),
    group: written.group ?? null,
    tls: tls === undefined ? null : { secretArn: tls.secretArn, port: tls.port ?? DEFAULTS.sipTlsPort },
    candidates: written.candidates,
    manualOnly: written.manualOnly ?? [...DEFAULTS.manualOnly],
  };
}

const resolveRecord = ({ zone, name, ttl }: { zone: string; name: string; ttl?: string | undefined }) => ({
  zoneName: zone,
  name,
  ttlS: durationMs(ttl ?? DEFAULTS.dnsTtl) / 1_000,
});
