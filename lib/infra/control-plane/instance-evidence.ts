import { Duration } from 'aws-cdk-lib';
import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import { Construct } from 'constructs';
import { watchFunction } from '../functions/function-alarms';
import { writeEvidence } from '../functions/permissions';
import { UnderstudyFunction } from '../functions/understudy-function';
import type { ClusterState } from '../state/cluster-state';

/**
 * EventBridge takes patterns of 2,048 characters, and refuses the deployment beyond. The ARN of an alarm may be 316 long:
 * CloudFormation makes its name of the stack's and the alarm's, up to 255.
 */
const ALARMS_A_RULE = 6;

export interface InstanceEvidenceProps {
  cluster: string;
  state: ClusterState;
  /** null when nodes are adopted: their ids are known at deployment only, and the function tells them apart. */
  instanceIds: readonly string[] | null;
  /** Alarms on the status checks of the nodes; adopted ones have none. */
  statusAlarms: readonly cloudwatch.IAlarm[];
}

/** Notes what EC2 says of the instances. Evidence, never a vote: a host that dies leaves its instance `running`. */
export class InstanceEvidenceWriter extends Construct {
  readonly writer: UnderstudyFunction;

  constructor(scope: Construct, id: string, props: InstanceEvidenceProps) {
    super(scope, id);
    const { state, cluster, instanceIds, statusAlarms } = props;
    this.writer = new UnderstudyFunction(this, 'Writer', {
      entry: 'ec2-evidence',
      description: `Understudy ${cluster}: notes what EC2 says of the instances`,
      memoryMb: 256,
      timeout: Duration.seconds(20),
      environment: { UNDERSTUDY_CLUSTER: cluster, UNDERSTUDY_TABLE: state.table.tableName },
    });
    this.writer.allow(...writeEvidence(state.table, state.tableKey));
    new events.Rule(this, 'StateChanges', {
      description: `Understudy ${cluster}: state changes of the instances`,
      eventPattern: {
        source: ['aws.ec2'],
        detailType: ['EC2 Instance State-change Notification'],
        ...(instanceIds === null ? {} : { detail: { 'instance-id': [...instanceIds] } }),
      },
      targets: [this.target()],
    });
    for (let first = 0; first < statusAlarms.length; first += ALARMS_A_RULE) {
      new events.Rule(this, first === 0 ? 'StatusChecks' : `StatusChecksFrom${first}`, {
        description: `Understudy ${cluster}: status checks of the instances`,
        eventPattern: {
          source: ['aws.cloudwatch'],
          detailType: ['CloudWatch Alarm State Change'],
          resources: statusAlarms.slice(first, first + ALARMS_A_RULE).map((alarm) => alarm.alarmArn),
        },
        targets: [this.target()],
      });
    }
    watchFunction(state.paging, this.writer, 'ec2-evidence');
  }

  /** An event happens once: it is worth retrying for as long as it says something about now. */
  private target(): targets.LambdaFunction {
    return new targets.LambdaFunction(this.writer.function, { retryAttempts: 3, maxEventAge: Duration.minutes(5) });
  }
}
