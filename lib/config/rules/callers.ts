/** Nobody opens a switch to the whole internet by accident: toll fraud finds it within hours. */
import { formatCidr, parseCidr } from '../cidr';
import { present } from '../draft';
import { refuse, type ClusterRule } from '../finding';
import { isWholeInternet } from '../schema-words';

const CONSENT = 'iUnderstandTheWholeInternetCanReachThis';

export const sourcesAreChosen: ClusterRule = function* (cluster, at) {
  for (const kind of ['sip', 'rtp'] as const) {
    for (const [rule, index] of present(cluster.callers?.[kind])) {
      const path = [...at, 'callers', kind, index];
      const wide = [...present(rule.from)].filter(([source]) => isWholeInternet(source));
      for (const [source, position] of wide) {
        if (rule[CONSENT] === true) continue;
        yield refuse(
          [...path, 'from', position],
          `${source} lets strangers in: write the ranges of your carriers, or, if it must be, ${CONSENT}: true on this rule`,
        );
      }
      if (rule[CONSENT] === true && wide.length === 0 && rule.from !== undefined) {
        yield refuse(
          [...path, CONSENT],
          'no source here is wider than /8: remove this key, so that it keeps its meaning',
        );
      }
    }
  }
};

/** EC2 stores the canonical range, so a sloppy one would show as a change at every deployment. */
export const sourcesAreCanonical: ClusterRule = function* (cluster, at) {
  for (const kind of ['sip', 'rtp'] as const) {
    for (const [rule, index] of present(cluster.callers?.[kind])) {
      for (const [source, position] of present(rule.from)) {
        const cidr = parseCidr(source);
        if (cidr === null || formatCidr(cidr) === source) continue;
        yield refuse(
          [...at, 'callers', kind, index, 'from', position],
          `${source} has bits right of its prefix: write ${formatCidr(cidr)}`,
        );
      }
    }
  }
};
