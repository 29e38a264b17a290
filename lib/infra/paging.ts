import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type * as sns from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { METRIC_NAMESPACE } from './naming';

/** Headings of `docs/runbook.md`, as anchors. A test holds the two together. */
export type RunbookAnchor =
  | 'quorum-coverage-lost'
  | 'observer-blind'
  | 'esl-rejected'
  | 'no-eligible-standby'
  | 'failover-happened'
  | 'transition-stuck'
  | 'convergence-errors'
  | 'decision-errors'
  | 'drift-found'
  | 'rehearsal-errors'
  | 'function-errors'
  | 'function-throttled'
  | 'failed-events-waiting'
  | 'stream-behind'
  | 'table-throttled'
  | 'table-errors'
  | 'instance-status-check-failed'
  | 'without-standby'
  | 'call-survival-low'
  | 'gateways-unregistered'
  | 'certificate-runs-out'
  | 'database-away'
  | 'database-storage-low'
  | 'database-busy'
  | 'database-setup-failed'
  | 'database-rotation-failed';

/** What silence means, and why: the one property of an alarm that nobody can guess from the outside. */
export interface MissingData {
  treat: cloudwatch.TreatMissingData;
  because: string;
}

/** Nothing happened, and that is how it should be. */
export const SILENCE_IS_GOOD = (because: string): MissingData => ({
  treat: cloudwatch.TreatMissingData.NOT_BREACHING,
  because,
});

/** Whoever should be talking is gone. */
export const SILENCE_IS_BAD = (because: string): MissingData => ({
  treat: cloudwatch.TreatMissingData.BREACHING,
  because,
});

export interface PagingAlarmProps {
  metric: cloudwatch.IMetric;
  comparison: 'at-least' | 'below';
  threshold: number;
  /** Periods looked at, and how many of them must be bad (default: all). */
  periods?: number;
  badPeriods?: number;
  /** One sentence for whoever is woken by it. */
  says: string;
  runbook: RunbookAnchor;
  missingData: MissingData;
}

/** The way to a human: whoever makes a resource makes its alarms through this. */
export class Paging {
  constructor(
    readonly topic: sns.ITopic,
    readonly cluster: string,
    /** Where `docs/runbook.md` can be opened: a URL, or its path in the repository. */
    readonly runbookUrl: string,
  ) {}

  /** An alarm that pages when it is raised and when it is over. */
  alarm(scope: Construct, id: string, props: PagingAlarmProps): cloudwatch.Alarm {
    const periods = props.periods ?? 1;
    const alarm = new cloudwatch.Alarm(scope, id, {
      metric: props.metric,
      comparisonOperator: COMPARISONS[props.comparison],
      threshold: props.threshold,
      evaluationPeriods: periods,
      datapointsToAlarm: props.badPeriods ?? periods,
      treatMissingData: props.missingData.treat,
      alarmDescription: [
        `[${this.cluster}] ${props.says}`,
        `Runbook: ${this.runbookUrl}#${props.runbook}`,
        `No data: ${props.missingData.because}`,
      ].join(' | '),
    });
    alarm.addAlarmAction(new SnsAction(this.topic));
    alarm.addOkAction(new SnsAction(this.topic));
    return alarm;
  }

  /** A metric that a function of this cluster writes. */
  metric(name: string, statistic: string, period: Duration = Duration.minutes(1)): cloudwatch.Metric {
    return new cloudwatch.Metric({
      namespace: METRIC_NAMESPACE,
      metricName: name,
      dimensionsMap: { cluster: this.cluster },
      statistic,
      period,
    });
  }
}

const COMPARISONS = {
  'at-least': cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
  below: cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
} as const;
