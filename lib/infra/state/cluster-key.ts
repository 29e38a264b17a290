import { Aws, Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';

/**
 * The cluster's key. It encrypts the paging topic, because CloudWatch cannot publish to a topic under the key that AWS
 * manages for SNS (its policy cannot be changed), and the table where that is asked for.
 * It stays when the stack goes: without it the table that stays could never be read again.
 */
export class ClusterKey extends Construct {
  readonly key: kms.Key;

  constructor(scope: Construct, id: string, cluster: string) {
    super(scope, id);
    this.key = new kms.Key(this, 'Key', {
      description: `Understudy ${cluster}: paging topic and table`,
      enableKeyRotation: true,
      rotationPeriod: Duration.days(365),
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
    this.key.addToResourcePolicy(
      new iam.PolicyStatement({
        sid: 'AlarmsPublishToTheEncryptedTopic',
        principals: [new iam.ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['kms:Decrypt', 'kms:GenerateDataKey*'],
        resources: ['*'],
        conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
      }),
    );
  }
}
