import { CfnOutput, CrossStackReferences, ReferenceStrength, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { ClusterConfig } from '../config/model';
import { buildCluster, type ClusterOptions, type ClusterParts } from './understudy-cluster';

/**
 * A cluster as six stacks, `Understudy-<cluster>-Network`, `-State`, `-Data`, `-Nodes`, `-ControlPlane` and
 * `-Observability`; without `-Data` where it has no database, without `-Nodes` where all that it would make is adopted.
 * Code is deployed often and nodes seldom: in stacks of their own a deployment of the one cannot touch the other.
 */
export function deployAsStacks(app: Construct, options: ClusterOptions): ClusterParts {
  const { config } = options;
  const stack = (part: string, description: string): Stack =>
    new Stack(app, `Understudy-${config.id}-${part}`, {
      description: `Understudy ${config.id}: ${description}`,
      env: { region: config.region, ...(config.account === '' ? {} : { account: config.account }) },
    } satisfies StackProps);
  const controlPlane = stack('ControlPlane', 'observers, failover, registration');
  const scopes = {
    network: stack('Network', 'VPC, subnets, security groups, endpoints'),
    state: stack('State', 'table, paging topic, ESL secret'),
    data: config.database.source === 'none' ? controlPlane : stack('Data', 'shared database, logins of the nodes'),
    // A stack without a resource cannot be deployed.
    nodes: makesAnything(config) ? stack('Nodes', 'FreeSWITCH nodes, Elastic IPs, names') : controlPlane,
    controlPlane,
    observability: stack('Observability', 'dashboard'),
  };
  // Nothing stands on a dashboard's references: they keep no observer or function from being left out.
  CrossStackReferences.of(scopes.observability).consume(ReferenceStrength.WEAK);
  const parts = buildCluster(scopes, options);
  // What an operator types or subscribes to.
  new CfnOutput(scopes.state, 'TableName', { value: parts.state.table.tableName });
  new CfnOutput(scopes.state, 'PagingTopicArn', { value: parts.state.paging.topic.topicArn });
  new CfnOutput(scopes.state, 'EslSecretArn', { value: parts.state.eslSecretArn });
  // Of the control plane for people; and the CDK's command passes by a stack whose template is the same, while the nodes
  // that these two refer to may be others.
  for (const scope of [scopes.controlPlane, scopes.observability]) {
    new CfnOutput(scope, 'Version', { value: parts.controlPlane.version });
  }
  return parts;
}

/** Whether the nodes' part has resources: with adopted nodes, addresses and zones it has none. */
function makesAnything({ nodes, vips }: ClusterConfig): boolean {
  return (
    nodes.some((node) => node.source === 'create') ||
    vips.some((vip) => vip.elasticIp.source === 'create' || vip.privateDns?.zoneId === null)
  );
}
