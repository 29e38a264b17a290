/** Every id names one thing: node and VIP ids are keys of the state, and VIP ids are FreeSWITCH variables. */
import { present, type Path } from '../draft';
import { refuse, type ClusterRule, type Finding } from '../finding';

export const idsAreUnique: ClusterRule = function* (cluster, at) {
  yield* unique(cluster.nodes, [...at, 'nodes'], 'node');
  yield* unique(cluster.vips, [...at, 'vips'], 'VIP');
};

/** Also used for the clusters of a file. */
export function* unique(
  items: readonly ({ id?: string | undefined } | undefined)[] | undefined,
  at: Path,
  what: string,
): Generator<Finding> {
  const seen = new Set<string>();
  for (const [{ id }, index] of present(items)) {
    if (id === undefined) continue;
    if (seen.has(id)) yield refuse([...at, index, 'id'], `another ${what} is called ${id}: give each an id of its own`);
    seen.add(id);
  }
}
