/** Two clusters of a file never claim the same thing: both would believe it theirs, and one would take it away. */
import { overlaps, parseCidr } from '../cidr';
import { DEFAULTS } from '../defaults';
import { present, type ClusterDraft, type Path } from '../draft';
import { refuse, type FileRule, type Finding } from '../finding';
import { unique } from './ids';

interface Claim {
  what: string;
  /** Equal keys are the same thing. */
  key: string;
  path: Path;
}

export const clusterIdsAreUnique: FileRule = (clusters) => unique(clusters, ['clusters'], 'cluster');

export const nothingIsClaimedTwice: FileRule = function* (clusters) {
  const owners = new Map<string, Claim & { cluster: string }>();
  for (const [cluster, index] of present(clusters)) {
    for (const claim of claimsOf(cluster, ['clusters', index])) {
      const owner = owners.get(claim.key);
      if (owner === undefined) owners.set(claim.key, { ...claim, cluster: cluster.id ?? '' });
      else yield refuse(claim.path, `${claim.what} is used by cluster ${owner.cluster} already: each needs its own`);
    }
  }
};

function* claimsOf(cluster: ClusterDraft, at: Path): Generator<Claim> {
  const region = cluster.region ?? '';
  for (const [node, index] of present(cluster.nodes)) {
    const { key, value } = node.adopt?.tag ?? {};
    if (key !== undefined && value !== undefined) {
      yield {
        what: `the node tagged ${key}=${value}`,
        key: claim('node', region, key, value),
        path: [...at, 'nodes', index, 'adopt', 'tag'],
      };
    }
  }
  const { host, port = DEFAULTS.database.port } = existingDatabaseOf(cluster);
  if (host !== undefined) {
    yield {
      what: `the PostgreSQL server ${host}:${port}`,
      key: claim('database', host.toLowerCase(), String(port)),
      path: [...at, 'database', 'existing', 'host'],
    };
  }
  for (const [vip, index] of present(cluster.vips)) {
    const path = [...at, 'vips', index];
    const { key, value } = (typeof vip.elasticIp === 'object' ? vip.elasticIp.adopt?.tag : undefined) ?? {};
    if (key !== undefined && value !== undefined) {
      yield {
        what: `the Elastic IP tagged ${key}=${value}`,
        key: claim('eip', region, key, value),
        path: [...path, 'elasticIp', 'adopt', 'tag'],
      };
    }
    // A private and a public record of one name (split horizon) live in two zones and do not collide.
    for (const kind of ['privateDns', 'publicDns'] as const) {
      const name = vip[kind]?.name;
      if (name !== undefined) yield { what: `the name ${name}`, key: claim(kind, name), path: [...path, kind, 'name'] };
    }
  }
}

/** The server and not its database: roles belong to the server, and each cluster sets passwords and locks of its own. */
const existingDatabaseOf = ({ database }: ClusterDraft) =>
  (typeof database === 'object' ? database.existing : undefined) ?? {};

const claim = (...parts: string[]): string => JSON.stringify(parts);

export const ownNetworksDoNotOverlap: FileRule = function* (clusters) {
  const own = [...present(clusters)].flatMap(([cluster, index]) => {
    const text = cluster.network?.create?.cidr;
    const cidr = text === undefined ? null : parseCidr(text);
    return text === undefined || cidr === null ? [] : [{ cluster, index, text, cidr }];
  });
  for (const [position, mine] of own.entries()) {
    const other = own
      .slice(0, position)
      .find(({ cluster, cidr }) => cluster.region === mine.cluster.region && overlaps(cidr, mine.cidr));
    if (other === undefined) continue;
    yield refuse(
      ['clusters', mine.index, 'network', 'create', 'cidr'],
      `${mine.text} overlaps ${other.text} of cluster ${other.cluster.id ?? ''} in the same region: the two could ` +
        'never be joined. Take another range',
    );
  }
};

/** Endpoints with private DNS and private zones can stand in a VPC once. */
export const sharedVpcsAreFurnishedOnce: FileRule = function* (clusters) {
  const furnished = new Map<string, string>();
  for (const [cluster, index] of present(clusters)) {
    const existing = cluster.network?.existing;
    if (existing?.vpcId === undefined) continue;
    yield* once(furnished, `endpoints ${existing.vpcId}`, cluster, existing.endpointsExist === true, {
      path: ['clusters', index, 'network', 'existing', 'endpointsExist'],
      message: (owner) => `cluster ${owner} makes the endpoints of this VPC: write endpointsExist: true here`,
    });
    const zones = new Set<string>();
    for (const [vip, position] of present(cluster.vips)) {
      const { zone, zoneId } = vip.privateDns ?? {};
      if (zone === undefined || zones.has(zone)) continue;
      zones.add(zone);
      yield* once(furnished, `zone ${existing.vpcId} ${zone}`, cluster, zoneId !== undefined, {
        path: ['clusters', index, 'vips', position, 'privateDns', 'zone'],
        message: (owner) =>
          `cluster ${owner} makes the zone ${zone} in this VPC: create it yourself and name its zoneId`,
      });
    }
  }
};

function* once(
  owners: Map<string, string>,
  thing: string,
  cluster: ClusterDraft,
  existsAlready: boolean,
  complaint: { path: Path; message: (owner: string) => string },
): Generator<Finding> {
  if (existsAlready) return;
  const owner = owners.get(thing);
  if (owner === undefined) owners.set(thing, cluster.id ?? '');
  else yield refuse(complaint.path, complaint.message(owner));
}
