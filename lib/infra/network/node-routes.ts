import * as ec2 from 'aws-cdk-lib/aws-ec2';
import type { Construct } from 'constructs';
import type { ClusterConfig } from '../../config/model';
import { assertNever } from '../../domain/model';
import { distinct, required, zoneLetter } from '../naming';

export interface NodeRoutesProps {
  config: ClusterConfig;
  zone: string;
  subnet: ec2.PublicSubnet;
  natCidr: string | null;
  vpcId: string;
  internet: ec2.CfnInternetGateway;
  attachment: ec2.CfnVPCGatewayAttachment;
}

/** Routes that a route table holds by default, less the ones AWS puts there. */
const MAX_CALLER_ROUTES = 45;

/** The internet gateway beside the NAT gateway of one zone's node subnet. */
export interface WayPastNat {
  zone: string;
  routeTableId: string;
  internet: ec2.CfnInternetGateway;
  attachment: ec2.CfnVPCGatewayAttachment;
}

/** The VIPs whose Elastic IPs call each other. */
export const callEachOther = (vips: ClusterConfig['vips']): ClusterConfig['vips'] => {
  const made = vips.filter((vip) => vip.elasticIp.source === 'create');
  return made.length > 1 ? made : [];
};

/**
 * The ways out of one zone's node subnet.
 *
 * With `nat` a subnet has two ways out, and its default route can be only one of them. An Elastic IP answers through
 * the internet gateway, so the callers' networks (the sources of the ingress rules) are routed there by name, and
 * everything else, which is the nodes' own traffic, goes to the NAT gateway. So are the Elastic IPs of VIPs that call
 * each other, once they are made (`VipAddresses`).
 *
 * @returns null: the default route is the callers' own
 */
export function routeNodes(scope: Construct, props: NodeRoutesProps): WayPastNat | null {
  const egress = props.config.network.nodeEgress;
  switch (egress) {
    case 'public-ip':
    case 'endpoints':
      props.subnet.addDefaultInternetRoute(props.internet.ref, props.attachment);
      return null;
    case 'nat':
      return routeCallersPastNat(scope, props);
    default:
      assertNever(egress);
  }
}

function routeCallersPastNat(scope: Construct, props: NodeRoutesProps): WayPastNat {
  const { config, zone, subnet } = props;
  const letter = zoneLetter(zone);
  const natSubnet = new ec2.PublicSubnet(scope, `NatSubnet${letter}`, {
    vpcId: props.vpcId,
    availabilityZone: zone,
    cidrBlock: required(props.natCidr, `room for a NAT gateway in zone ${zone} (the network must be /23 or larger)`),
    mapPublicIpOnLaunch: false,
  });
  natSubnet.addDefaultInternetRoute(props.internet.ref, props.attachment);
  const nat = natSubnet.addNatGateway();
  nat.node.addDependency(props.attachment);
  subnet.addDefaultNatRoute(nat.attrNatGatewayId);

  const callers = distinct(config.ingress.flatMap((rule) => rule.sources)).filter(isPublicSource);
  if (callers.includes('0.0.0.0/0')) {
    throw new Error(
      `cluster ${config.id}: with nodeEgress "nat" the callers' networks must be named, because they are routed past ` +
        'the NAT gateway. Name them instead of 0.0.0.0/0, or choose "public-ip" or "endpoints".',
    );
  }
  const vips = callEachOther(config.vips).length;
  if (callers.length + vips > MAX_CALLER_ROUTES) {
    throw new Error(
      `cluster ${config.id}: ${callers.length} caller networks and ${vips} Elastic IPs do not fit into a route table with ` +
        `nodeEgress "nat" (at most ${MAX_CALLER_ROUTES} together). Name fewer, wider networks (a prefix list takes as many ` +
        'routes as its maximum of entries), or choose "public-ip" or "endpoints".',
    );
  }
  const way = {
    zone,
    routeTableId: subnet.routeTable.routeTableId,
    internet: props.internet,
    attachment: props.attachment,
  };
  callers.forEach((source, index) => {
    routePastNat(
      scope,
      `CallerRoute${letter}${index}`,
      way,
      source.startsWith('pl-') ? { destinationPrefixListId: source } : { destinationCidrBlock: source },
    );
  });
  return way;
}

export function routePastNat(
  scope: Construct,
  id: string,
  { routeTableId, internet, attachment }: WayPastNat,
  destination: { destinationPrefixListId: string } | { destinationCidrBlock: string },
): void {
  const route = new ec2.CfnRoute(scope, id, { routeTableId, gatewayId: internet.ref, ...destination });
  route.addResourceDependency(attachment);
}

/** Private callers come over peering or VPN, whose routes are theirs to make; the internet gateway drops them. */
function isPublicSource(source: string): boolean {
  return !/^(10\.|127\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.)/.test(source);
}
