import { Duration } from 'aws-cdk-lib';
import type { Paging } from '../paging';
import { SILENCE_IS_GOOD } from '../paging';
import type { UnderstudyFunction } from './understudy-function';

/**
 * Errors and throttles of one function. Functions of a deployment need none: CloudFormation shows their failures to
 * whoever deploys.
 */
export function watchFunction(paging: Paging, target: UnderstudyFunction, name: string): void {
  const period = Duration.minutes(1);
  paging.alarm(target, 'Errors', {
    metric: target.function.metricErrors({ period, statistic: 'Sum' }),
    comparison: 'at-least',
    threshold: 1,
    // One failed invocation is what retries and challengers are for.
    periods: 5,
    badPeriods: 3,
    says: `The function ${name} fails again and again.`,
    runbook: 'function-errors',
    missingData: SILENCE_IS_GOOD('Lambda writes this metric only when the function is invoked.'),
  });
  paging.alarm(target, 'Throttled', {
    metric: target.function.metricThrottles({ period, statistic: 'Sum' }),
    comparison: 'at-least',
    threshold: 1,
    periods: 5,
    badPeriods: 2,
    says: `Lambda turns invocations of ${name} away: the account's concurrency is used up.`,
    runbook: 'function-throttled',
    missingData: SILENCE_IS_GOOD('Lambda writes this metric only when the function is invoked.'),
  });
}
