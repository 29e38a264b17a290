/**
 * What the functions may do to their state, to their surroundings and to each other, as statements: what, on which
 * resource, under which condition. A wildcard stands only where AWS knows nothing narrower, and the reason stands with
 * it (service authorization reference, per service).
 */
import { Aws, Fn } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as sns from 'aws-cdk-lib/aws-sns';
import { exact, wide, type Permission } from './permission';

// ---- state ------------------------------------------------------------------------------------------------------

interface TableArn {
  readonly tableArn: string;
}

const READ = ['dynamodb:GetItem', 'dynamodb:Query'];
/** TransactWriteItems needs no action of its own: each of its parts is authorized by itself. */
const WRITE = ['dynamodb:PutItem', 'dynamodb:UpdateItem'];

/** What not everybody needs: who decides checks other items, and who tidies deletes incidents that are over. */
export type FurtherTableAction = 'dynamodb:ConditionCheckItem' | 'dynamodb:DeleteItem';

export function readTable(table: TableArn, key: kms.IKey | null): Permission[] {
  return [exact({ sid: 'ReadState', actions: READ, resources: [table.tableArn] }), ...tableKey(key)];
}

/** Observers and the failover function share one protocol on one table: each reads and writes all kinds of items. */
export function useTable(
  table: TableArn,
  key: kms.IKey | null,
  ...further: readonly FurtherTableAction[]
): Permission[] {
  return [
    exact({ sid: 'ReadAndWriteState', actions: [...READ, ...WRITE, ...further], resources: [table.tableArn] }),
    ...tableKey(key),
  ];
}

/** The live items only: no journal, no incident, no audit. Evidence may be written, decisions may not. */
export function writeEvidence(table: TableArn, key: kms.IKey | null): Permission[] {
  return [
    exact({
      sid: 'LiveItemsOnly',
      actions: ['dynamodb:GetItem', 'dynamodb:PutItem'],
      resources: [table.tableArn],
      conditions: { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['live'] } },
    }),
    ...tableKey(key),
  ];
}

export function readStream(streamArn: string): Permission[] {
  return [
    exact({
      sid: 'ReadStream',
      actions: ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator'],
      resources: [streamArn],
    }),
    wide('ListStreams, which Lambda asks for a trigger, knows no resource-level permissions.', ['Resource::*'], {
      sid: 'FindStream',
      actions: ['dynamodb:ListStreams'],
      resources: ['*'],
    }),
  ];
}

function tableKey(key: kms.IKey | null): Permission[] {
  if (key === null) return [];
  return [
    exact({
      sid: 'StateKeyThroughDynamoDb',
      actions: ['kms:Decrypt', 'kms:DescribeKey', 'kms:GenerateDataKey', 'kms:Encrypt'],
      resources: [key.keyArn],
      conditions: { StringEquals: { 'kms:ViaService': Fn.join('', ['dynamodb.', Aws.REGION, '.amazonaws.com']) } },
    }),
  ];
}

// ---- the function itself ----------------------------------------------------------------------------------------

export function writeLogs(logGroupArn: string): Permission {
  return exact({
    sid: 'OwnLog',
    actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
    // CloudFormation gives the group's ARN with `:*` behind it: its streams, and nothing else.
    resources: [logGroupArn],
  });
}

/**
 * What the Lambda service needs to put a function into a VPC. The service takes it from the function's role, so the
 * function's own code would have it too: the second statement takes it away from code (Lambda guide, "Giving Lambda
 * functions access to resources in an Amazon VPC", which has this very pair).
 */
export function liveInVpc(): Permission[] {
  const actions = [
    'ec2:CreateNetworkInterface',
    'ec2:DescribeNetworkInterfaces',
    'ec2:DescribeSubnets',
    'ec2:DeleteNetworkInterface',
    'ec2:AssignPrivateIpAddresses',
    'ec2:UnassignPrivateIpAddresses',
  ];
  const because = 'The Lambda service makes network interfaces with ids that nobody knows before; code is denied them.';
  return [
    wide(because, ['Resource::*'], { sid: 'ServiceMakesInterfaces', actions, resources: ['*'] }),
    wide(because, ['Resource::*'], {
      sid: 'CodeDoesNot',
      effect: iam.Effect.DENY,
      actions,
      resources: ['*'],
      conditions: { Null: { 'lambda:SourceFunctionArn': 'false' } },
    }),
  ];
}

export function invoke(functions: readonly lambda.IFunction[]): Permission {
  return exact({
    sid: 'InvokeOurOwn',
    actions: ['lambda:InvokeFunction'],
    resources: functions.map((each) => each.functionArn),
  });
}

export function page(topic: sns.ITopic, key: kms.IKey): Permission[] {
  return [
    exact({ sid: 'Page', actions: ['sns:Publish'], resources: [topic.topicArn] }),
    exact({
      sid: 'PageKeyThroughSns',
      actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
      resources: [key.keyArn],
      conditions: { StringEquals: { 'kms:ViaService': Fn.join('', ['sns.', Aws.REGION, '.amazonaws.com']) } },
    }),
  ];
}

export function sendTo(queueArn: string): Permission {
  return exact({ sid: 'KeepFailedEvents', actions: ['sqs:SendMessage'], resources: [queueArn] });
}
