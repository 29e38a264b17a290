import { DEFAULTS } from './defaults';
import type { SourceRule } from './model';
import type { WrittenCluster } from './schema';
import { parsePortRange } from './schema-words';
import { plainPorts, tlsPorts, type PortSpan } from './sip-ports';

/** One rule for each sender, protocol and span. ESL is not among them: its rule is made beside the functions. */
export function resolveIngress({ callers, vips, rtpPorts }: WrittenCluster): SourceRule[] {
  const plain = vips.map(plainPorts);
  const open = {
    udp: distinct(plain),
    tcp: distinct([...plain, ...vips.flatMap((vip) => tlsPorts(vip) ?? [])]),
  };
  const sip = callers.sip.flatMap(({ from, description, protocols = DEFAULTS.sipProtocols, ports }) =>
    protocols.flatMap((protocol) =>
      (ports?.map((port) => ({ fromPort: port, toPort: port })) ?? open[protocol]).map((span) => ({
        protocol,
        ...span,
        sources: from,
        description,
      })),
    ),
  );
  const rtp = callers.rtp.map(({ from, description }) => ({
    protocol: 'udp' as const,
    ...parsePortRange(rtpPorts ?? DEFAULTS.rtpPorts),
    sources: from,
    description,
  }));
  return [...sip, ...rtp];
}

/** Two VIPs often listen on the same ports, and EC2 refuses the same rule twice. */
const distinct = (spans: PortSpan[]): PortSpan[] =>
  spans.filter((span, index) => {
    const first = spans.findIndex(({ fromPort, toPort }) => fromPort === span.fromPort && toPort === span.toPort);
    return first === index;
  });
