/** What a VIP is made of: candidates that exist, an address or a name, and profiles that are its own. */
import { present, type ClusterDraft } from '../draft';
import { refuse, warn, type ClusterRule } from '../finding';
import { closest } from '../key-hints';

/** Ids of all nodes; null when one of them could not be understood, so that nothing can be said to be missing. */
function nodeIds(cluster: ClusterDraft): string[] | null {
  const ids = cluster.nodes?.map((node) => node?.id);
  return ids === undefined || ids.includes(undefined) ? null : ids.flatMap((id) => id ?? []);
}

export const candidatesExist: ClusterRule = function* (cluster, at) {
  const ids = nodeIds(cluster);
  for (const [vip, index] of present(cluster.vips)) {
    const seen = new Set<string>();
    for (const [candidate, position] of present(vip.candidates)) {
      const path = [...at, 'vips', index, 'candidates', position];
      if (seen.has(candidate)) yield refuse(path, `${candidate} is a candidate already: name each node once`);
      seen.add(candidate);
      if (ids === null || ids.includes(candidate)) continue;
      const close = closest(candidate, ids);
      const hint = close === null ? `the nodes are ${ids.join(', ')}` : `did you mean ${close}?`;
      yield refuse(path, `no node is called ${candidate}: ${hint}`);
    }
  }
};

export const manualOnlyAreCandidates: ClusterRule = function* (cluster, at) {
  for (const [vip, index] of present(cluster.vips)) {
    const candidates = vip.candidates?.flatMap((id) => id ?? []) ?? [];
    if (candidates.length !== (vip.candidates?.length ?? -1)) continue; // half understood
    for (const [id, position] of present(vip.manualOnly)) {
      if (candidates.includes(id)) continue;
      yield refuse(
        [...at, 'vips', index, 'manualOnly', position],
        `${id} is no candidate of ${vip.id ?? 'this VIP'}, so nobody can choose it: write it among the candidates, too`,
      );
    }
  }
};

export const candidatesSpanTwoZones: ClusterRule = function* (cluster, at) {
  const zoneOf = new Map([...present(cluster.nodes)].map(([node]) => [node.id, node.zone]));
  const nodeZones = new Set(zoneOf.values());
  if (nodeZones.size < 2) return; // `nodesSpanTwoZones` refuses that
  for (const [vip, index] of present(cluster.vips)) {
    const candidates = vip.candidates?.map((id) => zoneOf.get(id ?? '')) ?? [];
    const zones = new Set(candidates);
    if (candidates.length > 1 && zones.size === 1 && !zones.has(undefined)) {
      yield warn(
        [...at, 'vips', index, 'candidates'],
        `all live in ${[...zones].join()}: its loss takes this VIP away`,
      );
    }
  }
};

export const vipsCanBeReached: ClusterRule = function* (cluster, at) {
  for (const [vip, index] of present(cluster.vips)) {
    const path = [...at, 'vips', index];
    if (typeof vip.elasticIp === 'object' && vip.publicDns !== undefined) {
      // It is found by its tag at deployment: no template knows the address that the record would need.
      yield refuse(
        [...path, 'publicDns'],
        'the name of an adopted Elastic IP stays yours: remove it here, it needs no change',
      );
    }
    if (vip.elasticIp !== 'none') continue;
    if (vip.privateDns === undefined) {
      yield refuse([...path, 'elasticIp'], 'nobody can reach a VIP with neither Elastic IP nor privateDns: add one');
    }
    if (vip.publicDns !== undefined) {
      yield refuse([...path, 'publicDns'], 'a public name points at the Elastic IP: remove it, or create or adopt one');
    }
  }
};

/**
 * A promotion acts on profiles, and recovery chooses rows by the profile's name alone (FACTS 8.2): one that two VIPs
 * share, even on different nodes, would take the calls of the other.
 */
export const profilesAreUnique: ClusterRule = function* (cluster, at) {
  const owners = new Map<string, string>();
  for (const [vip, index] of present(cluster.vips)) {
    const own = new Set<string>();
    for (const [profile, position] of present(vip.profiles)) {
      const path = [...at, 'vips', index, 'profiles', position];
      if (own.has(profile)) yield refuse(path, `${profile} is named twice: name each profile once`);
      own.add(profile);
      const other = owners.get(profile);
      if (other === undefined) continue;
      yield refuse(
        path,
        `${profile} belongs to VIP ${other}, and calls are recovered by the profile's name: give each VIP a profile of ` +
          `its own, for example external-${vip.id ?? 'name'}`,
      );
    }
    for (const profile of own) owners.set(profile, owners.get(profile) ?? vip.id ?? '');
  }
};
