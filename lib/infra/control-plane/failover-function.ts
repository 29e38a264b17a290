import { Duration, Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { SqsDlq } from 'aws-cdk-lib/aws-lambda-event-sources';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { ClusterConfig } from '../../config/model';
import { acknowledge } from '../acknowledge';
import { watchFunction } from '../functions/function-alarms';
import {
  lendVolumeKeys,
  lookAround,
  markAddresses,
  moveAddresses,
  moveNames,
  startNodes,
  stopNodes,
  type InterfaceScope,
  type VipName,
} from '../functions/address-permissions';
import { invoke, page, readStream, sendTo, useTable } from '../functions/permissions';
import { UnderstudyFunction } from '../functions/understudy-function';
import { ownerOf } from '../../domain/model';
import { required } from '../naming';
import { SILENCE_IS_GOOD } from '../paging';
import type { ClusterState } from '../state/cluster-state';
import { watchCalls, watchGateways } from './call-alarms';
import { watchFailovers } from './failover-alarms';
import type { NodeControlFunction } from './node-control-function';
import { everyMinute, SCHEDULED_EVENT_AGE } from './schedule';

export interface FailoverFunctionProps {
  config: ClusterConfig;
  state: ClusterState;
  nodeControls: readonly NodeControlFunction[];
  interfaces: InterfaceScope;
  names: readonly VipName[];
}

/** Makes the world agree with what was decided. Outside the VPC: it speaks to AWS alone. */
export class FailoverFunction extends Construct {
  readonly converger: UnderstudyFunction;
  readonly deadLetters: sqs.Queue;
  readonly trigger: lambda.EventSourceMapping;

  constructor(scope: Construct, id: string, props: FailoverFunctionProps) {
    super(scope, id);
    const { config, state } = props;
    this.converger = new UnderstudyFunction(this, 'Converger', {
      entry: 'failover',
      description: `Understudy ${config.id}: fences, moves addresses and names, promotes, proves, pages`,
      // Its start is a part of every outage: half a processor, and little to pay for a few seconds a minute.
      memoryMb: 1024,
      timeout: Duration.seconds(120),
      asynchronous: { retryAttempts: 0, maxEventAge: SCHEDULED_EVENT_AGE },
      environment: {
        UNDERSTUDY_CLUSTER: config.id,
        UNDERSTUDY_TABLE: state.table.tableName,
        UNDERSTUDY_TOPIC_ARN: state.paging.topic.topicArn,
        UNDERSTUDY_NODE_CONTROL: Stack.of(this).toJsonString(
          Object.fromEntries(props.nodeControls.map((each) => [each.zone, each.controller.function.functionName])),
        ),
        UNDERSTUDY_RUNBOOK_URL: state.paging.runbookUrl,
      },
    });
    this.deadLetters = this.makeDeadLetters();
    const streamArn = required(state.table.tableStreamArn, 'the stream of the table');
    this.grant(props, streamArn);
    this.trigger = this.triggerBy(streamArn);
    everyMinute(this, 'Schedule', {
      target: this.converger,
      description: `Understudy ${config.id}: converges even if an event was lost`,
      payload: { trigger: 'schedule' },
    });
    watchFunction(state.paging, this.converger, 'failover');
    watchFailovers(this, state.paging);
    watchGateways(this, state.paging);
    if (config.database.source !== 'none') watchCalls(this, state.paging);
    this.alarms(state);
  }

  private grant(props: FailoverFunctionProps, streamArn: string): void {
    const { state, config } = props;
    const owner = ownerOf(config.id);
    this.converger.allow(
      ...useTable(state.table, state.tableKey, 'dynamodb:ConditionCheckItem', 'dynamodb:DeleteItem'),
      ...readStream(streamArn),
      sendTo(this.deadLetters.queueArn),
      lookAround(),
      ...moveAddresses(owner, props.interfaces),
      markAddresses(owner),
      ...(config.policy.stopFailedNode ? [stopNodes(owner)] : []),
      ...(config.policy.restoreFailedNode ? [startNodes(owner), lendVolumeKeys()] : []),
      ...moveNames(props.names),
      invoke(props.nodeControls.map((each) => each.controller.function)),
      ...page(state.paging.topic, state.topicKey),
    );
  }

  private makeDeadLetters(): sqs.Queue {
    const queue = new sqs.Queue(this, 'DeadLetters', {
      encryption: sqs.QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
    acknowledge(queue, ['AwsSolutions-SQS3'], 'This is the dead-letter queue; an alarm tells when something is in it.');
    return queue;
  }

  /**
   * New journals and new incidents, one at a time and ten VIPs side by side; shards keep the order per VIP. From the
   * horizon, because a journal may be written between the making of the table and of this trigger, and an old record
   * does no harm: convergence asks the table what holds now. Retries end soon, because the schedule goes on.
   */
  private triggerBy(streamArn: string): lambda.EventSourceMapping {
    const written = (prefix: string, ...eventName: string[]) => ({
      pattern: JSON.stringify({ eventName, dynamodb: { Keys: { pk: { S: [{ prefix }] } } } }),
    });
    return new lambda.EventSourceMapping(this, 'Trigger', {
      target: this.converger.function,
      eventSourceArn: streamArn,
      startingPosition: lambda.StartingPosition.TRIM_HORIZON,
      // An incident of a later epoch overwrites the one before it: a MODIFY, and news all the same.
      filters: [written('vip#', 'INSERT'), written('incident#', 'INSERT', 'MODIFY')],
      batchSize: 1,
      parallelizationFactor: 10,
      retryAttempts: 3,
      bisectBatchOnError: true,
      maxRecordAge: Duration.minutes(5),
      onFailure: new SqsDlq(this.deadLetters),
    });
  }

  private alarms({ paging }: ClusterState): void {
    paging.alarm(this.deadLetters, 'Waiting', {
      metric: this.deadLetters.metricApproximateNumberOfMessagesVisible({
        period: Duration.minutes(1),
        statistic: 'Maximum',
      }),
      comparison: 'at-least',
      threshold: 1,
      says: 'A change of holder could not be worked off from the stream; the schedule goes on trying.',
      runbook: 'failed-events-waiting',
      missingData: SILENCE_IS_GOOD('SQS writes nothing for a queue that nobody uses.'),
    });
    paging.alarm(this, 'StreamBehind', {
      metric: this.converger.function.metric('IteratorAge', {
        period: Duration.minutes(1),
        statistic: cloudwatch.Stats.MAXIMUM,
      }),
      comparison: 'at-least',
      threshold: Duration.seconds(30).toMilliseconds(),
      periods: 3,
      badPeriods: 2,
      says: 'Decisions reach the failover function late: failovers start with the schedule, up to a minute later.',
      runbook: 'stream-behind',
      missingData: SILENCE_IS_GOOD('it is written only while records are read.'),
    });
  }
}
