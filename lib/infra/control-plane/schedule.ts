import { Duration } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import type { Construct } from 'constructs';
import type { UnderstudyFunction } from '../functions/understudy-function';

/** The shortest age EventBridge and Lambda know; a tick that is late is worth nothing, the next one is due. */
export const SCHEDULED_EVENT_AGE = Duration.seconds(60);

/** Invokes a function every minute. A lost tick is not made up for: the next one does the same work. */
export function everyMinute(
  scope: Construct,
  id: string,
  props: { target: UnderstudyFunction; description: string; payload: object },
): events.Rule {
  return new events.Rule(scope, id, {
    description: props.description,
    schedule: events.Schedule.rate(Duration.minutes(1)),
    targets: [
      new targets.LambdaFunction(props.target.function, {
        event: events.RuleTargetInput.fromObject(props.payload),
        retryAttempts: 0,
        maxEventAge: SCHEDULED_EVENT_AGE,
      }),
    ],
  });
}
