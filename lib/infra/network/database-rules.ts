import * as ec2 from 'aws-cdk-lib/aws-ec2';
import type { Construct } from 'constructs';
import type { ClusterConfig } from '../../config/model';
import { assertNever } from '../../domain/model';

/** PostgreSQL's own port. A database that the deployment makes listens there. */
export const POSTGRES_PORT = 5432;

export interface DatabaseGroups {
  functions: ec2.SecurityGroup;
  nodes: ec2.SecurityGroup;
  /** null unless the deployment makes the database. */
  database: ec2.SecurityGroup | null;
}

/** Nodes and functions may speak to the shared database, and nobody else may speak to one that we make. */
export function letIntoDatabase(scope: Construct, config: ClusterConfig, groups: DatabaseGroups): void {
  const { database } = config;
  switch (database.source) {
    case 'none':
      return;
    case 'create':
      if (groups.database !== null) openOurs(config, groups, groups.database);
      return;
    case 'existing':
      openTheirs(scope, config, database, groups);
      return;
    default:
      assertNever(database);
  }
}

function openOurs(config: ClusterConfig, { functions, nodes }: DatabaseGroups, group: ec2.SecurityGroup): void {
  const port = ec2.Port.tcp(POSTGRES_PORT);
  for (const [client, who] of [
    [functions, 'functions'],
    [nodes, 'nodes'],
  ] as const) {
    client.addEgressRule(group, port, 'Shared database');
    group.addIngressRule(client, port, `PostgreSQL, from the ${who}`);
  }
  // Adopted nodes keep their own groups, which we neither know nor change: the network alone can be named.
  if (config.nodes.some((node) => node.source === 'adopt')) {
    group.addIngressRule(ec2.Peer.ipv4(config.network.cidr), port, 'PostgreSQL, from adopted nodes');
  }
}

function openTheirs(
  scope: Construct,
  config: ClusterConfig,
  database: Extract<ClusterConfig['database'], { source: 'existing' }>,
  { functions, nodes }: DatabaseGroups,
): void {
  const { port, securityGroupId } = database;
  // Without a group the host's place is unknown, and inside the network is the narrowest that can be said of it.
  const peer =
    securityGroupId === null ? ec2.Peer.ipv4(config.network.cidr) : ec2.Peer.securityGroupId(securityGroupId);
  for (const [client, who] of [
    [functions, 'Functions'],
    [nodes, 'Nodes'],
  ] as const) {
    client.addEgressRule(peer, ec2.Port.tcp(port), 'Shared database');
    if (securityGroupId === null) continue;
    new ec2.CfnSecurityGroupIngress(scope, `DatabaseFrom${who}`, {
      groupId: securityGroupId,
      ipProtocol: 'tcp',
      fromPort: port,
      toPort: port,
      sourceSecurityGroupId: client.securityGroupId,
      description: `Understudy ${config.id}: PostgreSQL, from the ${who.toLowerCase()}`,
    });
  }
}
