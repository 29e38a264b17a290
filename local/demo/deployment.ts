/** What the deployment made, found by asking CloudFormation and Lambda instead of guessing names. */
import {
  CloudFormationClient,
  DescribeStackResourcesCommand,
  DescribeStacksCommand,
} from '@aws-sdk/client-cloudformation';
import { LambdaClient, ListFunctionsCommand, type FunctionConfiguration } from '@aws-sdk/client-lambda';

import { UnderstudyError } from '../../lib/domain/errors';
import { awsClientConfig } from '../emulator/loopback';

/** The stacks do not hold what a cluster must have: the deployment is not one of ours, or half made. */
export class DeploymentIncomplete extends UnderstudyError {
  override readonly name = 'DeploymentIncomplete';
}

export interface Deployment {
  tableName: string;
  topicArn: string;
  secretArn: string;
  failoverFunction: string;
  /** All secrets of its stacks: the nodes' logins in the database are among them. */
  secretArns: string[];
  /** Zone -> observer function. */
  observers: Record<string, string>;
  /** Every function of the cluster, for the bench. */
  functions: { name: string; description: string; environment: Record<string, string> }[];
}

/** @param cluster id of the cluster; only stacks and functions of it are looked at */
export async function findDeployment(aws: { endpoint: string }, cluster: string): Promise<Deployment> {
  const resources = await listResources(aws, cluster);
  const only = (type: string): string => {
    const found = resources.filter((resource) => resource.type === type).map((resource) => resource.id);
    if (found.length === 1 && found[0] !== undefined) return found[0];
    throw new DeploymentIncomplete(`the stacks of ${cluster} have ${found.length} of ${type}, not one`);
  };
  const names = resources.filter((each) => each.type === 'AWS::Lambda::Function').map((each) => each.id);
  const functions = await listFunctions(aws, names);
  const failover = functions.find((each) => each.Environment?.Variables?.UNDERSTUDY_NODE_CONTROL !== undefined);
  if (failover?.FunctionName === undefined) throw new DeploymentIncomplete(`${cluster} has no failover function`);
  return {
    tableName: only('AWS::DynamoDB::Table'),
    topicArn: only('AWS::SNS::Topic'),
    secretArn: eslSecretOf(functions),
    failoverFunction: failover.FunctionName,
    secretArns: resources.filter((each) => each.type === 'AWS::SecretsManager::Secret').map((each) => each.id),
    observers: observersByZone(functions),
    functions: functions.map((each) => ({
      name: each.FunctionName ?? '',
      description: each.Description ?? '',
      environment: each.Environment?.Variables ?? {},
    })),
  };
}

/** From the functions: an adopted cluster's secret is in none of its stacks. */
function eslSecretOf(functions: FunctionConfiguration[]): string {
  const arns = functions.flatMap((each) => each.Environment?.Variables?.UNDERSTUDY_ESL_SECRET_ARN ?? []);
  if (arns[0] === undefined) throw new DeploymentIncomplete('no function knows the ESL secret');
  return arns[0];
}

function observersByZone(functions: FunctionConfiguration[]): Record<string, string> {
  const pairs = functions.flatMap((each) => {
    const variables = each.Environment?.Variables ?? {};
    const isObserver = variables.UNDERSTUDY_CONTROL_TARGETS !== undefined;
    return isObserver ? [[variables.UNDERSTUDY_ZONE ?? '', each.FunctionName ?? '']] : [];
  });
  return Object.fromEntries(pairs) as Record<string, string>;
}

async function listResources(aws: { endpoint: string }, cluster: string): Promise<{ type: string; id: string }[]> {
  const client = new CloudFormationClient(awsClientConfig(aws));
  try {
    const { Stacks: stacks = [] } = await client.send(new DescribeStacksCommand({}));
    const names = stacks
      .map((stack) => stack.StackName ?? '')
      .filter((name) => name.split('-').includes(cluster) || name.includes(`-${cluster}-`));
    const answers = await Promise.all(
      names.map((name) => client.send(new DescribeStackResourcesCommand({ StackName: name }))),
    );
    return answers.flatMap((answer) =>
      (answer.StackResources ?? []).map((resource) => ({
        type: resource.ResourceType ?? '',
        id: resource.PhysicalResourceId ?? '',
      })),
    );
  } finally {
    client.destroy();
  }
}

async function listFunctions(aws: { endpoint: string }, names: readonly string[]): Promise<FunctionConfiguration[]> {
  const client = new LambdaClient(awsClientConfig(aws));
  try {
    const found: FunctionConfiguration[] = [];
    let marker: string | undefined;
    do {
      const answer = await client.send(new ListFunctionsCommand(marker === undefined ? {} : { Marker: marker }));
      found.push(...(answer.Functions ?? []));
      marker = answer.NextMarker === '' ? undefined : answer.NextMarker;
    } while (marker !== undefined);
    return found.filter((each) => names.includes(each.FunctionName ?? ''));
  } finally {
    client.destroy();
  }
}
