import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { page } from '../functions/permissions';
import type { Paging } from '../paging';
import type * as kms from 'aws-cdk-lib/aws-kms';

export interface DatabaseEventsProps {
  instanceArn: string;
  paging: Paging;
  topicKey: kms.IKey;
}

/**
 * Pages when RDS moves or fails. No metric says in which zone the primary is: whoever reads that it moved looks whether
 * it moved into the zone of a holder, where the two would be lost together.
 *
 * EventBridge publishes under a role of its own: with the service's own principal the topic and its key would have to
 * be open to the rules of other accounts, for the topic's policy knows no condition there (EventBridge guide).
 */
export class DatabaseEvents extends Construct {
  constructor(scope: Construct, id: string, { instanceArn, paging, topicKey }: DatabaseEventsProps) {
    super(scope, id);
    const role = new iam.Role(this, 'Role', { assumedBy: new iam.ServicePrincipal('events.amazonaws.com') });
    for (const { statement } of page(paging.topic, topicKey)) role.addToPolicy(statement);
    const text = [
      `[${paging.cluster}] The shared database: `,
      events.EventField.fromPath('$.detail.Message'),
      ` (${events.EventField.fromPath('$.detail.EventID')}, ${events.EventField.fromPath('$.time')})`,
      ` | Runbook: ${paging.runbookUrl}#database-moved`,
    ].join('');
    new events.Rule(this, 'Moved', {
      description: `Understudy ${paging.cluster}: the shared database moved or failed`,
      eventPattern: {
        source: ['aws.rds'],
        detailType: ['RDS DB Instance Event'],
        // https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Events.Messages.html
        detail: { SourceArn: [instanceArn], EventCategories: ['failover', 'failure', 'availability'] },
      },
      targets: [
        new targets.SnsTopic(paging.topic, {
          message: events.RuleTargetInput.fromText(text),
          role: role.withoutPolicyUpdates(),
          authorizeUsingRole: true,
        }),
      ],
    });
  }
}
