/** Names that the stacks, the functions' permissions and the operator's tools must agree on. */

/** Tag keys on everything that the control plane may touch. `lib/aws` reads and writes the same keys. */
export const TAGS = {
  cluster: 'understudy:cluster',
  node: 'understudy:node',
  vip: 'understudy:vip',
  /** The claim. Permissions hang on it: an address or an instance of another deployment is out of reach. */
  owner: 'understudy:owner',
  /** Written by the control plane on an Elastic IP: a restored table finds its last epoch again. */
  epoch: 'understudy:epoch',
} as const;

/** Namespace of the metrics that the functions write as log lines. Their one dimension is `cluster`. */
export const METRIC_NAMESPACE = 'Understudy';

/** @returns `main-line` -> `MainLine`: construct ids are Pascal case so that logical ids read well */
export function pascal(id: string): string {
  return id
    .split(/[^a-zA-Z0-9]+/)
    .filter((part) => part !== '')
    .map((part) => part[0]?.toUpperCase() + part.slice(1))
    .join('');
}

/** @returns `us-east-1a` -> `A`. Zones of one region differ in their last letter only. */
export const zoneLetter = (zone: string): string => zone.slice(-1).toUpperCase();

/** @returns the values without repetitions, in the order of their first appearance */
export const distinct = <T>(values: readonly T[]): T[] => [...new Set(values)];

/**
 * Looks up what the loader has promised to be there.
 *
 * @throws Error naming what is missing: a `ClusterConfig` made by hand may break the promise
 */
export function required<T>(value: T | null | undefined, what: string): T {
  if (value === null || value === undefined) throw new Error(`${what} is missing from the cluster's configuration`);
  return value;
}
