import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { NODE_METRIC_NAMESPACE } from '../../freeswitch/host/cloudwatch-agent';
import { acknowledge } from '../acknowledge';
import { exact, wide, type Permission } from '../functions/permission';
import { readSecrets } from '../functions/secret-permissions';

export interface NodeRoleProps {
  /** Every secret that this node reads, and no other node's: ESL, its own login of the database, certificates. */
  secretArns: readonly string[];
  /** The node's archive: this object and no other. */
  archiveArn: string;
  /** The parameter that says which archive. */
  contentArn: string;
  logGroupArn: string;
  /** Whether an Elastic IP is known by its tag alone. */
  findsAddressesByTag: boolean;
  further: readonly Permission[];
}

/**
 * What one node may do: be reached through Session Manager, read what is its own, and tell how it is. A node that was
 * broken into can move no address, write no state, and read no other node's password.
 */
export class NodeRole extends Construct {
  readonly role: iam.Role;

  constructor(scope: Construct, id: string, props: NodeRoleProps) {
    super(scope, id);
    this.role = new iam.Role(this, 'Role', { assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com') });
    const permissions = [
      sessionManager(),
      ...readSecrets('OwnSecrets', props.secretArns),
      exact({ sid: 'OwnArchive', actions: ['s3:GetObject'], resources: [props.archiveArn] }),
      exact({ sid: 'OwnContent', actions: ['ssm:GetParameter'], resources: [props.contentArn] }),
      exact({
        sid: 'OwnLog',
        actions: ['logs:CreateLogStream', 'logs:DescribeLogStreams', 'logs:PutLogEvents'],
        resources: [props.logGroupArn],
      }),
      ownMetrics(),
      ...(props.findsAddressesByTag ? [findAddresses()] : []),
      ...props.further,
    ];
    for (const { statement, wildcards, because } of permissions) {
      this.role.addToPolicy(statement);
      const ids = wildcards.map((wildcard) => `AwsSolutions-IAM5[${wildcard}]`);
      if (because !== null) acknowledge(this.role, ids, because);
    }
  }
}

/** AmazonSSMManagedInstanceCore less its read of every parameter of the account. */
function sessionManager(): Permission {
  return wide(
    'The channels of Session Manager know no resource-level permissions (service authorization reference).',
    ['Resource::*'],
    {
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
    },
  );
}

function ownMetrics(): Permission {
  return wide('PutMetricData knows no resources; its condition names the one namespace.', ['Resource::*'], {
    sid: 'OwnMetrics',
    actions: ['cloudwatch:PutMetricData'],
    resources: ['*'],
    conditions: { StringEquals: { 'cloudwatch:namespace': NODE_METRIC_NAMESPACE } },
  });
}

function findAddresses(): Permission {
  return wide('DescribeAddresses knows no resource-level permissions; it reads.', ['Resource::*'], {
    sid: 'FindAdoptedAddresses',
    actions: ['ec2:DescribeAddresses'],
    resources: ['*'],
  });
}
