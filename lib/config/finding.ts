/** What a rule has to say about one place in the file. */
import type { ClusterDraft, Path } from './draft';

export interface Finding {
  /** An error refuses the file; a warning is printed and the deployment goes on. */
  severity: 'error' | 'warning';
  path: Path;
  /** What is wrong and what would be right, without the path. */
  message: string;
}

/** A rule about one cluster, which stands at `at` in the file. */
export type ClusterRule = (cluster: ClusterDraft, at: Path) => Iterable<Finding>;

/** A rule about the clusters of a file together. Undefined: a cluster that could not be understood at all. */
export type FileRule = (clusters: readonly (ClusterDraft | undefined)[]) => Iterable<Finding>;

export const refuse = (path: Path, message: string): Finding => ({ severity: 'error', path, message });

export const warn = (path: Path, message: string): Finding => ({ severity: 'warning', path, message });

/** A path as people read it: `clusters[0].nodes[1].zone`. */
export function formatPath(path: Path): string {
  const text = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`)).join('');
  return text.replace(/^\./, '') || '(the whole file)';
}
