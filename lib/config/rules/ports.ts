/** Ports do not meet: what is open to callers is never ESL, and a SIP port is never a media port. */
import { present, type ClusterDraft } from '../draft';
import { refuse, type ClusterRule } from '../finding';
import { DEFAULTS } from '../defaults';
import { parsePortRange } from '../schema-words';
import { plainPorts, tlsPorts, type PortSpan } from '../sip-ports';

const LAST_PORT = 65_535;

const eslPorts = (cluster: ClusterDraft): Set<number> =>
  new Set([...present(cluster.nodes)].map(([node]) => node.eslPort ?? DEFAULTS.eslPort));

const rangeOf = (cluster: ClusterDraft) => parsePortRange(cluster.rtpPorts ?? DEFAULTS.rtpPorts);

export const rtpRangeIsSane: ClusterRule = function* (cluster, at) {
  if (cluster.rtpPorts === undefined) return;
  const { fromPort, toPort } = rangeOf(cluster);
  const path = [...at, 'rtpPorts'];
  if (fromPort < 1024 || toPort > LAST_PORT) {
    yield refuse(path, `${cluster.rtpPorts} leaves the usable ports: stay within 1024-${LAST_PORT}`);
  } else if (fromPort >= toPort) {
    yield refuse(path, `${cluster.rtpPorts} runs backwards: write the lower port first`);
  } else if (fromPort % 2 === 1) {
    yield refuse(path, `the range must begin with an even port, because RTP takes even ports: write ${fromPort + 1}`);
  }
};

/** SIP ports of VIPs and of callers' rules, with the paths where they stand. */
function* sipPorts(cluster: ClusterDraft): Generator<[ports: PortSpan, path: (string | number)[]]> {
  for (const [vip, index] of present(cluster.vips)) {
    yield [plainPorts(vip), ['vips', index, ...(vip.sipPort === undefined ? [] : ['sipPort'])]];
    const tls = tlsPorts(vip);
    if (tls !== null) yield [tls, ['vips', index, 'tls', ...(vip.tls?.port === undefined ? [] : ['port'])]];
  }
  for (const [rule, index] of present(cluster.callers?.sip)) {
    for (const [port, position] of present(rule.ports)) {
      yield [{ fromPort: port, toPort: port }, ['callers', 'sip', index, 'ports', position]];
    }
  }
}

/** The lowest port that two spans have in common; null when they have none. */
function shared(a: PortSpan, b: PortSpan): number | null {
  const port = Math.max(a.fromPort, b.fromPort);
  return port <= Math.min(a.toPort, b.toPort) ? port : null;
}

/** Each profile of a VIP has a port of its own, without TLS and with it: all bind the same address. */
export const profilesHaveTheirPorts: ClusterRule = function* (cluster, at) {
  for (const [vip, index] of present(cluster.vips)) {
    const plain = plainPorts(vip);
    const tls = tlsPorts(vip);
    const path = [...at, 'vips', index];
    for (const [key, span] of [
      ['sipPort', plain],
      ['tls', tls],
    ] as const) {
      if (span === null || span.toPort <= LAST_PORT) continue;
      yield refuse([...path, key], `the last profile would listen on ${span.toPort}: begin at a lower port`);
    }
    const port = tls === null ? null : shared(plain, tls);
    if (port === null) continue;
    yield refuse(
      [...path, 'tls'],
      `a profile of this VIP listens on ${port} without TLS already (each profile after the first takes the next port): ` +
        `write tls.port: ${plain.toPort + 1} or another above`,
    );
  }
};

export const portsDoNotMeet: ClusterRule = function* (cluster, at) {
  const esl = [...eslPorts(cluster)];
  const rtp = rangeOf(cluster);
  const { fromPort, toPort } = rtp;
  for (const [ports, path] of sipPorts(cluster)) {
    const control = esl.find((port) => ports.fromPort <= port && port <= ports.toPort);
    if (control !== undefined) {
      yield refuse(
        [...at, ...path],
        `${control} is the ESL port of a node: callers must never reach ESL, so take another`,
      );
    }
    const media = shared(ports, rtp);
    if (media !== null) {
      yield refuse([...at, ...path], `SIP port ${media} lies in the RTP range ${fromPort}-${toPort}: take another`);
    }
  }
  for (const [node, index] of present(cluster.nodes)) {
    const port = node.eslPort ?? DEFAULTS.eslPort;
    if (fromPort <= port && port <= toPort) {
      const key = node.eslPort === undefined ? [] : ['eslPort'];
      yield refuse([...at, 'nodes', index, ...key], `ESL port ${port} lies in the RTP range ${fromPort}-${toPort}`);
    }
  }
};
