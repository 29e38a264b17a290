import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import type { ClusterConfig, NetworkConfig } from '../../config/model';
import { acknowledge } from '../acknowledge';
import { distinct } from '../naming';
import { letIntoDatabase } from './database-rules';
import { makesEndpoints } from './endpoints';
import { profilePortsOf } from './profile-ports';

export interface ClusterSecurityGroupsProps {
  config: ClusterConfig;
  vpc: ec2.IVpc;
  /** The region's prefix list of DynamoDB, when known: the rule is then as narrow as the route already is. */
  dynamoDbPrefixListId?: string | undefined;
}

/**
 * Who may speak to whom. ESL, which is full control of a node, is open to the functions alone; SIP and RTP are open to
 * the configured sources alone.
 *
 * The groups live with the network, not with what they protect: nodes and functions are in stacks of their own, and
 * rules that name each other's group would make the stacks depend on each other in a circle.
 */
export class ClusterSecurityGroups extends Construct {
  readonly functions: ec2.SecurityGroup;
  readonly nodes: ec2.SecurityGroup;
  readonly endpoints: ec2.SecurityGroup;
  /** null unless the deployment makes the database. */
  readonly database: ec2.SecurityGroup | null;

  constructor(scope: Construct, id: string, props: ClusterSecurityGroupsProps) {
    super(scope, id);
    const group = (name: string, description: string): ec2.SecurityGroup =>
      new ec2.SecurityGroup(this, name, { vpc: props.vpc, description, allowAllOutbound: false });
    this.functions = group('Functions', 'Understudy: observers and node control');
    this.nodes = group('Nodes', 'Understudy: FreeSWITCH nodes');
    this.endpoints = group('Endpoints', 'Understudy: endpoints of AWS services');
    this.database =
      props.config.database.source === 'create' ? group('Database', 'Understudy: shared database of the nodes') : null;

    this.letFunctionsReachNodes(props.config);
    this.letFunctionsReachAdoptedNodes(props.config);
    this.letFunctionsReachAws(props.config.network, props.dynamoDbPrefixListId);
    this.letCallersIn(props.config);
    this.letNodesOut(props.config);
    letIntoDatabase(this, props.config, this);
  }

  private letFunctionsReachNodes(config: ClusterConfig): void {
    for (const port of distinct(config.nodes.map((node) => node.eslPort))) {
      this.functions.addEgressRule(this.nodes, ec2.Port.tcp(port), 'ESL of the nodes');
      this.nodes.addIngressRule(this.functions, ec2.Port.tcp(port), 'ESL, from the functions only');
    }
    for (const port of profilePortsOf(config.vips)) {
      this.functions.addEgressRule(this.nodes, ec2.Port.udp(port), 'SIP OPTIONS to the nodes');
      this.nodes.addIngressRule(this.functions, ec2.Port.udp(port), 'SIP OPTIONS of the functions');
    }
  }

  /**
   * Adopted nodes keep their own groups, which we neither know nor change: the functions' way out can name the network
   * alone. What those groups must admit stands in docs/operations.md. Of a VIP's profiles only the first is asked there.
   */
  private letFunctionsReachAdoptedNodes(config: ClusterConfig): void {
    const adopted = config.nodes.filter((node) => node.source === 'adopt');
    const carries = (vip: ClusterConfig['vips'][number]): boolean =>
      adopted.some((node) => vip.candidates.includes(node.id));
    const network = ec2.Peer.ipv4(config.network.cidr);
    for (const port of distinct(adopted.map((node) => node.eslPort))) {
      this.functions.addEgressRule(network, ec2.Port.tcp(port), 'ESL of adopted nodes');
    }
    for (const port of distinct(config.vips.filter(carries).map((vip) => vip.sipPort))) {
      this.functions.addEgressRule(network, ec2.Port.udp(port), 'SIP OPTIONS to adopted nodes');
    }
  }

