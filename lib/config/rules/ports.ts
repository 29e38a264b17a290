/** Ports do not meet: what is open to callers is never ESL, and a SIP port is never a media port. */
import { present, type ClusterDraft } from '../draft';
import { refuse, type ClusterRule } from '../finding';
import { DEFAULTS } from '../defaults';
import { parsePortRange } from '../schema-words';

const eslPorts = (cluster: ClusterDraft): Set<number> =>
  new Set([...present(cluster.nodes)].map(([node]) => node.eslPort ?? DEFAULTS.eslPort));

const rangeOf = (cluster: ClusterDraft) => parsePortRange(cluster.rtpPorts ?? DEFAULTS.rtpPorts);

export const rtpRangeIsSane: ClusterRule = function* (cluster, at) {
  if (cluster.rtpPorts === undefined) return;
  const { fromPort, toPort } = rangeOf(cluster);
  const path = [...at, 'rtpPorts'];
  if (fromPort < 1024 || toPort > 65_535) {
    yield refuse(path, `${cluster.rtpPorts} leaves the usable ports: stay within 1024-65535`);
  } else if (fromPort >= toPort) {
    yield refuse(path, `${cluster.rtpPorts} runs backwards: write the lower port first`);
  } else if (fromPort % 2 === 1) {
    yield refuse(path, `the range must begin with an even port, because RTP takes even ports: write ${fromPort + 1}`);
  }
};

/** SIP ports of VIPs and of callers' rules, with the paths where they stand. */
function* sipPorts(cluster: ClusterDraft): Generator<[port: number, path: (string | number)[]]> {
  for (const [vip, index] of present(cluster.vips)) {
    yield [vip.sipPort ?? DEFAULTS.sipPort, ['vips', index, ...(vip.sipPort === undefined ? [] : ['sipPort'])]];
  }
  for (const [rule, index] of present(cluster.callers?.sip)) {
    for (const [port, position] of present(rule.ports)) yield [port, ['callers', 'sip', index, 'ports', position]];
  }
}

export const portsDoNotMeet: ClusterRule = function* (cluster, at) {
  const esl = eslPorts(cluster);
  const { fromPort, toPort } = rangeOf(cluster);
  for (const [port, path] of sipPorts(cluster)) {
    if (esl.has(port)) {
      yield refuse(
        [...at, ...path],
        `${port} is the ESL port of a node: callers must never reach ESL, so take another`,
      );
    }
    if (fromPort <= port && port <= toPort) {
      yield refuse([...at, ...path], `SIP port ${port} lies in the RTP range ${fromPort}-${toPort}: take another`);
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
