import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { acknowledge } from '../acknowledge';

/**
 * What a node may do: be reached through Session Manager, and read its ESL password. A node that was broken into can
 * move no address and write no state.
 */
export class NodeRole extends Construct {
  readonly role: iam.Role;

  constructor(scope: Construct, id: string, eslSecretArn: string) {
    super(scope, id);
    this.role = new iam.Role(this, 'Role', { assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com') });
    // AmazonSSMManagedInstanceCore less its read of every parameter of the account.
    this.role.addToPolicy(
      new iam.PolicyStatement({
        sid: 'SessionManager',
        actions: [
          'ssm:UpdateInstanceInformation',
          'ssmmessages:CreateControlChannel',
          'ssmmessages:CreateDataChannel',
          'ssmmessages:OpenControlChannel',
          'ssmmessages:OpenDataChannel',
          'ec2messages:AcknowledgeMessage',
          'ec2messages:DeleteMessage',
          'ec2messages:FailMessage',
          'ec2messages:GetEndpoint',
          'ec2messages:GetMessages',
          'ec2messages:SendReply',
        ],
        resources: ['*'],
      }),
    );
    this.role.addToPolicy(
      new iam.PolicyStatement({
        sid: 'OwnEslPassword',
        actions: ['secretsmanager:GetSecretValue'],
        resources: [eslSecretArn],
      }),
    );
    acknowledge(
      this.role,
      ['AwsSolutions-IAM5[Resource::*]'],
      'The channels of Session Manager know no resource-level permissions (service authorization reference).',
    );
  }
}