  private letFunctionsReachAws(network: NetworkConfig, dynamoDbPrefixListId: string | undefined): void {
    const https = ec2.Port.tcp(443);
    const vpc = ec2.Peer.ipv4(network.cidr);
    // Of an endpoint that exists we know neither address nor group.
    this.functions.addEgressRule(makesEndpoints(network) ? this.endpoints : vpc, https, 'Secrets Manager');
    // Nodes resolve Secrets Manager to the same endpoint (its private name holds for the whole VPC): shut out here,
    // they could not read their own password by any way.
    this.endpoints.addIngressRule(this.functions, https, 'Functions');
    this.endpoints.addIngressRule(this.nodes, https, 'Nodes');
    // So does everybody else in a VPC that is not ours: its other tenants, adopted nodes, another cluster's functions.
    if (network.source === 'existing') {
      this.endpoints.addIngressRule(vpc, https, 'Everybody in this VPC, whose names lead here');
    }
    // A rule can name DynamoDB only by a list id that differs per region and cannot be looked up without an account.
    // Without it the rule is wide, and the subnets are what is narrow: their only route out leads to DynamoDB.
    const dynamoDb =
      dynamoDbPrefixListId === undefined ? ec2.Peer.anyIpv4() : ec2.Peer.prefixList(dynamoDbPrefixListId);
    this.functions.addEgressRule(dynamoDb, https, 'DynamoDB through its gateway endpoint');
  }

  private letCallersIn(config: ClusterConfig): void {
    for (const rule of config.ingress) {
      for (const source of rule.sources) {
        this.nodes.addIngressRule(peerOf(source), portsOf(rule), describe(rule.description));
      }
    }
    if (config.ingress.some((rule) => rule.sources.includes('0.0.0.0/0'))) {
      acknowledge(
        this.nodes,
        ['AwsSolutions-EC23'],
        'The configuration says on this very rule that the whole internet may call; it is never a default.',
      );
    }
    // Calls that bridge from one VIP into another, between nodes of this cluster, over private addresses.
    if (config.vips.length > 1) {
      for (const port of profilePortsOf(config.vips)) {
        this.nodes.addIngressRule(this.nodes, ec2.Port.udp(port), 'SIP between nodes');
      }
      const rtp = ec2.Port.udpRange(config.rtp.fromPort, config.rtp.toPort);
      this.nodes.addIngressRule(this.nodes, rtp, 'RTP between nodes');
    }
  }

  private letNodesOut(config: ClusterConfig): void {
    const anywhere = ec2.Peer.anyIpv4();
    // Media goes where the other side's SDP says, which is not where its signalling comes from.
    this.nodes.addEgressRule(anywhere, ec2.Port.udpRange(1024, 65_535), 'SIP and media to any peer');
    this.nodes.addEgressRule(anywhere, ec2.Port.tcp(443), 'Packages and AWS');
    for (const rule of config.ingress.filter(({ protocol }) => protocol === 'tcp')) {
      for (const source of rule.sources) {
        this.nodes.addEgressRule(peerOf(source), portsOf(rule), describe(`to ${rule.description}`));
      }
    }
  }
}

const peerOf = (source: string): ec2.IPeer =>
  source.startsWith('pl-') ? ec2.Peer.prefixList(source) : ec2.Peer.ipv4(source);

const portsOf = (rule: ClusterConfig['ingress'][number]): ec2.Port =>
  rule.protocol === 'udp'
    ? ec2.Port.udpRange(rule.fromPort, rule.toPort)
    : ec2.Port.tcpRange(rule.fromPort, rule.toPort);

/** EC2 takes 255 characters of a small alphabet (API reference, IpRange) and refuses the deployment otherwise. */
export const describe = (text: string): string =>
  text.replace(/[^a-zA-Z0-9. _\-:/()#,@[\]+=&;{}!$*]/g, ' ').slice(0, 255);
