/** What FreeSWITCH is asked to do must be possible where it runs. */
import { DEFAULTS } from '../defaults';
import { present } from '../draft';
import { refuse, type ClusterRule } from '../finding';
import { parsePortRange } from '../schema-words';

/** A session is one leg, and a leg has an even port for RTP and the odd one above it for RTCP. */
export const mediaPortsCarrySessions: ClusterRule = function* (cluster, at) {
  const { fromPort, toPort } = parsePortRange(cluster.rtpPorts ?? DEFAULTS.rtpPorts);
  const sessions = cluster.freeswitch?.maxSessions ?? DEFAULTS.freeswitch.maxSessions;
  const pairs = Math.floor((toPort - fromPort + 1) / 2);
  if (pairs < 1 || pairs >= sessions) return; // a range that runs backwards is refused elsewhere
  const path = cluster.rtpPorts === undefined ? ['freeswitch', 'maxSessions'] : ['rtpPorts'];
  yield refuse(
    [...at, ...path],
    `rtpPorts ${fromPort}-${toPort} have ${pairs} pairs of ports, and freeswitch.maxSessions allows ${sessions} ` +
      `sessions of a pair each: widen rtpPorts, or write maxSessions: ${pairs} or fewer`,
  );
};

export const listsNameThingsOnce: ClusterRule = function* (cluster, at) {
  for (const kind of ['codecs', 'modules'] as const) {
    const seen = new Set<string>();
    for (const [item, index] of present(cluster.freeswitch?.[kind])) {
      if (seen.has(item)) {
        yield refuse([...at, 'freeswitch', kind, index], `${item} is named twice: name it once, where it counts`);
      }
      seen.add(item);
    }
  }
};

export const packagesCanBeReached: ClusterRule = function* (cluster, at) {
  if (cluster.network?.nodeEgress !== 'endpoints' || typeof cluster.freeswitch?.install !== 'object') return;
  yield refuse(
    [...at, 'freeswitch', 'install'],
    'with nodeEgress: endpoints no node reaches the packages: bake FreeSWITCH into the image and write install: image, ' +
      'or choose another nodeEgress',
  );
};
