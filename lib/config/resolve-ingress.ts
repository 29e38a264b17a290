import { DEFAULTS } from './defaults';
import { present, type ClusterDraft } from './draft';
import type { SourceRule } from './model';
import { parsePortRange } from './schema-words';
import { plainPorts, tlsPorts, type PortSpan } from './sip-ports';

/**
 * One rule for each sender, protocol and span. ESL is not among them: its rule is made beside the functions. Of a draft
 * what could be understood, for those who count the rules.
 */
export function resolveIngress({ callers, vips, rtpPorts }: ClusterDraft): SourceRule[] {
  const listening = itemsOf(vips);
  const plain = listening.map(plainPorts);
  const open = {
    udp: distinct(plain),
    tcp: distinct([...plain, ...listening.flatMap((vip) => tlsPorts(vip) ?? [])]),
  };
  const sip = itemsOf(callers?.sip).flatMap(
    ({ from, description = '', protocols = [...DEFAULTS.sipProtocols], ports }) =>
      itemsOf(protocols).flatMap((protocol) =>
        (ports === undefined ? open[protocol] : itemsOf(ports).map((port) => ({ fromPort: port, toPort: port }))).map(
          (span) => ({ protocol, ...span, sources: itemsOf(from), description }),
        ),
      ),
  );
  const rtp = itemsOf(callers?.rtp).map(({ from, description = '' }) => ({
    protocol: 'udp' as const,
    ...parsePortRange(rtpPorts ?? DEFAULTS.rtpPorts),
    sources: itemsOf(from),
    description,
  }));
  return [...sip, ...rtp];
}

const itemsOf = <T>(items: readonly (T | undefined)[] | undefined): T[] => [...present(items)].map(([item]) => item);

/** Two VIPs often listen on the same ports, and EC2 refuses the same rule twice. */
const distinct = (spans: PortSpan[]): PortSpan[] =>
  spans.filter((span, index) => {
    const first = spans.findIndex(({ fromPort, toPort }) => fromPort === span.fromPort && toPort === span.toPort);
    return first === index;
  });
