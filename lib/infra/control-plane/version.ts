import { createHash } from 'node:crypto';
import type { ClusterConfig } from '../../config/model';

/**
 * The deployment's version: another configuration or another code is another version, and observers of another
 * version give way. The same inputs give the same version, so that a deployment without changes disturbs nobody.
 *
 * @param codeHashes of the functions' bundles, in any order
 */
export function deploymentVersion(config: ClusterConfig, codeHashes: readonly string[]): string {
  const hash = createHash('sha256');
  hash.update(JSON.stringify(sorted(config)));
  for (const codeHash of [...new Set(codeHashes)].sort()) hash.update(codeHash);
  return hash.digest('hex').slice(0, 16);
}

/** The order of keys in a file means nothing. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => [key, sorted(item)]),
  );
}
