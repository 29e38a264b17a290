/** A security group takes so many rules, and EC2 refuses the deployment that asks for one more. */
import { DEFAULTS } from '../defaults';
import { present, type ClusterDraft } from '../draft';
import { refuse, warn, type ClusterRule } from '../finding';
import { resolveIngress } from '../resolve-ingress';
import { plainPorts } from '../sip-ports';

/** Quota of AWS, "Inbound or outbound rules per security group". */
const RULES_A_GROUP = 60;
/** It can be raised until, times the groups of an interface, it comes to this. */
const MOST_RULES_A_GROUP = 1_000;

export const nodesGroupHoldsItsRules: ClusterRule = function* (cluster, at) {
  const needed = inboundRules(cluster);
  if (needed <= RULES_A_GROUP) return;
  const fewer = 'Fewer are needed with wider ranges, fewer protocols and fewer ports of their own';
  const says =
    `the nodes' security group needs ${needed} inbound rules, one for each source, protocol and span of ports and some ` +
    'of our own (a prefix list is counted as one here, and as its maximum of entries by AWS).';
  const path = [...at, 'callers'];
  yield needed > MOST_RULES_A_GROUP
    ? refuse(path, `${says} No quota of AWS goes beyond ${MOST_RULES_A_GROUP}. ${fewer}`)
    : warn(
        path,
        `${says} AWS takes ${RULES_A_GROUP} and refuses the deployment, unless "Inbound or outbound rules per security ` +
          `group" was raised in Service Quotas. ${fewer}`,
      );
};

/** Of the nodes' group, as `lib/infra/network/security-groups.ts` and `lib/infra/nodes/vip-addresses.ts` make them. */
export function inboundRules(cluster: ClusterDraft): number {
  const callers = resolveIngress(cluster).flatMap(({ protocol, fromPort, toPort, sources }) =>
    sources.map((source) => [source, protocol, fromPort, toPort].join(' ')),
  );
  const esl = [...present(cluster.nodes)].map(([node]) => node.eslPort ?? DEFAULTS.eslPort);
  const vips = [...present(cluster.vips)].map(([vip]) => vip);
  const sip = vips
    .map(plainPorts)
    .flatMap(({ fromPort, toPort }) => Array.from({ length: toPort - fromPort + 1 }, (_, index) => fromPort + index));
  const profiles = new Set(sip).size;
  const fromFunctions = new Set(esl).size + profiles;
  // Every profile's port and the media.
  const fromNodes = vips.length > 1 ? profiles + 1 : 0;
  const created = vips.filter(({ elasticIp }) => elasticIp === 'create').length;
  const fromVips = created > 1 ? created * (profiles + 1) : 0;
  return new Set(callers).size + fromFunctions + fromNodes + fromVips;
}
