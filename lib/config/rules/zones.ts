/** Where nodes and observers live. */
import { present } from '../draft';
import { refuse, warn, type ClusterRule } from '../finding';

/** Names like us-east-1a. Local Zones and Wavelength Zones (us-east-1-bos-1a) are refused with them. */
const belongs = (zone: string, region: string): boolean =>
  zone.length === region.length + 1 && zone.startsWith(region) && /[a-f]$/.test(zone);

const wrongRegion = (zone: string, region: string): string =>
  `${zone} is not a zone of ${region}: write one like ${region}a (an Elastic IP moves only within its own region, ` +
  'and not to a Local Zone)';

export const zonesBelongToRegion: ClusterRule = function* (cluster, at) {
  const { region } = cluster;
  if (region === undefined) return;
  for (const [node, index] of present(cluster.nodes)) {
    if (node.zone !== undefined && !belongs(node.zone, region)) {
      yield refuse([...at, 'nodes', index, 'zone'], wrongRegion(node.zone, region));
    }
  }
  for (const [zone, index] of present(cluster.observers)) {
    if (!belongs(zone, region)) yield refuse([...at, 'observers', index], wrongRegion(zone, region));
  }
  for (const zone of Object.keys(cluster.network?.existing?.zones ?? {})) {
    if (!belongs(zone, region)) {
      yield refuse([...at, 'network', 'existing', 'zones', zone], wrongRegion(zone, region));
    }
  }
};

export const nodesSpanTwoZones: ClusterRule = function* (cluster, at) {
  const nodes = [...present(cluster.nodes)];
  const zones = new Set(nodes.map(([node]) => node.zone));
  // Where a zone could not be understood, whether there are two is not known either.
  if (nodes.length < 2 || nodes.length !== cluster.nodes?.length || zones.has(undefined)) return;
  if (zones.size === 1) {
    yield refuse(
      [...at, 'nodes'],
      `all nodes live in ${[...zones].join()}: put them into at least two zones, or the loss of one takes them all`,
    );
  }
};

export const observersAreDistinct: ClusterRule = function* (cluster, at) {
  const seen = new Set<string>();
  for (const [zone, index] of present(cluster.observers)) {
    if (seen.has(zone)) yield refuse([...at, 'observers', index], `${zone} has an observer already: one a zone`);
    seen.add(zone);
  }
};

/** What a number of observers other than three (or five) means, which is not an error but should be known. */
const OBSERVER_WARNINGS: Readonly<Record<number, string>> = {
  1: 'one observer decides alone: its own network trouble looks like the death of a node. Three zones are recommended',
  2:
    'with two observers both must agree, so the loss of a zone pages and does not fail over by itself. ' +
    'Three zones are recommended, also where nodes live in two',
  4: 'four observers survive the loss of one zone, as three do, and cost more: use three or five',
};

export const observersMakeAMajority: ClusterRule = function* (cluster, at) {
  const warning = OBSERVER_WARNINGS[new Set(cluster.observers).size];
  if (warning !== undefined) yield warn([...at, 'observers'], warning);
};
