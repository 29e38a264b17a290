import { Aws } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import * as sns from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';

export interface PagingTopicProps {
  cluster: string;
  key: kms.IKey;
  emails: readonly string[];
}

/** Where everything goes that a human must know: alarms of CloudWatch and the stories of the failover function. */
export class PagingTopic extends Construct {
  readonly topic: sns.Topic;

  constructor(scope: Construct, id: string, props: PagingTopicProps) {
    super(scope, id);
    this.topic = new sns.Topic(this, 'Topic', {
      displayName: `Understudy ${props.cluster}`,
      masterKey: props.key,
      enforceSSL: true,
    });
    // A topic that has a policy of its own has lost the default one, by which alarms of the account may publish.
    this.topic.addToResourcePolicy(
      new iam.PolicyStatement({
        sid: 'AlarmsOfThisAccountPublish',
        principals: [new iam.ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [this.topic.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
      }),
    );
    for (const email of props.emails) this.topic.addSubscription(new EmailSubscription(email));
  }
}
