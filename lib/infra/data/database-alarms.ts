import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { SILENCE_IS_BAD, type Paging } from '../paging';

const GIB = 2 ** 30;

/** A metric of RDS for one instance. */
export const databaseMetric = (instanceId: string, metricName: string, statistic: string): cloudwatch.Metric =>
  new cloudwatch.Metric({
    namespace: 'AWS/RDS',
    metricName,
    dimensionsMap: { DBInstanceIdentifier: instanceId },
    statistic,
    period: Duration.minutes(1),
  });

/** FreeSWITCH's pool holds 50 sessions at most, unless `max-db-handles` of switch.conf says otherwise. */
const SESSIONS_OF_A_NODE = 50;

/** What RDS says of the instance that the deployment made. */
export function watchInstance(
  scope: Construct,
  paging: Paging,
  { instanceId, storageGiB, nodes }: { instanceId: string; storageGiB: number; nodes: number },
): void {
  const silent = SILENCE_IS_BAD('RDS writes it every minute; silence means that the database is gone or away.');
  paging.alarm(scope, 'StorageLow', {
    metric: databaseMetric(instanceId, 'FreeStorageSpace', 'Minimum'),
    comparison: 'below',
    // RDS grows the volume at a tenth left, at most once in six hours: past that it does not keep up.
    threshold: storageGiB * 0.08 * GIB,
    periods: 5,
    says: 'The disk of the shared database fills faster than it grows. A full one stops registrations and tracking.',
    runbook: 'database-storage-low',
    missingData: silent,
  });
  paging.alarm(scope, 'ProcessorHigh', {
    metric: databaseMetric(instanceId, 'CPUUtilization', 'Average'),
    comparison: 'at-least',
    threshold: 85,
    periods: 10,
    badPeriods: 8,
    says: 'The shared database is short of processor. A slow one makes SIP of every node slow.',
    runbook: 'database-busy',
    missingData: silent,
  });
  paging.alarm(scope, 'ConnectionsHigh', {
    metric: databaseMetric(instanceId, 'DatabaseConnections', 'Maximum'),
    comparison: 'at-least',
    // Nodes whose pools are used up wait for each other, and SIP with them.
    threshold: 0.9 * SESSIONS_OF_A_NODE * nodes,
    periods: 5,
    badPeriods: 3,
    says: 'The nodes use up their sessions of the shared database. SIP waits for one; a recovery may get none.',
    runbook: 'database-busy',
    missingData: silent,
  });
}
