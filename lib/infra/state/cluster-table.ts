import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import type * as kms from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import type { ClusterConfig } from '../../config/model';
import { SILENCE_IS_GOOD, type Paging } from '../paging';

export interface ClusterTableProps {
  config: ClusterConfig['state'];
  key: kms.IKey;
  paging: Paging;
}

/**
 * The state of the cluster, in one table on demand. `Table` and not `TableV2`: a cluster lives in one region, and a
 * global table's type brings replicas that a fencing token must never have.
 */
export class ClusterTable extends Construct {
  readonly table: dynamodb.Table;

  constructor(scope: Construct, id: string, props: ClusterTableProps) {
    super(scope, id);
    this.table = new dynamodb.Table(this, 'Table', {
      partitionKey: { name: 'pk', type: dynamodb.AttributeType.STRING },
      sortKey: { name: 'sk', type: dynamodb.AttributeType.STRING },
      billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
      stream: dynamodb.StreamViewType.NEW_IMAGE,
      timeToLiveAttribute: 'ttl',
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: props.config.deletionProtection,
      // Epochs are fencing tokens: a table that is lost by a mistaken delete would begin again at 1.
      removalPolicy: RemovalPolicy.RETAIN,
      // DEFAULT is the key that AWS owns: encrypted all the same, free, and no call to KMS stands before a decision.
      ...(props.config.customerManagedKey
        ? { encryption: dynamodb.TableEncryption.CUSTOMER_MANAGED, encryptionKey: props.key }
        : { encryption: dynamodb.TableEncryption.DEFAULT }),
    });
    this.alarms(props.paging);
  }

  private alarms(paging: Paging): void {
    const metric = (metricName: string, dimensions: Record<string, string> = {}): cloudwatch.Metric =>
      new cloudwatch.Metric({
        namespace: 'AWS/DynamoDB',
        metricName,
        dimensionsMap: { TableName: this.table.tableName, ...dimensions },
        statistic: 'Sum',
        period: Duration.minutes(1),
      });
    for (const kind of ['Read', 'Write'] as const) {
      paging.alarm(this, `${kind}Throttled`, {
        metric: metric(`${kind}ThrottleEvents`),
        comparison: 'at-least',
        threshold: 1,
        periods: 5,
        badPeriods: 2,
        says: `DynamoDB throttles ${kind.toLowerCase()}s of the cluster table: observers may lose their votes.`,
        runbook: 'table-throttled',
        missingData: SILENCE_IS_GOOD('DynamoDB writes this metric only when it throttles.'),
      });
    }
    // The read that observers live by, and the write that a failover is.
    for (const operation of ['Query', 'TransactWriteItems'] as const) {
      paging.alarm(this, `${operation}Errors`, {
        metric: metric('SystemErrors', { Operation: operation }),
        comparison: 'at-least',
        threshold: 1,
        periods: 5,
        badPeriods: 2,
        says: `DynamoDB fails at ${operation}: while it does, no failover can be decided.`,
        runbook: 'table-errors',
        missingData: SILENCE_IS_GOOD('DynamoDB writes this metric only when it fails.'),
      });
    }
  }
}
