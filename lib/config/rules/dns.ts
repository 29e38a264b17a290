/** Names: inside their zone, short-lived, and each zone either ours or somebody else's. */
import { DEFAULTS } from '../defaults';
import { present } from '../draft';
import { durationMs, formatDuration } from '../duration';
import { refuse, type ClusterRule } from '../finding';

const TTL_MIN_MS = 1_000;
/** A name that resolvers keep for longer than this no longer helps in a failover. */
const TTL_MAX_MS = 300_000;

export const namesLieInTheirZone: ClusterRule = function* (cluster, at) {
  for (const [vip, index] of present(cluster.vips)) {
    for (const kind of ['privateDns', 'publicDns'] as const) {
      const { name, zone } = vip[kind] ?? {};
      if (name === undefined || zone === undefined || name === zone || name.endsWith(`.${zone}`)) continue;
      yield refuse(
        [...at, 'vips', index, kind, 'name'],
        `${name} does not lie in the zone ${zone}: end it in .${zone}`,
      );
    }
  }
};

export const ttlsAreShort: ClusterRule = function* (cluster, at) {
  for (const [vip, index] of present(cluster.vips)) {
    for (const kind of ['privateDns', 'publicDns'] as const) {
      const ttlMs = durationMs(vip[kind]?.ttl ?? DEFAULTS.dnsTtl);
      if (ttlMs >= TTL_MIN_MS && ttlMs <= TTL_MAX_MS && ttlMs % 1_000 === 0) continue;
      yield refuse(
        [...at, 'vips', index, kind, 'ttl'],
        `must be whole seconds from 1s to 300s; here is ${formatDuration(ttlMs)}`,
      );
    }
  }
};

/** A zone that exists has one id; a zone without an id is made. Both at once would be two zones of one name. */
export const zonesHaveOneId: ClusterRule = function* (cluster, at) {
  const ids = new Map<string, string | undefined>();
  for (const [vip, index] of present(cluster.vips)) {
    const { zone, zoneId } = vip.privateDns ?? {};
    if (zone === undefined) continue;
    if (ids.has(zone) && ids.get(zone) !== zoneId) {
      yield refuse(
        [...at, 'vips', index, 'privateDns', 'zone'],
        `another VIP describes ${zone} with ${ids.get(zone) ?? 'no zoneId'}: write the same zoneId, or none, at both`,
      );
    } else ids.set(zone, zoneId);
  }
};
